/** What a process of `port80 serve` does. Pure. */

/** all: both halves; responder: answers and redirects; worker: orders and renews, when it leads. */
export const serveRoles = ['all', 'responder', 'worker'] as const
export type ServeRole = (typeof serveRoles)[number]

/** The option before the environment (PORT80_ROLE) before `all`; or what is wrong with it. */
export function roleOf(
  option: string | undefined,
  environment: string | undefined,
): { readonly role: ServeRole } | { readonly fault: string } {
  const given = option ?? (environment === '' ? undefined : environment) ?? 'all'
  const role = serveRoles.find((each) => each === given)
  if (role !== undefined) return { role }
  const where = option === undefined ? 'PORT80_ROLE' : '--role'
  return { fault: `${where} is ${JSON.stringify(given.slice(0, 40))}; write ${serveRoles.join(', ')}` }
}
