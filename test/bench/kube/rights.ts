/** The rights that each act takes, proven by trying: with exactly these it works, without any one of them it does not. */
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { Port80Failure } from '../../../src/reason.ts'
import { kubeChallengeStore } from '../../../src/kube/challenge-store.ts'
import { findGatewayPods } from '../../../src/kube/gateways.ts'
import { leaseLeadership } from '../../../src/kube/lease.ts'
import { kubeResponders } from '../../../src/kube/responders.ts'
import { secretDestination } from '../../../src/kube/secret-destination.ts'
import { kubeStateStore } from '../../../src/kube/state-store.ts'
import type { Watch } from '../../../src/kube/watch.ts'
import { kubeStores } from '../../../src/serve/kube-stores.ts'
import { challengeOf } from '../../challenge/fixtures/store-contract.ts'
import { makePlaceholder } from '../../../src/certificate/placeholder.ts'
import type { Act, Part } from './fixtures/act.ts'
import { firstTerm } from './fixtures/candidate.ts'
import { startCluster, type Rule } from './fixtures/cluster.ts'
import { telling } from './fixtures/acts-of-telling.ts'

const cluster = await startCluster(t)
const onForeign = () => {}
const durations = { lease: 4_000, renewDeadline: 3_000, retryPeriod: 500 }

const soon = () => ({ expiresAt: Date.now() + 3_600_000 })
const challenges = ({ namespace }: Part, client: Part['admin']) =>
  kubeChallengeStore({ client, namespace, onForeign, now: Date.now })
const state = ({ namespace }: Part, client: Part['admin']) => kubeStateStore({ client, namespace, onForeign })
const pairs = ({ namespace }: Part, client: Part['admin']) =>
  secretDestination({ client, namespace, secretName: (name) => name, instance: namespace })
const leadership = ({ namespace }: Part, client: Part['admin']) =>
  leaseLeadership({ client, namespace, name: 'port80-worker', durations })
const placeholder = await makePlaceholder(['book.example.com'], Date.now())

const stores = ({ namespace }: Part, client: Part['admin']) =>
  kubeStores({
    ...{ cluster: { client, namespace }, onForeign, readOnly: false, log: { warn: () => undefined } },
    store: {
      namespace,
      lease: { name: 'port80-worker', duration: 2_000, renewDeadline: 1_000, retryPeriod: 200 },
    },
  })

/** The first refusal of a watch, as an error; resolves when it is open. */
async function followed(watch: Watch): Promise<void> {
  try {
    while (!watch.state().open) {
      const { fault } = watch.state()
      if (fault !== undefined) throw new Error(fault)
      await pause(10)
    }
  } finally {
    await watch.stop()
  }
}

const acts: Act[] = [
  {
    name: 'a responder follows the tokens',
    resource: 'configmaps',
    verbs: ['list', 'watch'],
    act: (part) => followed(challenges(part, part.client).follow()),
  },
  {
    name: 'a responder looks a token up that it does not know',
    resource: 'configmaps',
    verbs: ['get'],
    act: async (part) => challenges(part, part.client).find('unknown'),
  },
  {
    name: 'the worker presents a token',
    resource: 'configmaps',
    verbs: ['create', 'patch'],
    act: (part) => challenges(part, part.client).present(challengeOf('new', soon())),
  },
  {
    name: 'the worker cleans a token up',
    resource: 'configmaps',
    verbs: ['delete'],
    act: (part) => challenges(part, part.client).cleanUp('some'),
  },
  {
    name: 'tokens are listed',
    resource: 'configmaps',
    verbs: ['list'],
    act: (part) => challenges(part, part.client).list(),
  },
  {
    name: 'state is read',
    resource: 'secrets',
    verbs: ['get'],
    act: (part) => state(part, part.client).read('certificate/book'),
  },
  {
    name: 'state is written for the first time',
    resource: 'secrets',
    verbs: ['create'],
    act: (part) => state(part, part.client).write('certificate/book', '{}', undefined),
  },
  {
    name: 'state is written again',
    resource: 'secrets',
    verbs: ['patch'],
    async act(part) {
      const version = await state(part, part.admin).write('certificate/book', '{}', undefined)
      await state(part, part.client).write('certificate/book', '{"v":1}', version)
    },
  },
  {
    name: 'state is removed',
    resource: 'secrets',
    verbs: ['delete'],
    act: (part) => state(part, part.client).remove('request/book', '1'),
  },
  {
    name: 'state is listed',
    resource: 'secrets',
    verbs: ['list'],
    act: (part) => state(part, part.client).list('request'),
  },
  {
    name: 'requests of the command line are followed',
    resource: 'secrets',
    verbs: ['list', 'watch'],
    act: (part) => followed(stores(part, part.client).watchRequests(() => undefined)),
  },
  {
    name: 'a worker leads for the first time, and renews',
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: ['create'],
    named: { name: 'port80-worker', verbs: ['get', 'update'] },
    async act(part) {
      const held = await firstTerm(leadership(part, part.client))
      const at = { resource: 'leases', name: 'port80-worker' } as const
      const renewed = async () => {
        const reply = await part.admin.get({ ...at, namespace: part.namespace })
        return 'ok' in reply ? reply.ok.spec?.renewTime : undefined
      }
      const first = await renewed()
      while (held?.signal.aborted === false && (await renewed()) === first) await pause(50)
      const reason: unknown = held?.signal.reason
      await held?.release()
      if (reason instanceof Port80Failure) throw new Error('update leases: may not update leases')
    },
  },
  {
    name: 'a worker waits for the Lease',
    group: 'coordination.k8s.io',
    resource: 'leases',
    named: { name: 'port80-worker', verbs: ['list', 'watch'] },
    async act(part) {
      const held = await firstTerm(leadership(part, part.admin))
      const began = performance.now()
      const released = pause(1_000).then(() => held?.release())
      await leadership(part, part.client).whenFree(new AbortController().signal)
      const waited = performance.now() - began
      await released
      // Without the rights it is not told, and goes by the clock: the retry period, or the duration of the Lease.
      if (waited < 950 || waited > durations.lease - 500)
        throw new Error('watch, list leases: may not list leases, may not watch leases')
    },
  },
  {
    name: 'a pair is installed where there was none',
    resource: 'secrets',
    verbs: ['create'],
    named: { name: 'book', verbs: ['get'] },
    act: (part) => pairs(part, part.client).install('book', placeholder),
  },
  {
    name: 'a pair is installed over another',
    resource: 'secrets',
    named: { name: 'book', verbs: ['get', 'patch'] },
    async act(part) {
      await pairs(part, part.admin).install('book', placeholder)
      await pairs(part, part.client).install('book', await makePlaceholder(['b.example.com'], Date.now()))
    },
  },
  {
    name: 'a Secret is described',
    resource: 'secrets',
    named: { name: 'book', verbs: ['get', 'patch'] },
    async act(part) {
      await pairs(part, part.admin).install('book', placeholder)
      await pairs(part, part.client).describe('book', { status: 'Ready', reason: 'UpToDate' })
    },
  },
  ...telling,
  {
    name: 'the responders are found',
    group: 'discovery.k8s.io',
    resource: 'endpointslices',
    verbs: ['list'],
    act: ({ client, namespace }) =>
      kubeResponders({ client, namespace, service: 'port80-responders' }).current(),
  },
  {
    name: 'the pods of a gateway are found',
    resource: 'pods',
    verbs: ['list'],
    act: ({ client, namespace }) =>
      findGatewayPods(client, { selector: { istio: 'x' }, namespaces: [namespace] }),
  },
]

/** The rules of an act, without one of its verbs where that is given. */
function rulesOf({ group = '', resource, verbs = [], named }: Act, without?: string): Rule[] {
  const base = { apiGroups: [group], resources: [resource] }
  const left = (all: readonly string[]) => all.filter((verb) => verb !== without)
  return [
    { ...base, verbs: left(verbs) },
    { ...base, resourceNames: [named?.name ?? ''], verbs: left(named?.verbs ?? []) },
  ].filter((rule) => rule.verbs.length > 0)
}

async function tried(act: Act, without?: string): Promise<string> {
  const namespace = await cluster.namespace()
  const { client } = await cluster.account(namespace, { [namespace]: rulesOf(act, without) })
  try {
    await act.act({ client, admin: cluster.admin, namespace })
    return 'done'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

for (const act of acts) {
  t.test(act.name, async (t) => {
    t.equal(await tried(act), 'done', 'with exactly these rights')
    for (const verb of [...(act.verbs ?? []), ...(act.named?.verbs ?? [])]) {
      const said = await tried(act, verb)
      t.match(said, new RegExp(`may not ${verb} ${act.resource}`), `without ${verb}`)
    }
  })
}
