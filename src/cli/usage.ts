/** What the command line understands, as data: the parser, `--help` and the README's table come from it. Pure. */

export interface Option {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly value?: string
  readonly help: string
}

export interface Command {
  /** Words and placeholders: `config validate`, `issue NAME`. */
  readonly usage: string
  readonly summary: string
  readonly help: string
  /** Takes any number of FILE, where `usage` says so. */
  readonly files?: boolean
  readonly options?: Readonly<Record<string, Option>>
  /** Takes one host or more. */
  readonly hosts?: true
  readonly examples: readonly string[]
}

export const exitCodes = {
  done: 0,
  notAsWanted: 1,
  usage: 2,
  configuration: 3,
  unavailable: 4,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const exitCodeHelp: readonly (readonly [ExitCode, string])[] = [
  [0, 'done, and all is well'],
  [1, 'not as wanted: an order failed, a certificate is not ready, check or lint found something'],
  [2, 'the command line is wrong'],
  [3, 'the configuration is wrong'],
  [4, 'something needed is not there: a port is busy, the store cannot be read, nobody answers'],
]

/** Options that every command takes. */
export const commonOptions: Readonly<Record<string, Option>> = {
  config: {
    type: 'string',
    short: 'c',
    value: 'FILE',
    help: 'the configuration; ./port80.yaml when it is there, else the embedded defaults',
  },
  json: { type: 'boolean', help: 'one JSON document on stdout instead of text' },
  help: { type: 'boolean', short: 'h', help: 'this help' },
}

export const commands = {
  serve: {
    usage: 'serve',
    summary: 'answer challenges, redirect, order and renew',
    help: 'Runs both servers and the worker until SIGTERM or SIGINT. A second signal ends it at once. Any number of processes may share a store: one worker leads, the others stand by. The configuration is watched: a good change is applied, a bad one is refused and shown.',
    options: {
      role: {
        type: 'string',
        value: 'ROLE',
        help: 'all (the default), responder (answers and redirects) or worker (orders and renews); also PORT80_ROLE',
      },
    },
    examples: ['port80 serve --config port80.yaml', 'port80 serve --role responder'],
  },
  plan: {
    usage: 'plan',
    summary: 'what the worker would do now, and why; does nothing',
    help: 'Reads configuration, state and destinations and prints the very plan that the worker carries out. Writes nothing and asks no CA.',
    examples: ['port80 plan', 'port80 plan --json'],
  },
  status: {
    usage: 'status',
    summary: 'every certificate: state, reason, what happens next',
    help: 'Asks the running port80 (admin listener of the configuration); when none answers, reads the store. Exit code 1 when a certificate is not ready.',
    examples: ['port80 status', 'port80 status --json | jq .certificates'],
  },
  issue: {
    usage: 'issue NAME',
    summary: 'order a certificate now if it is due, without waiting for its back-off',
    help: 'Hands the wish to the worker that leads, and waits for the outcome; when none runs, this command is the worker for that one certificate. Limits of the CA are respected all the same.',
    examples: ['port80 issue book'],
  },
  renew: {
    usage: 'renew NAME',
    summary: 'order a certificate now although it is not due',
    help: 'As issue, but a certificate that is up to date is ordered again.',
    examples: ['port80 renew book'],
  },
  check: {
    usage: 'check HOST...',
    summary: 'would the CA reach us for these names, is the redirect right, what is served?',
    help: 'Puts a one-off token into the store and asks for it as the CA would: through each gateway pod (selfCheck.gateways) and at each public A and AAAA address, which come from resolvers of the configuration. Judges CAA, says which replica answered, looks at the redirect, and compares the certificate served with the stored one. All hosts side by side, 3 seconds at most once the cluster has said what its Gateways are; what is not known by then is told as such (exit code 4). Gateway pods that a machine outside the cluster cannot reach are told as not judged, which is no failure; the public addresses are judged all the same. Costs no CA request. In a cluster it needs the right to create and delete ConfigMaps in the namespace of port80. Exit code 1 when something is wrong; a warning is not. Findings are explained in docs/findings.',
    hosts: true,
    examples: ['port80 check book.example.com', 'port80 check book.example.com shop.example.com --json'],
  },
  lint: {
    usage: 'lint [FILE]...',
    summary:
      'what in the objects of the mesh breaks challenges, redirects or certificates, and how it is mended',
    help: 'Reads Gateways, VirtualServices, HTTPRoutes, Services, Secrets and policies from files (YAML or JSON, with any number of documents), from folders, from stdin (-), or without FILE from the cluster. Changes nothing; what of a Secret is shown are names and dates, never a value. What is managed is read from --config, else from the ConfigMap of port80 among the objects. What cannot be read is said on stderr and left out. Findings are explained in docs/findings.',
    files: true,
    options: {
      'fail-on': {
        type: 'string',
        value: 'SEVERITY',
        help: 'exit code 1 from this severity on: error, warning (the default) or note',
      },
      namespace: {
        type: 'string',
        short: 'n',
        value: 'NAME',
        help: 'namespace of objects in files that name none (default: default)',
      },
      sarif: { type: 'boolean', help: 'SARIF 2.1.0 on stdout, with file and line' },
    },
    examples: [
      'port80 lint --config port80.yaml',
      'port80 lint gateways/ routes.yaml --config port80.yaml --fail-on error',
      'port80 lint - < rendered.yaml',
    ],
  },
  revoke: {
    usage: 'revoke NAME',
    summary: 'revoke the certificate at the CA; a new one with a new key is ordered',
    help: 'Use it when the private key may be known to somebody else. What is installed stays until the new one is there.',
    options: {
      reason: {
        type: 'string',
        value: 'REASON',
        help: 'unspecified (default), keyCompromise, superseded, affiliationChanged or cessationOfOperation (RFC 5280 §5.3.1)',
      },
    },
    examples: ['port80 revoke book --reason keyCompromise'],
  },
  rollover: {
    usage: 'rollover ISSUER',
    summary: 'replace the key of the ACME account (RFC 8555 §7.3.5)',
    help: 'The new key is durable before the CA hears of it.',
    examples: ['port80 rollover letsencrypt'],
  },
  'config validate': {
    usage: 'config validate',
    summary: 'every fault of the configuration at once, with path, value and fix',
    help: 'Exit code 3 when there is one.',
    examples: ['port80 config validate --config port80.yaml'],
  },
  'config schema': {
    usage: 'config schema',
    summary: 'the JSON Schema of the configuration, for editors',
    help: 'Put `# yaml-language-server: $schema=port80.schema.json` on top of the file and the editor helps.',
    examples: ['port80 config schema > port80.schema.json'],
  },
} as const satisfies Record<string, Command>
export type CommandName = keyof typeof commands

/** The overview, or the help of one command. */
export function helpText(name?: CommandName): string {
  if (name === undefined) return overview()
  const command: Command = commands[name]
  const options = { ...command.options, ...commonOptions }
  return [
    `port80 ${command.usage} - ${command.summary}`,
    '',
    wrap(command.help),
    '',
    'Options:',
    ...Object.entries(options).map(([key, option]) => optionLine(key, option)),
    '',
    command.examples.length > 1 ? 'Examples:' : 'Example:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}

function overview(): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length))
  return [
    'port80 - answers HTTP-01 challenges, redirects everything else to https, orders and renews certificates',
    '',
    'Usage: port80 COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...Object.values(commands).map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    '',
    'Options of every command:',
    ...Object.entries(commonOptions).map(([key, option]) => optionLine(key, option)),
    '',
    'Exit codes:',
    ...exitCodeHelp.map(([code, text]) => `  ${code}  ${text}`),
    '',
    'First steps: port80 config validate, then port80 plan, then port80 serve. port80 COMMAND --help tells more.',
    '',
  ].join('\n')
}

function optionLine(key: string, option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `
  const value = option.value === undefined ? '' : ` ${option.value}`
  return `  ${short}--${key}${value}`.padEnd(24) + `  ${option.help}`
}

/** Lines of at most 100 characters. */
function wrap(text: string): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line.length + word.length + 1 > 100) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}
