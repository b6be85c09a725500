/**
 * Pairs into Secrets of one namespace: the one that gateway pods run in, since that is where Istio looks for a
 * credentialName, whatever namespace the Gateway object is in. A gateway in several namespaces takes one of these for each.
 *
 * Every write is conditional on the version that was looked at a moment before, and lands only on the pair that the plan
 * was made for: a worker that slept through its Lease finds another version, or another pair than it read.
 */
import { hash } from 'node:crypto'
import { nameSchema } from '../config/fields.ts'
import type { Destination, Installed, Pair } from '../destination/destination.ts'
import { faultOfPair } from '../destination/pair-fault.ts'
import { KeyedQueue } from '../disk/keyed-queue.ts'
import { Port80Failure } from '../reason.ts'
import type { ApiFailure, Reply } from './api-failure.ts'
import type { KubeClient } from './client.ts'
import type { Secret } from './object.ts'
import type { ObjectAt } from './resource-path.ts'
import { refusalOf, type SecretTerms } from './secret-refusal.ts'
import type { Silence } from './silence.ts'
import { installedOf, newTlsSecret, pairOf, pairPatch, wordsPatch, type PairWords } from './tls-secret.ts'

export interface SecretDestinationOptions {
  readonly client: KubeClient
  /** Of the gateway's pods. */
  readonly namespace: string
  /** Name of the Secret (`credentialName` of the Gateway) for a certificate of the configuration. */
  readonly secretName: (certificate: string) => string
  /** Namespace of this port80. */
  readonly instance: string
  /** Asked between looking and writing: false, and nothing is written. */
  readonly mayWrite?: () => Promise<boolean>
  /** Epoch milliseconds. */
  readonly now?: () => number
  /** Consent to write what somebody else owns (src/kube/secret-refusal.ts). */
  readonly takeOver?: boolean
  /** `Secrets in namespace X` unless given. */
  readonly id?: string
  /** Shared by the destinations of one API server. */
  readonly silence?: Silence
}

export interface SecretDestination extends Destination {
  /**
   * Annotates the Secret with what is known of its certificate; does nothing where there is no Secret, where it is not ours
   * to write, or where it says so already. Throws Port80Failure DestinationFailed.
   */
  describe(certificate: string, words: PairWords): Promise<void>
}

export function secretDestination(options: SecretDestinationOptions): SecretDestination {
  return new KubeSecretDestination(options)
}

/** Somebody who changes the Secret's annotations all the time must not keep us writing for ever. */
const tries = 3
/** Every certificate has its Secrets, and they are looked at one after the other. */
const lookDeadlineMs = 5_000

class KubeSecretDestination implements SecretDestination {
  readonly id: string
  readonly #options: SecretDestinationOptions
  readonly #queue = new KeyedQueue()
  /** Hash of the pair that `read` gave last, by certificate: the plan was made for that one. */
  readonly #planned = new Map<string, string>()

  constructor(options: SecretDestinationOptions) {
    this.#options = options
    this.id = (options.id ?? `Secrets in namespace ${options.namespace}`).slice(0, 200)
  }

  async read(certificate: string): Promise<Installed> {
    const at = this.#at(certificate)
    return this.#queue.run(certificate, async () => {
      const secret = await this.#look(at)
      this.#planned.set(certificate, hashOf(secret))
      return installedOf(secret, this.#terms(certificate))
    })
  }

  async install(certificate: string, pair: Pair): Promise<void> {
    const at = this.#at(certificate)
    const fault = faultOfPair(pair)
    if (fault !== undefined) throw failed(`installing ${certificate}: ${fault}`)
    await this.#queue.run(certificate, async () => {
      for (let turn = 1; turn <= tries; turn++) {
        if (await this.#installOnce(at, certificate, pair)) return
      }
      throw failed(`${wordsFor(at)} is changed all the time by somebody else`)
    })
  }

  async describe(certificate: string, words: PairWords): Promise<void> {
    const at = this.#at(certificate)
    await this.#queue.run(certificate, async () => {
      for (let turn = 1; turn <= tries; turn++) {
        if (await this.#describeOnce(at, certificate, words)) return
      }
      throw failed(`${wordsFor(at)} is changed all the time by somebody else`)
    })
  }

  /** False: somebody wrote in between, look again. */
  async #describeOnce(at: ObjectAt<'secrets'>, certificate: string, words: PairWords): Promise<boolean> {
    const secret = await this.#look(at)
    if (!secret || refusalOf(secret, this.#terms(certificate)) !== undefined) return true
    const patch = wordsPatch(secret, words)
    if (patch === undefined || !(await this.#mayWrite())) return true
    const reply = await this.#options.client.merge(at, patch)
    if ('ok' in reply) return true
    if (reply.failure.kind === 'conflict') return false
    throw failedAt(reply.failure)
  }

  /** False: somebody wrote in between, look again. */
  async #installOnce(at: ObjectAt<'secrets'>, certificate: string, pair: Pair): Promise<boolean> {
    const secret = await this.#look(at)
    const terms = this.#terms(certificate)
    const refusal = secret && refusalOf(secret, terms)
    if (refusal !== undefined) throw failed(refusal)
    const planned = this.#planned.get(certificate)
    if (planned !== undefined && planned !== hashOf(secret))
      throw failed(`${wordsFor(at)} holds another pair than when it was read; it is looked at again`)
    if (!(await this.#mayWrite()))
      throw failed(`${wordsFor(at)} is not written: another worker may be leading`)
    const reply = await this.#write(at, secret, { pair, terms })
    if ('ok' in reply) {
      this.#planned.set(certificate, hashOf(reply.ok))
      return true
    }
    const { kind } = reply.failure
    // notFound while patching: it was deleted in between. While creating it is the namespace that is missing.
    if (kind === 'conflict' || kind === 'exists' || (kind === 'notFound' && secret)) return false
    throw failedAt(reply.failure)
  }

  #write(
    at: ObjectAt<'secrets'>,
    secret: Secret | undefined,
    { pair, terms }: { pair: Pair; terms: SecretTerms },
  ): Promise<Reply<Secret>> {
    const { client } = this.#options
    if (secret === undefined) return client.create(at, newTlsSecret(pair, terms))
    return client.merge(at, pairPatch(secret, pair, terms))
  }

  async #look(at: ObjectAt<'secrets'>): Promise<Secret | undefined> {
    const { client, silence } = this.#options
    const silent = silence?.last()
    if (silent !== undefined) throw failed(`${wordsFor(at)} is not looked at: ${silent}`)
    const reply = await client.get(at, { deadlineMs: lookDeadlineMs })
    silence?.heard(reply)
    if ('ok' in reply) return reply.ok
    if (reply.failure.kind === 'notFound') return undefined
    throw failedAt(reply.failure)
  }

  async #mayWrite(): Promise<boolean> {
    return (await this.#options.mayWrite?.()) ?? true
  }

  #terms(certificate: string): SecretTerms {
    const { instance, now = Date.now, takeOver = false } = this.#options
    return { certificate, instance, now: now(), takeOver }
  }

  #at(certificate: string): ObjectAt<'secrets'> {
    if (!nameSchema.safeParse(certificate).success)
      throw new Port80Failure({ reason: 'InternalError', detail: 'not a name of a certificate' })
    const { namespace, secretName } = this.#options
    return { resource: 'secrets', namespace, name: secretName(certificate) }
  }
}

/** Of both parts; a hash, so that no key lies about in a Map. */
function hashOf(secret: Secret | undefined): string {
  const pair = secret && pairOf(secret)
  return pair === undefined ? 'none' : hash('sha256', `${pair.chainPem}\0${pair.keyPem}`)
}

function wordsFor(at: ObjectAt): string {
  return `Secret ${at.namespace}/${at.name}`
}

function failed(detail: string): Port80Failure {
  return new Port80Failure({ reason: 'DestinationFailed', detail: detail.slice(0, 500) })
}

function failedAt(failure: ApiFailure): Port80Failure {
  return failed(failure.detail)
}
