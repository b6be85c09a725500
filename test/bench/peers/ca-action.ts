/** What a request to Pebble is about, by its path (Pebble's paths differ from other CAs' on purpose). Pure. */

const actionOfPath = [
  ['/dir', 'directory'],
  ['/nonce-plz', 'newNonce'],
  ['/sign-me-up', 'newAccount'],
  ['/my-account/', 'account'],
  ['/order-plz', 'newOrder'],
  ['/my-order/', 'order'],
  ['/authZ/', 'authorization'],
  ['/chalZ/', 'challenge'],
  ['/finalize-order/', 'finalize'],
  ['/certZ/', 'certificate'],
  ['/revoke-cert', 'revokeCert'],
  ['/rollover-account-key', 'keyChange'],
  ['/draft-ietf-acme-ari-03/renewalInfo', 'renewalInfo'],
] as const
export type CaAction = (typeof actionOfPath)[number][1] | 'other'

export function actionOf(path: string): CaAction {
  return actionOfPath.find(([start]) => path.startsWith(start))?.[1] ?? 'other'
}
