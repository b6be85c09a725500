/** Of routes and policies of Istio and the Gateway API on the way to port 80. Pure. One line each. */
import type { Rule } from '../objects.ts'
import { authorization } from './authorization.ts'
import { externalAuthorization } from './external-authorization.ts'
import { httpsRedirect } from './https-redirect.ts'
import { hiddenResponder } from './hidden-responder.ts'
import { http2Port } from './http2-port.ts'
import { lostPrefix } from './lost-prefix.ts'
import { missingGrant } from './missing-grant.ts'
import { mutualTls } from './mutual-tls.ts'
import { noMatchPort } from './no-match-port.ts'
import { noSectionName } from './no-section-name.ts'
import { notOnPort80 } from './not-on-port-80.ts'
import { redirectLoop } from './redirect-loop.ts'
import { routeLoop } from './route-loop.ts'
import { takenOver } from './taken-over.ts'
import { temporaryRedirect } from './temporary-redirect.ts'

export const meshRules: readonly Rule[] = [
  httpsRedirect, //
  takenOver,
  noMatchPort,
  lostPrefix,
  authorization,
  externalAuthorization,
  notOnPort80,
  redirectLoop,
  routeLoop,
  mutualTls,
  hiddenResponder,
  http2Port,
  missingGrant,
  noSectionName,
  temporaryRedirect,
]
