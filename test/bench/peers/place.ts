/** Where a peer runs: on the machine's loopback, or in a namespace of its own (the mesh's). */

export interface Place {
  /** The IPv4 address that it listens on, and at which it is asked. */
  readonly host: string
  /** The command that runs this command there. */
  inside(argv: readonly string[]): readonly string[]
}

export const loopback: Place = { host: '127.0.0.1', inside: (argv) => argv }

/** `command` and `args` for a child process that runs this there. */
export function placed(place: Place, command: string, args: readonly string[]) {
  const [first = command, ...rest] = place.inside([command, ...args])
  return { command: first, args: rest }
}
