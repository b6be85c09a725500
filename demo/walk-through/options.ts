/** The command line of the walk-through. */
import { parseArgs } from 'node:util'
import { breaks, type Break } from './breaks.ts'

export const exitCodes = {
  /** Ended as asked: Ctrl-C, SIGTERM, or --for. */
  done: 0,
  /** A part ended by itself, or a certificate did not come. */
  failed: 1,
  usage: 2,
  configuration: 3,
  portBusy: 4,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export type PortName = 'public' | 'admin' | 'gateway' | 'ca'

export interface WalkThroughOptions {
  /** Another folder than .port80; the configuration is then a copy in it. */
  readonly directory?: string
  /** Ports that differ from demo/port80.yaml. */
  readonly ports: Readonly<Partial<Record<PortName, number>>>
  /** Ends by itself after so many seconds. */
  readonly forSeconds?: number
  /** Of the certificates. */
  readonly lifetimeSeconds: number
  /** The mistake to make in front of port80. */
  readonly mistake?: Break
}

export type ParsedOptions =
  { readonly run: WalkThroughOptions } | { readonly help: string } | { readonly fault: string }

export const helpText = `The walk-through: a test CA, port80 and a gateway on this machine, for real.

Usage: npm start [-- OPTIONS]

  --public-port N    listeners.public.port (challenges and redirects) instead of the one in demo/port80.yaml
  --admin-port N     listeners.admin.port (status, metrics)
  --gateway-port N   redirect.httpsPort, where the demo gateway listens
  --ca-port N        port of issuers.demo.directory, where the test CA listens
  --directory DIR    keys, state and certificates go there instead of .port80
  --lifetime SECONDS lifetime of the certificates (default 600); the first renewal comes after about a tenth of it
  --break WHAT       one mistake in front of port80, and what it says of it: redirect, auth, route or dns
  --for SECONDS      ends by itself after so long
  --help             this help

With a port or a directory given, port80 runs on a copy of demo/port80.yaml in that folder. To start afresh, remove it.

Exit codes:
  0  ended as asked (Ctrl-C, SIGTERM, --for)
  1  a part of it ended by itself, or a certificate did not come
  2  the command line is wrong
  3  demo/port80.yaml cannot be used
  4  a port is busy; nothing was started
`

const text = { type: 'string' } as const
const known = {
  'public-port': text,
  'admin-port': text,
  'gateway-port': text,
  'ca-port': text,
  directory: text,
  lifetime: text,
  break: text,
  for: text,
  help: { type: 'boolean', short: 'h' },
} as const

export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    const { values } = parseArgs({ args: [...args], options: known })
    if (values.help) return { help: helpText }
    const { directory, lifetime, for: span, break: mistake } = values
    return {
      run: {
        ports: portsOf(values),
        lifetimeSeconds: lifetime === undefined ? 600 : number('lifetime', lifetime, [20, 7_776_000]),
        ...(directory !== undefined && { directory }),
        ...(mistake !== undefined && { mistake: breakOf(mistake) }),
        ...(span !== undefined && { forSeconds: number('for', span, [1, 86_400]) }),
      },
    }
  } catch (error) {
    return { fault: error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'cannot be read' }
  }
}

function breakOf(value: string): Break {
  const found = breaks.find((one) => one === value)
  if (found !== undefined) return found
  throw new Error(`--break is one of ${breaks.join(', ')}, not ${JSON.stringify(value.slice(0, 20))}`)
}

function portsOf(
  values: Readonly<Record<string, string | boolean | undefined>>,
): WalkThroughOptions['ports'] {
  const ports: Partial<Record<PortName, number>> = {}
  for (const name of ['public', 'admin', 'gateway', 'ca'] as const) {
    const value = values[`${name}-port`]
    if (typeof value === 'string') ports[name] = number(`${name}-port`, value, [1, 65_535])
  }
  return ports
}

function number(option: string, value: string, [least, most]: readonly [number, number]): number {
  const parsed = /^\d{1,8}$/.test(value) ? Number(value) : NaN
  if (parsed >= least && parsed <= most) return parsed
  throw new Error(
    `--${option} is a whole number from ${least} to ${most}, not ${JSON.stringify(value.slice(0, 20))}`,
  )
}
