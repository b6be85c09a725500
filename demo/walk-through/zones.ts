/** What the DNS of the walk-through says of its names, wrongly and rightly. Pure. */
import type { Zone, Zones } from '../dns/answer.ts'

/** Where the front door is: on IPv4 alone. */
const right: Zone = { four: ['127.0.0.1'] }

/** The two mistakes that people make: an AAAA record that leads elsewhere, and a name that nobody has entered. */
const wrong: readonly (Zone | undefined)[] = [undefined, { ...right, six: ['::1'] }]

export function rightZones(names: readonly string[]): Zones {
  return Object.fromEntries(names.map((name) => [name, right]))
}

/** One mistake after the other, so that both are there where there are two names. */
export function wrongZones(names: readonly string[]): Zones {
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const zone = wrong[index % wrong.length]
      return zone ? [[name, zone]] : []
    }),
  )
}
