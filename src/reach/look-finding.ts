/** A judgement about one way to a host as a finding. Pure. */
import type { Finding } from '../finding/finding.ts'
import { mendingOf, type Judgement } from './answer.ts'

/** `at`: pod or address; the host itself where there is none. `ca`: its name in CAA records. */
export function findingOf(
  { code, seen, mend }: Judgement,
  host: string,
  at: string,
  ca = 'your-ca.example',
): Finding {
  return {
    code,
    object: { kind: 'Host', name: host },
    host,
    seen: (at === host ? seen : `${at}: ${seen}`).slice(0, 300),
    fix: { do: 'act', words: mendingOf(code, { host, at, ca }, mend) },
  }
}
