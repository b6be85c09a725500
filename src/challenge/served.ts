/**
 * Presented is not served: before the CA is asked to look, every running responder is asked for each token, then the
 * configured front door (or each gateway) once. A wrong answer costs a local request here and a failed authorization at the CA.
 */
import { Port80Failure } from '../reason.ts'
import type { Challenge } from './store.ts'

type Presented = Pick<Challenge, 'token' | 'identifier' | 'keyAuthorization'>

/** What came back, in words of ours; the body of a stranger never appears in it. */
export type Answer = { readonly served: true } | { readonly served: false; readonly seen: string }

/** One place to ask. `ask` never throws for what the other side does; it rejects only when the signal aborts. */
export interface Responder {
  /** For messages: `127.0.0.1:8080`, a pod name, `front door`. */
  readonly id: string
  ask(challenge: Presented, signal: AbortSignal): Promise<Answer>
}

export interface ServedShell {
  /** The responders that are running now; asked anew in each round, so that one that goes away is not waited for. */
  responders(): Promise<readonly Responder[]>
  /** What the CA comes through; asked anew in each round. None: selfCheck is off. */
  frontDoors(): Promise<readonly Responder[]>
  readonly timeoutMs: number
  now(): number
  pause(ms: number, signal: AbortSignal): Promise<void>
}

/** Resolves when all tokens are served everywhere. Throws NotServed (a responder) or SelfCheckFailed (the front door). */
export async function awaitServed(
  challenges: readonly Presented[],
  shell: ServedShell,
  signal: AbortSignal,
): Promise<void> {
  const end = shell.now() + shell.timeoutMs
  await Promise.all(
    challenges.map(async (challenge) => {
      await untilServed(challenge, () => shell.responders(), { reason: 'NotServed', end, shell }, signal)
      await untilServed(
        challenge,
        () => shell.frontDoors(),
        { reason: 'SelfCheckFailed', end, shell },
        signal,
      )
    }),
  )
}

async function untilServed(
  challenge: Presented,
  places: () => Promise<readonly Responder[]>,
  terms: { reason: 'NotServed' | 'SelfCheckFailed'; end: number; shell: ServedShell },
  signal: AbortSignal,
): Promise<void> {
  for (let delay = 20; ; delay = Math.min(500, delay * 2)) {
    const missing = await firstMissing(challenge, await places(), signal)
    if (!missing) return
    if (terms.shell.now() + delay > terms.end) {
      throw new Port80Failure({
        reason: terms.reason,
        detail: `${missing.id} ${missing.seen}`,
        identifier: challenge.identifier,
      })
    }
    await terms.shell.pause(delay, signal)
  }
}

async function firstMissing(
  challenge: Presented,
  places: readonly Responder[],
  signal: AbortSignal,
): Promise<{ id: string; seen: string } | undefined> {
  const answers = await Promise.all(
    places.map(async (place) => ({ id: place.id, answer: await place.ask(challenge, signal) })),
  )
  for (const { id, answer } of answers) if (!answer.served) return { id, seen: answer.seen }
  return undefined
}
