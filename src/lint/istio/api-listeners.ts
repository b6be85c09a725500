/** Listeners of the Gateway API, as far as they speak for a host. Pure. */
import type { MeshObjects } from '../objects.ts'
import { covers } from './host-pattern.ts'

/** Whether some listener for plain http takes the host; one without a hostname takes every host. */
export function listensFor({ apiGateways }: MeshObjects, host: string): boolean {
  return apiGateways.some(({ spec }) =>
    spec.listeners.some(
      ({ protocol, hostname }) =>
        protocol.toUpperCase() === 'HTTP' && covers(hostname === '' ? '*' : hostname.toLowerCase(), host),
    ),
  )
}
