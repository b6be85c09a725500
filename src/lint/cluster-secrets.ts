/**
 * Secrets of the cluster that something names, as facts. Names are listed without content, and then each Secret that
 * matters is read by itself, so that no other one leaves the API server.
 */
import { isWeather, type ApiFailure } from '../kube/api-failure.ts'
import type { KubeClient } from '../kube/client.ts'
import { typeOf } from '../kube/resource-path.ts'
import type { NamedSecrets } from './named-secrets.ts'
import { secretFacts, type SecretFacts } from './secret-facts.ts'

export interface ReadSecrets {
  readonly facts: readonly SecretFacts[]
  /** Whatever has one of the names was read, wherever it is. */
  readonly whole: boolean
  readonly remarks: readonly string[]
  /** Why some of it cannot be read now, but could be at another moment. */
  readonly outage?: string
}

interface Reader {
  readonly client: KubeClient
  readonly signal: AbortSignal
}
interface SecretAt {
  readonly namespace: string
  readonly name: string
}

/** At the same time; more would be a burst on the API server. */
const atOnce = 8
/** More than gateways of one cluster name; what is beyond is said. */
const mostSecrets = 5_000

/** Without the right to list they are looked for by name where gateways would look. Never throws but for the signal. */
export async function readNamedSecrets(reader: Reader, named: readonly NamedSecrets[]): Promise<ReadSecrets> {
  const names = new Set(named.flatMap((each) => [...each.names]))
  if (names.size === 0) return { facts: [], whole: true, remarks: [] }
  const resource = 'secrets' as const
  const listed = await reader.client.listMetadata(
    { resource, namespace: undefined },
    { signal: reader.signal },
  )
  if ('ok' in listed) {
    const places = listed.ok.items.flatMap(({ metadata: { name = '', namespace = '' } }) =>
      names.has(name) ? [{ name, namespace }] : [],
    )
    const { facts, fault, outage } = await readEach(reader, places)
    const remarks = fault === undefined ? [] : [`${fault}; what is in such Secrets is not judged`]
    return { facts, whole: fault === undefined, remarks, ...(outage !== undefined && { outage }) }
  }
  const namespaces = new Set(named.flatMap((each) => [...each.namespaces]))
  const places = [...namespaces].flatMap((namespace) => [...names].map((name) => ({ name, namespace })))
  const { facts, outage = outageOf(listed.failure) } = await readEach(reader, places)
  const remark = `${listed.failure.detail}; ${facts.length} were found by name, and that one is missing is not told`
  return { facts, whole: false, remarks: [remark], ...(outage !== undefined && { outage }) }
}

/** `fault`: the first that is more than "not there any more". */
async function readEach(
  reader: Reader,
  places: readonly SecretAt[],
): Promise<{ facts: readonly SecretFacts[]; fault?: string; outage?: string }> {
  const left = places.slice(0, mostSecrets)
  const facts: SecretFacts[] = []
  let fault = places.length > mostSecrets ? `more than ${mostSecrets} Secrets have the names` : undefined
  let outage: string | undefined
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const read = await readOne(reader, next)
      if ('facts' in read) facts.push(read.facts)
      else if (read.failure && read.failure.kind !== 'notFound') {
        fault ??= read.failure.detail
        outage ??= outageOf(read.failure)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { facts, ...(fault !== undefined && { fault }), ...(outage !== undefined && { outage }) }
}

function outageOf(failure: ApiFailure): string | undefined {
  return isWeather(failure) ? failure.detail : undefined
}

async function readOne(
  { client, signal }: Reader,
  { namespace, name }: SecretAt,
): Promise<{ facts: SecretFacts } | { failure?: ApiFailure }> {
  const reply = await client.get({ resource: 'secrets', namespace, name }, { signal })
  if (!('ok' in reply)) return { failure: reply.failure }
  const facts = secretFacts(reply.ok, { kind: typeOf('secrets').kind, namespace, name })
  return facts ? { facts } : {}
}
