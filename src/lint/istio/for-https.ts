/** VirtualServices that are for https and say no port, so that they are on port 80 too. Pure. */
import type { JsonPatch } from '../kubectl-command.ts'
import { isHttps, serversAt, virtualHost, type View, type VirtualService } from './virtual-host.ts'

/**
 * Port of a server for https where the VirtualService leads the host to some application; undefined where there is none, or
 * where one of its matches is for port 80, or where sidecars have it too (`mesh`), whose ports are others.
 */
export function httpsPortOf(service: VirtualService, host: string, view: View): number | undefined {
  const { gateways, http } = service.spec
  const saysPort80 = http.some(({ match }) => match.some(({ port }) => port === 80))
  if (saysPort80 || gateways.includes('mesh')) return undefined
  const at = serversAt(view, isHttps).find((place) =>
    virtualHost(view, [place], host)?.routes.some(
      (one) => one.service === service && one.route.route.length > 0,
    ),
  )
  return at?.server.port?.number
}

/** Every route of it that is for any port, to that one alone. */
export function keptToPort({ spec }: VirtualService, port: number): JsonPatch[] {
  return [...spec.http.entries()].flatMap(([index, { match }]): JsonPatch[] => {
    const path = `/spec/http/${index}/match`
    if (match.length === 0) return [{ op: 'add', path, value: [{ port }] }]
    return [...match.entries()].flatMap(([at, one]): JsonPatch[] =>
      one.port === 0 ? [{ op: 'add', path: `${path}/${at}/port`, value: port }] : [],
    )
  })
}
