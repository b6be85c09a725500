/** What one part of the configuration means for another: the checks that the schema cannot make. Pure. */
import { certificateFindings } from './certificate-checks.ts'
import { discoveryFindings } from './discovery-checks.ts'
import type { Finding } from './fault.ts'
import { issuerFindings } from './issuer-checks.ts'
import { meshFindings } from './mesh-checks.ts'
import { processFindings } from './process-checks.ts'
import type { Sketch } from './sketch.ts'

export function crossFindings(sketch: Sketch): Finding[] {
  return [
    ...issuerFindings(sketch),
    ...certificateFindings(sketch),
    ...processFindings(sketch),
    ...meshFindings(sketch),
    ...discoveryFindings(sketch),
  ]
}
