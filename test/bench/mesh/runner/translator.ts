/** Keeps the addresses of Services leading to their endpoints, in the namespace that routes between the pods. */
import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { Network } from '../network.ts'
import { translation, type ServiceView } from './services.ts'

export interface Translator {
  /** Soon: changes that come together are applied together. */
  set(views: readonly ServiceView[]): void
  close(): Promise<void>
}

const togetherMs = 20

export function translator(network: Network): Translator {
  let wanted = ''
  let applied = ''
  let working = Promise.resolve()
  const work = async () => {
    if (wanted === applied) return
    await pause(togetherMs)
    const rules = wanted
    await load(network, rules)
    applied = rules
  }
  return {
    set(views) {
      wanted = translation(views)
      working = working.then(work)
    },
    close: () => working,
  }
}

/** The pods' default route leads to the bridge, so that is where their packets to a Service pass. */
function load(network: Network, rules: string): Promise<void> {
  const bridge = { name: `port80-${network.subnet.split('.')[1]}`, ip: '', remove: async () => {} }
  const [command = '', ...args] = network.inside(bridge, ['nft', '-f', '-'])
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, (error, _, stderr) => {
      if (error) reject(new Error(`nft: ${stderr}`))
      else resolve()
    })
    child.stdin?.end(rules)
  })
}
