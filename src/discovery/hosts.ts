/** Hosts of a Gateway → names that HTTP-01 can validate, and the rest with the reason. Pure. */
import { identifierFault } from '../config/identifier.ts'
import { shown } from './claim.ts'

export interface ReadHosts {
  /** Lower case, each once, in the order of the object. */
  readonly names: readonly string[]
  /** One line each. */
  readonly skipped: readonly string[]
}

/**
 * In `shop/book.example.com` or `./book.example.com` the part before the slash says which VirtualServices may bind, which
 * is nothing to a certificate: https://istio.io/latest/docs/reference/config/networking/gateway/#Server
 */
export function readHosts(hosts: readonly string[]): ReadHosts {
  const names = new Set<string>()
  const skipped: string[] = []
  for (const host of hosts) {
    const name = host.slice(host.indexOf('/') + 1).toLowerCase()
    const why = whyNot(name)
    if (why === undefined) names.add(name)
    else skipped.push(`host ${shown(host)} is left out: it ${why}`)
  }
  return { names: [...names], skipped }
}

function whyNot(name: string): string | undefined {
  if (name === '*') return 'is every host, and a certificate lists its names; write each one'
  return identifierFault(name)
}
