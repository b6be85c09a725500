/** Keeps the annotations of Secrets true (what they say: src/kube/secret-annotations.ts). */
import { Port80Failure } from '../reason.ts'
import type { CertificateStatus } from '../status/snapshot.ts'
import type { Warn } from './repeated-warnings.ts'
import type { Places, SecretPlace } from './reporter.ts'
import { wordsOfSecret } from './secret-annotations.ts'
import type { PairWords } from './tls-secret.ts'

export interface SecretWordsOptions {
  readonly placesOf: (certificate: string) => Places
  readonly mayWrite: () => Promise<boolean>
  readonly warn: Warn
}

export interface SecretWords {
  /** Writes what changed, a few Secrets at a time; false: there is more to write. Never rejects. */
  write(certificates: readonly CertificateStatus[]): Promise<boolean>
}

export function secretWords(options: SecretWordsOptions): SecretWords {
  return new Words(options)
}

/** A new leader looks at every Secret once; a thousand of them are not to hold up the next turn. */
const perTurn = 50
/** Somebody may have taken an annotation away (a tool that resets an object to what is in Git). */
const againMs = 30 * 60_000
/** What could not be written is not tried again with every turn. */
const afterFailureMs = 60_000

interface Written {
  readonly what: string
  /** On a clock that only goes on: not to be looked at before. */
  readonly until: number
}

class Words implements SecretWords {
  readonly #options: SecretWordsOptions
  #written = new Map<string, Written>()

  constructor(options: SecretWordsOptions) {
    this.#options = options
  }

  async write(certificates: readonly CertificateStatus[]): Promise<boolean> {
    const due = this.#due(certificates)
    if (due.length === 0) return true
    if (!(await this.#options.mayWrite())) return false
    for (const each of due.slice(0, perTurn)) await this.#writeOne(each)
    return due.length <= perTurn
  }

  #due(certificates: readonly CertificateStatus[]): Due[] {
    const now = performance.now()
    const all = certificates.flatMap((each) =>
      this.#options.placesOf(each.name).secrets.flatMap((place) => dueAt(place, each)),
    )
    const keys = new Set(all.map(({ key }) => key))
    for (const key of this.#written.keys()) if (!keys.has(key)) this.#written.delete(key)
    return all.filter(({ key, what }) => {
      const written = this.#written.get(key)
      return written?.what !== what || now >= written.until
    })
  }

  async #writeOne({ key, what, place, certificate, words }: Due): Promise<void> {
    let fault: string | undefined
    try {
      await place.destination.describe(certificate, words)
    } catch (error) {
      fault = error instanceof Port80Failure ? error.failure.detail : 'failed'
    }
    this.#options.warn(`annotations of Secret ${place.namespace}/${place.name}`, fault)
    const until = performance.now() + (fault === undefined ? againMs : afterFailureMs)
    this.#written.set(key, { what, until })
  }
}

interface Due {
  readonly key: string
  /** Changes with the words and with the pair: a new Secret has no words yet. */
  readonly what: string
  readonly place: SecretPlace
  readonly certificate: string
  readonly words: PairWords
}

function dueAt(place: SecretPlace, certificate: CertificateStatus): Due[] {
  const { id } = place.destination
  const words = wordsOfSecret(certificate, id)
  if (!words) return []
  const state = certificate.destinations.find((each) => each.id === id)?.state
  const what = JSON.stringify([words, state, certificate.current?.serial])
  return [{ key: `${certificate.name} ${id}`, what, place, certificate: certificate.name, words }]
}
