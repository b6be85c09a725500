/** iproute2, as the network uses it. Every error says what the bench takes. */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export async function ip(...args: string[]): Promise<void> {
  try {
    await run('ip', args)
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: string }
    throw new Error(`ip ${args.join(' ')}: ${stderr ?? code} (the bench takes root and iproute2)`)
  }
}

/** Several commands in one namespace by one process. */
export async function batch(namespace: string, lines: readonly string[]): Promise<void> {
  const started = run('ip', ['-n', namespace, '-batch', '-'])
  started.child.stdin?.end(`${lines.join('\n')}\n`)
  await started.catch((error: { stderr?: string }) => {
    throw new Error(`ip -n ${namespace}: ${lines.join('; ')}: ${error.stderr ?? ''}`)
  })
}

/** What it printed; nothing when it failed, as it does for what is not there. */
export function tryIp(...args: string[]): string {
  try {
    return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

/** Runs the command in the namespace to its end. */
export async function execIn(namespace: string, ...argv: string[]): Promise<void> {
  await ip('netns', 'exec', namespace, ...argv)
}

/** The number that the kernel gave the device: counted up in each namespace, never given twice. */
export async function linkIndex(namespace: string, device: string): Promise<number> {
  const { stdout } = await run('ip', ['-n', namespace, '-j', 'link', 'show', device])
  return (JSON.parse(stdout) as { ifindex: number }[])[0]?.ifindex ?? 0
}

/** Ends every process in the namespace (SIGKILL), as the end of a container does. */
export function endProcesses({ name }: { readonly name: string }): void {
  for (const pid of tryIp('netns', 'pids', name).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
