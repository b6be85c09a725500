/** Answering one token (RFC 8555 §8.3): asked of the store, compared with the Host, within a deadline. */
import { hostMatches } from '../challenge/token.ts'
import type { Challenge, Found } from '../challenge/store.ts'

/** The part of a ChallengeStore that answering needs; its contract is in src/challenge/store.ts. */
export interface ChallengeFinder {
  find(token: string): Found
}

/** How a challenge request ended. A metric label: closed. */
export const challengeResults = [
  'answered',
  'unknownToken', // well-formed, but not (or no longer) presented
  'malformedToken', // below the prefix, but not one token
  'wrongHost', // presented for another identifier than the Host header names
  'wrongMethod', // neither GET nor HEAD
  'storeUnreadable', // the store failed, or gave no answer in time
] as const
export type ChallengeResult = (typeof challengeResults)[number]

export interface ChallengeAnswer {
  readonly result: ChallengeResult
  readonly status: 200 | 404 | 405 | 503
  /** The key authorization exactly as stored, or one line of text. */
  readonly body: string
}

const texts = {
  unknownToken: [404, 'This token is not presented here.'],
  malformedToken: [404, 'This is not the path of a token.'],
  wrongHost: [404, 'This token is for another host.'],
  wrongMethod: [405, 'Only GET and HEAD are answered here.'],
  storeUnreadable: [503, 'The token store cannot be read.'],
} as const

export type ChallengeMiss = Exclude<ChallengeResult, 'answered'>

/** The answer where there is no key authorization to give: one line, nothing of the request in it. */
export function miss(result: ChallengeMiss): ChallengeAnswer {
  const [status, text] = texts[result]
  return { result, status, body: `${text} (${result})\n` }
}

/**
 * Milliseconds. A store that neither answers nor fails must not hold requests until the CA gives up: Let's Encrypt waits
 * ten seconds for an answer.
 */
export const findDeadline = 5_000

export interface TokenQuestion {
  readonly token: string
  /** The Host header. */
  readonly host: string
  /** Milliseconds for the store. */
  readonly deadline: number
}

/**
 * Never throws or rejects; a failing or late store is `storeUnreadable`, and `onError` hears why. At once where the store
 * answers at once: then no timer is set either.
 */
export function answerToken(
  { token, host, deadline }: TokenQuestion,
  challenges: ChallengeFinder,
  onError: (error: unknown) => void,
): ChallengeAnswer | Promise<ChallengeAnswer> {
  const failed = (error: unknown) => {
    onError(error)
    return miss('storeUnreadable')
  }
  try {
    const found = challenges.find(token)
    if (!(found instanceof Promise)) return answerOf(found, host)
    return within(found, deadline).then((challenge) => answerOf(challenge, host), failed)
  } catch (error) {
    return failed(error)
  }
}

function answerOf(challenge: Challenge | undefined, host: string): ChallengeAnswer {
  if (challenge === undefined) return miss('unknownToken')
  if (!hostMatches(host, challenge.identifier)) return miss('wrongHost')
  return { result: 'answered', status: 200, body: challenge.keyAuthorization }
}

function within<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the token store gave no answer for ${milliseconds} ms`)),
      milliseconds,
    )
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
