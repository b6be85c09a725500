/** Every rule of lint. Pure. One line each. */
import type { Rule } from '../objects.ts'
import { foreignSecret } from './foreign-secret.ts'
import { genericKeys } from './generic-keys.ts'
import { gatewayRights } from './gateway-rights.ts'
import { expiring } from './expiring.ts'
import { missingSecret } from './missing-secret.ts'
import { otherNames } from './other-names.ts'
import { publicClientCa } from './public-client-ca.ts'
import { sharedCertificate } from './shared-certificate.ts'
import { mismatchedKey } from './mismatched-key.ts'
import { meshRules } from './mesh-rules.ts'

export const rules: readonly Rule[] = [
  ...meshRules, //
  mismatchedKey,
  genericKeys,
  foreignSecret,
  gatewayRights,
  expiring,
  missingSecret,
  otherNames,
  publicClientCa,
  sharedCertificate,
]
