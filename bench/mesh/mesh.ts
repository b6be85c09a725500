/** `npm run bench -- mesh`: everything that is measured behind a real gateway, in one installation. Takes root. */
import type { Figure } from '../figures.ts'
import { benchFailover } from './failover.ts'
import { growTo, memoryWith } from './memory.ts'
import { openPlace, type Place } from './place.ts'
import { benchPropagation } from './propagation.ts'
import { benchThroughput } from './throughput.ts'
import { benchWanted } from './wanted.ts'

export interface MeshOptions {
  readonly quick: boolean
  /** Some of the parts, by name; all of them when it is empty. */
  readonly only: readonly string[]
}

type Part = (place: Place, directory: string, quick: boolean) => Promise<Figure[]>

/** In this order: the last ones leave much behind. */
const parts: Readonly<Record<string, Part>> = {
  memory: (place) => memoryWith(place, '1 certificate'),
  propagation: (place, _directory, quick) => benchPropagation(place, quick ? 20 : 100),
  throughput: (place, directory, quick) =>
    benchThroughput(place, directory, { rounds: quick ? 3 : 7, seconds: 2, connections: 16 }),
  wanted: (place, _directory, quick) =>
    benchWanted(place, quick ? { rounds: 5, many: 20, upgrades: 1 } : { rounds: 30, many: 100, upgrades: 3 }),
  failover: (place, _directory, quick) =>
    benchFailover(place, quick ? { kills: 1, stops: 2 } : { kills: 4, stops: 6 }),
  many: async (place, _directory, quick) => {
    const total = quick ? 100 : 1_000
    const grown = await growTo(place, total)
    return [...grown, ...(await memoryWith(place, `${total.toLocaleString('en')} certificates`))]
  },
}

export const meshParts = Object.keys(parts)

export async function benchMesh(directory: string, { quick, only }: MeshOptions): Promise<Figure[]> {
  const place = await openPlace()
  const figures: Figure[] = []
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (only.length > 0 && !only.includes(name)) continue
      const began = performance.now()
      process.stderr.write(` ${name}\n`)
      figures.push(...(await part(place, directory, quick)))
      process.stderr.write(` ${name}: ${Math.round((performance.now() - began) / 1_000)} s\n`)
    }
  } finally {
    await place.close()
  }
  return figures
}
