/** Command line → command, or what is wrong with it. Pure. */
import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest.ts'
import { commands, commonOptions, type Command, type CommandName, type Option } from './usage.ts'

export interface Invocation {
  readonly command: CommandName
  /** NAME or ISSUER where the command has one. */
  readonly operand?: string
  /** Of a command that takes any number of them. */
  readonly files?: readonly string[]
  /** Of a command that takes one or more of them. */
  readonly hosts?: readonly string[]
  readonly config?: string
  readonly json: boolean
  readonly reason?: string
  readonly role?: string
  readonly failOn?: string
  readonly namespace?: string
  readonly sarif?: true
}

export type Parsed =
  | { readonly run: Invocation }
  | { readonly help: CommandName | undefined }
  | { readonly version: true }
  | { readonly fault: string; readonly about?: CommandName }

export function parseCommandLine(args: readonly string[]): Parsed {
  if (args.length === 0 || args[0] === '--help' || args[0] === '-h' || args[0] === 'help')
    return { help: undefined }
  if (args[0] === '--version' || args[0] === 'version') return { version: true }
  const found = findCommand(args)
  if ('fault' in found) return found
  const { name, rest } = found
  const command: Command = commands[name]
  const options = { ...commonOptions, ...command.options }
  try {
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: Object.fromEntries(Object.entries(options).map(([key, option]) => [key, forParser(option)])),
      allowPositionals: true,
    })
    if (values['help'] === true) return { help: name }
    return invocation(name, values, positionals)
  } catch (error) {
    const text = error instanceof Error ? error.message.split('. ')[0] : 'cannot be read'
    return { fault: `${text ?? ''}`, about: name }
  }
}

function findCommand(
  args: readonly string[],
): { name: CommandName; rest: readonly string[] } | { fault: string } {
  const two = args.slice(0, 2).join(' ')
  if (Object.hasOwn(commands, two)) return { name: two as CommandName, rest: args.slice(2) }
  const [one = ''] = args
  if (Object.hasOwn(commands, one)) return { name: one as CommandName, rest: args.slice(1) }
  if (one === 'config') return { fault: 'config needs validate or schema' }
  const meant = nearest(one, Object.keys(commands))
  return {
    fault: `there is no command ${JSON.stringify(one.slice(0, 40))}${meant ? `; did you mean ${meant}?` : ''}`,
  }
}

function forParser({ type, short }: Option) {
  return { type, ...(short !== undefined && { short }) }
}

function invocation(
  command: CommandName,
  values: Readonly<Record<string, unknown>>,
  positionals: readonly string[],
): Parsed {
  const many = manyOf(commands[command], positionals)
  const fault = manyFault(command, many) ?? (many ? undefined : operandFault(command, positionals))
  if (fault !== undefined) return { fault, about: command }
  const [operand] = many ? [] : positionals
  return {
    run: {
      command,
      json: values['json'] === true,
      ...(operand !== undefined && { operand }),
      ...many,
      ...(values['sarif'] === true && { sarif: true }),
      ...texts(values),
    },
  }
}

/** Undefined: the command takes one or none. */
function manyOf(
  { files, hosts }: Command,
  positionals: readonly string[],
): Pick<Invocation, 'files' | 'hosts'> | undefined {
  if (files) return { files: positionals }
  return hosts ? { hosts: positionals } : undefined
}

function manyFault(command: CommandName, many: Pick<Invocation, 'hosts'> | undefined): string | undefined {
  return many?.hosts?.length === 0 ? `${command} needs a host: HOST is missing` : undefined
}

/** One where the usage names one, none otherwise. */
function operandFault(command: CommandName, [operand, ...more]: readonly string[]): string | undefined {
  const wanted = /[A-Z]+$/.exec(commands[command].usage)?.[0]
  if (wanted === undefined && operand !== undefined)
    return `${command} takes no argument: ${JSON.stringify(operand.slice(0, 40))}`
  if (wanted !== undefined && operand === undefined) return `${wanted} is missing`
  return more.length > 0 ? `one ${wanted ?? 'argument'} at a time` : undefined
}

type TextOption = 'config' | 'reason' | 'role' | 'failOn' | 'namespace'
const textOptions: Readonly<Record<string, TextOption>> = {
  ...{ config: 'config', reason: 'reason', role: 'role', namespace: 'namespace' },
  'fail-on': 'failOn',
}

function texts(values: Readonly<Record<string, unknown>>): Pick<Invocation, TextOption> {
  return Object.fromEntries(
    Object.entries(textOptions).flatMap(([option, key]) => {
      const value = values[option]
      return typeof value === 'string' ? [[key, value]] : []
    }),
  )
}
