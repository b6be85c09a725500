/** Tells what happened to certificates as Events, on their Secrets and on the objects that they were found in. */
import { findingsOf } from '../finding/concern.ts'
import type { LastingFinding } from '../finding/reported.ts'
import type { CertificateStatus, StatusSnapshot } from '../status/snapshot.ts'
import { isWeather, mayPass, type ApiFailure } from './api-failure.ts'
import type { KubeClient } from './client.ts'
import { eventTeller, type EventTeller } from './events.ts'
import { newsBetween, type News } from './events-of-change.ts'
import { newsOfFindings, toldFindings, type FindingChange } from './events-of-findings.ts'
import type { Warn } from './repeated-warnings.ts'
import type { ObjectReference, Places, SecretPlace } from './reporter.ts'

export interface NewsDeskOptions {
  readonly client: KubeClient
  readonly instance: string
  readonly placesOf: (certificate: string) => Places
  readonly mayWrite: () => Promise<boolean>
  readonly warn: Warn
}

/**
 * While the API server is away nothing is lost: a certificate's news is told until the server has taken or refused it. A
 * leader that dies in between has its successor tell it once more, which is counted on the same Event.
 */
export interface NewsDesk {
  /** What was told before; undefined: nothing is known of that. */
  begin(last: Telling | undefined): void
  /** False: not all could be told yet. Never rejects. `at` in epoch ms. */
  tell(telling: Telling, at: number): Promise<boolean>
}

/** Of a status, what Events are made of. */
export type Telling = Pick<StatusSnapshot, 'certificates' | 'findings' | 'looked'>

export function newsDesk(options: NewsDeskOptions): NewsDesk {
  return new Desk(options)
}

class Desk implements NewsDesk {
  readonly #options: NewsDeskOptions
  readonly #teller: EventTeller
  #told = new Map<string, CertificateStatus>()
  /** Certificate → what was told to be found about it. */
  #found = new Map<string, readonly LastingFinding[]>()
  /** On a clock that only goes on: when the API server was last seen to be away. */
  #weatherAt = -Infinity

  constructor(options: NewsDeskOptions) {
    this.#options = options
    this.#teller = eventTeller(options)
  }

  begin({ certificates, findings }: Telling = { certificates: [] }): void {
    this.#told = new Map(certificates.map((each) => [each.name, each]))
    this.#found = new Map(certificates.map((each) => [each.name, findingsOf(each, findings)]))
  }

  async tell(telling: Telling, at: number): Promise<boolean> {
    const { certificates } = telling
    this.#forgetOthers(new Set(certificates.map(({ name }) => name)))
    let asked = false
    for (const certificate of certificates) {
      const { name } = certificate
      const was = this.#told.get(name)
      const change = this.#changeOf(certificate, telling)
      const news = [...newsBetween(was && [was], [certificate], at), ...newsOfFindings(change)]
      if (news.length > 0) {
        if (!asked && !(await this.#options.mayWrite())) return false
        asked = true
        if (!(await this.#tellAll(name, news))) return false
      }
      this.#told.set(name, certificate)
      this.#found.set(name, toldFindings(change))
    }
    return true
  }

  #forgetOthers(names: ReadonlySet<string>): void {
    for (const name of this.#told.keys()) if (!names.has(name)) this.#told.delete(name)
    for (const name of this.#found.keys()) if (!names.has(name)) this.#found.delete(name)
  }

  #changeOf(certificate: CertificateStatus, { findings, looked }: Telling): FindingChange {
    const was = this.#found.get(certificate.name) ?? []
    return { certificate: certificate.name, was, is: findingsOf(certificate, findings), looked }
  }

  /** False: the API server is away. */
  async #tellAll(certificate: string, news: readonly News[]): Promise<boolean> {
    const { secrets, sources } = this.#options.placesOf(certificate)
    const objects = new Map<string, Promise<ObjectReference | undefined>>()
    const referenceTo = (place: SecretPlace) => {
      const known = objects.get(place.destination.id) ?? this.#secretAt(place)
      objects.set(place.destination.id, known)
      return known
    }
    for (const each of news) {
      const places = secrets.filter(
        ({ destination }) => (each.destination ?? destination.id) === destination.id,
      )
      for (const object of [...(await Promise.all(places.map(referenceTo))), ...sources]) {
        if (!object || !(await this.#tellOne(object, each))) return false
      }
    }
    return true
  }

  async #tellOne(object: ObjectReference, news: News): Promise<boolean> {
    const failure = await this.#teller.tell(object, news)
    this.#options.warn(`events in namespace ${object.namespace}`, failure?.detail, failure?.kind)
    return failure === undefined || !this.#mayPass(failure)
  }

  /** What is refused for good is not told again; a server that comes back refuses what it takes a moment later. */
  #mayPass(failure: ApiFailure): boolean {
    if (isWeather(failure)) this.#weatherAt = performance.now()
    return mayPass(failure, performance.now() - this.#weatherAt)
  }

  /** With its uid, without which `kubectl describe` does not find the Event. Undefined: the API server is away. */
  async #secretAt({ namespace, name }: SecretPlace): Promise<ObjectReference | undefined> {
    const reply = await this.#options.client.get({ resource: 'secrets', namespace, name })
    if ('failure' in reply && this.#mayPass(reply.failure)) {
      this.#options.warn(`events in namespace ${namespace}`, reply.failure.detail, reply.failure.kind)
      return undefined
    }
    const uid = 'ok' in reply ? reply.ok.metadata.uid : undefined
    return { apiVersion: 'v1', kind: 'Secret', namespace, name, ...(uid !== undefined && { uid }) }
  }
}
