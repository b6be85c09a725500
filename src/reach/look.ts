/**
 * Looks whether the CA could come: a token of our own is presented for the host, asked for along each way, and taken away. So
 * the very path of a challenge is walked, from the gateway to the store, and the CA is asked nothing.
 */
import { randomBytes } from 'node:crypto'
import type { ChallengeStore } from '../challenge/store.ts'
import type { Finding } from '../finding/finding.ts'
import { judgeAnswer, judgeSilence, mendingOf, type Judgement } from './answer.ts'
import { askOnce, type Way } from './ask-once.ts'
import type { LegLook } from './leg-look.ts'
import type { Looker } from './looking.ts'

/** A way to a host: a gateway pod, or its public name. `way` is absent where there is nobody to ask. */
export interface Door {
  readonly leg: LegLook['leg']
  /** `namespace/name` of the pod, or the name that is asked. */
  readonly at: string
  readonly way?: Way
}

export interface LookShell {
  readonly challenges: Pick<ChallengeStore, 'present' | 'cleanUp'>
  /** The ways to a host, none where nobody can look. Rejects with Port80Failure where the cluster does not say. */
  doorsOf(host: string): Promise<readonly Door[]>
  now(): number
}

/** Milliseconds; with the writing of the token a look stays below three seconds. */
const askMs = 2_500
/** Milliseconds that a token outlives a look that was cut off. */
const tokenMs = 60_000

export function looker(shell: LookShell): Looker {
  return {
    look: async (hosts, signal) =>
      (await Promise.all(hosts.map((host) => lookAtHost(host, shell, signal)))).flat(),
  }
}

async function lookAtHost(host: string, shell: LookShell, signal: AbortSignal): Promise<LegLook[]> {
  const doors = await shell.doorsOf(host)
  if (doors.length === 0) return []
  const token = `look-${randomBytes(24).toString('base64url')}`
  const challenge = {
    token,
    identifier: host,
    keyAuthorization: `${token}.${randomBytes(32).toString('base64url')}`,
    expiresAt: shell.now() + tokenMs,
  }
  try {
    await shell.challenges.present(challenge)
    return await Promise.all(
      doors.map(async ({ leg, at, way }) => {
        const judgement = way ? await judged(challenge, way, signal) : nobody
        return { host, leg, at, ...(judgement && { finding: findingOf(judgement, host, at) }) }
      }),
    )
  } finally {
    // What is left after a failure here expires and is swept.
    await shell.challenges.cleanUp(token).catch(() => undefined)
  }
}

const nobody: Judgement = { code: 'P80-316', seen: 'no ready pod has the labels of the gateway' }

async function judged(
  challenge: Parameters<typeof askOnce>[0],
  way: Way,
  signal: AbortSignal,
): Promise<Judgement | undefined> {
  const asked = await askOnce(challenge, way, { timeoutMs: askMs, signal })
  return 'silence' in asked ? judgeSilence(asked.silence) : judgeAnswer(asked.facts)
}

function findingOf({ code, seen }: Judgement, host: string, at: string): Finding {
  return {
    code,
    object: { kind: 'Host', name: host },
    host,
    seen: (at === host ? seen : `${at}: ${seen}`).slice(0, 300),
    fix: { do: 'act', words: mendingOf(code, host) },
  }
}
