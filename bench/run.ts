/**
 * `npm run bench`: everything that section "speed" of the documents states, measured in one run on this machine, as a
 * table and as JSON in bench/results/. Arguments choose parts (`npm run bench -- redirect start`), `--only` some of the
 * mesh's (`npm run bench -- mesh --only propagation --only failover`); `--quick` takes fewer rounds and lets the other
 * clients obtain ten of the hundred certificates. Needs Linux with two cores, and root for the mesh.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installed, type PeerName } from '../test/bench/peers/install.ts'
import { compile } from './compiled.ts'
import { formatTable, reached, type Figure } from './figures.ts'
import { benchIssue } from './issue.ts'
import { benchMesh, meshParts } from './mesh/mesh.ts'
import { benchPlan } from './plan.ts'
import { benchRedirect } from './redirect.ts'
import { benchStart } from './start.ts'
import { benchTokens } from './tokens.ts'

interface Part {
  readonly needs: readonly PeerName[]
  run(directory: string, quick: boolean, only: readonly string[]): Promise<Figure[]> | Figure[]
}

const parts: Readonly<Record<string, Part>> = {
  plan: { needs: [], run: () => benchPlan() },
  start: {
    needs: ['pebble', 'pebble-challtestsrv'],
    run: (directory, quick) => benchStart(directory, quick ? 5 : 11),
  },
  redirect: {
    needs: ['pebble', 'pebble-challtestsrv', 'nginx', 'wrk'],
    run: (directory, quick) =>
      benchRedirect(directory, { rounds: quick ? 3 : 7, seconds: 4, connections: 64 }),
  },
  tokens: {
    needs: ['nginx', 'wrk'],
    run: (directory, quick) => benchTokens(directory, { rounds: quick ? 3 : 5, seconds: 3, connections: 64 }),
  },
  issue: {
    needs: ['pebble', 'pebble-challtestsrv', 'certbot', 'lego-driver'],
    run: (directory, quick) =>
      benchIssue(directory, { rounds: quick ? 3 : 5, many: 100, measured: quick ? 10 : 100 }),
  },
  mesh: {
    needs: [
      ...([
        'etcd',
        'kube-apiserver',
        'kube-controller-manager',
        'pilot-discovery',
        'pilot-agent',
        'envoy',
      ] as const),
      ...(['pebble', 'pebble-challtestsrv', 'helm', 'nginx', 'wrk'] as const),
    ],
    run: (directory, quick, only) => benchMesh(directory, { quick, only }),
  },
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, only: { type: 'string', multiple: true } },
  })
  const chosen = Object.entries(parts).filter(
    ([name]) => positionals.length === 0 || positionals.includes(name),
  )
  if (chosen.length === 0) throw new Error(`parts are ${Object.keys(parts).join(', ')}`)
  const { quick = false, only = [] } = values
  if (!only.every((name) => meshParts.includes(name)))
    throw new Error(`parts of the mesh are ${meshParts.join(', ')}`)
  if (cpus().length < 2) throw new Error('the bench needs two cores: one for the server, one for the load')
  const peers = await peersOf(chosen.flatMap(([, part]) => part.needs))
  await compile()
  const directory = mkdtempSync(join(tmpdir(), 'port80-bench-'))
  const figures: Figure[] = []
  try {
    for (const [name, part] of chosen) {
      process.stderr.write(`${name}\n`)
      figures.push(...(await part.run(directory, quick, only)))
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  console.log(formatTable(figures))
  console.log(`\nwritten to ${write(figures, peers, quick)}`)
  return figures.every((figure) => reached(figure) !== false) ? 0 : 1
}

async function peersOf(names: readonly PeerName[]): Promise<Record<string, string>> {
  const peers: Record<string, string> = {}
  for (const name of new Set(names)) peers[name] = (await installed(name)).version
  return peers
}

/** One file a run; the machine is described by what matters for the figures, never by its name. */
function write(figures: readonly Figure[], peers: Record<string, string>, quick: boolean): string {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const at = new Date().toISOString()
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    platform: process.platform,
  }
  const rows = figures.map((figure) => ({ ...figure, reached: reached(figure) }))
  const file = join(folder, `${at.replaceAll(':', '-')}.json`)
  writeFileSync(file, `${JSON.stringify({ at, quick, machine, peers, figures: rows }, undefined, 2)}\n`)
  return file
}

const code = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  return 2
})
// Not by exitCode: after an error a server that was started may still run, and ends with this process.
process.exit(code)
