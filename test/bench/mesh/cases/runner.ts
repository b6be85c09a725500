/** The runner is to Pods what scheduler, kubelet, kube-proxy and cluster DNS are: each of their promises, kept for real. */
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import {
  idle,
  isReady,
  nameOf,
  small,
  startSmallCluster,
  statusOf,
} from '../runner/fixtures/small-cluster.ts'

const cluster = await startSmallCluster(t)
const { runner, must, seen, create } = cluster

/** Answers its host name, version and user; says when it is told to end. */
const server = `
import { createServer } from 'node:http'
import { hostname } from 'node:os'
const answer = { host: hostname(), version: process.env.VERSION, uid: process.getuid() }
const server = createServer((_, response) => response.setHeader('connection', 'close').end(JSON.stringify(answer)))
server.listen(Number(process.env.PORT ?? 8080))
process.on('SIGTERM', () => { console.log('told to end'); server.close(() => process.exit(0)) })
`

async function addProgram(namespace: string, name: string, source: string): Promise<void> {
  const body = { metadata: { name }, data: { 'main.mjs': source } }
  await must('POST', `/api/v1/namespaces/${namespace}/configmaps`, body)
}

const programVolumes = (configMap: string) => [{ name: 'program', configMap: { name: configMap } }]
const programMounts = [{ name: 'program', mountPath: '/program' }]

function deployment(version: string, ready: object = { httpGet: { path: '/', port: 'web' } }): object {
  const container = {
    ...{ name: 'web', image: 'node:24', args: ['/program/main.mjs'], volumeMounts: programMounts },
    env: [{ name: 'VERSION', value: version }],
    ports: [{ name: 'web', containerPort: 8080 }],
    readinessProbe: { ...ready, periodSeconds: 1 },
    // As long as it takes at worst until every translation of addresses has heard that it ends.
    lifecycle: { preStop: { sleep: { seconds: 3 } } },
    securityContext: {
      ...{ runAsUser: 65532, runAsNonRoot: true, readOnlyRootFilesystem: true },
      ...{ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  }
  const labels = { app: 'web' }
  return {
    metadata: { name: 'web' },
    spec: {
      ...{ replicas: 2, selector: { matchLabels: labels } },
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels },
        spec: { containers: [container], volumes: programVolumes('web') },
      },
    },
  }
}

function rolledOut(namespace: string): Promise<V1Deployment> {
  return until(
    () => must<V1Deployment>('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/web`),
    ({ metadata, status }) =>
      status?.observedGeneration === metadata?.generation &&
      status?.updatedReplicas === 2 &&
      status.availableReplicas === 2 &&
      status.replicas === 2,
    { what: 'two replicas of the newest version, and no other' },
  )
}

async function service(namespace: string, name: string, spec: object): Promise<void> {
  const ports = [{ port: 80, targetPort: 'web' }]
  const body = { metadata: { name }, spec: { selector: { app: 'web' }, ports, ...spec } }
  await must('POST', `/api/v1/namespaces/${namespace}/services`, body)
}

t.test(
  'a Deployment becomes available, is reached through its Services, and is updated without a gap',
  async (t) => {
    const namespace = await cluster.namespace()
    const place = `/apis/apps/v1/namespaces/${namespace}/deployments`
    await addProgram(namespace, 'web', server)
    await must('POST', place, deployment('1'))
    await service(namespace, 'web', {})
    await service(namespace, 'web-pods', { clusterIP: 'None' })
    await rolledOut(namespace)
    const client = await create(namespace, 'client', { ...small, containers: [{ name: 'client', ...idle }] })
    await seen(client, 'is ready', isReady)
    const get = async (url: string) => {
      const { code, stdout } = await runner.exec(client, ['curl', '-sS', '--max-time', '20', url])
      return code === 0 ? (JSON.parse(stdout) as { host: string; version: string; uid: number }) : { code }
    }
    await t.test(
      'its containers have their own host name, user, and a root that cannot be written',
      async (t) => {
        const [pod] = await cluster.pods(namespace, 'web')
        if (!pod) throw new Error('no pod')
        const answer = await fetch(`http://${pod.status?.podIP}:8080/`)
        t.strictSame(await answer.json(), { host: pod.metadata?.name, version: '1', uid: 65532 })
        const touched = await runner.exec(nameOf(pod), ['touch', '/etc/x', '/tmp/x', '/program/x', '/run/x'])
        t.equal(touched.stderr.match(/Read-only file system/g)?.length, 4, touched.stderr)
      },
    )
    await t.test('the ClusterIP leads to each of them, by name', async (t) => {
      const hosts = new Set<unknown>()
      const names = (await cluster.pods(namespace, 'web')).map(({ metadata }) => metadata?.name)
      const ask = async () => {
        const answer = await get('http://web/')
        // An endpoint is ready a moment before every translation of addresses knows it.
        if ('host' in answer) hosts.add(answer.host)
        return hosts.size
      }
      await until(ask, (size) => size === 2, { what: 'both have answered' })
      t.strictSame([...hosts].sort(), names.sort())
      t.match(await get(`http://web.${namespace}.svc.cluster.local./`), { version: '1' })
    })
    await t.test(
      'the headless name leads to the pods themselves, and no other name to anything',
      async (t) => {
        const resolve = async (name: string) =>
          (await runner.exec(client, ['getent', 'ahostsv4', name])).stdout.match(/^\S+(?= +STREAM)/gm) ?? []
        const ips = (await cluster.pods(namespace, 'web')).map(({ status }) => status?.podIP)
        t.strictSame((await resolve('web-pods')).sort(), ips.sort())
        t.strictSame(await resolve(`${ips[0]?.replaceAll('.', '-')}.web-pods`), [ips[0]])
        t.strictSame(await resolve('example.com'), [])
      },
    )
    await t.test('an update replaces them one by one, and no request fails', async (t) => {
      const versions: unknown[] = []
      let done = false
      const asking = (async () => {
        while (!done) {
          const answer = await get('http://web/')
          versions.push('version' in answer ? answer.version : answer)
          await pause(20)
        }
      })()
      await must('PATCH', `${place}/web`, deployment('2'))
      await rolledOut(namespace)
      done = true
      await asking
      t.strictSame([...new Set(versions)].sort(), ['1', '2'], `${versions.length} requests`)
    })
    await t.test('a version that does not get ready takes no traffic and stops the update', async (t) => {
      await must('PATCH', `${place}/web`, deployment('3', { httpGet: null, exec: { command: ['false'] } }))
      const newest = ({ spec }: V1Pod) => spec?.containers[0]?.env?.[0]?.value === '3'
      const [pod] = (await until(
        async () => (await cluster.pods(namespace, 'web')).filter(newest),
        (pods) => pods.some(({ status }) => status?.containerStatuses?.[0]?.state?.running !== undefined),
        { what: 'the new version runs' },
      )) as [V1Pod]
      await pause(2_500)
      t.notOk(isReady(await seen(nameOf(pod), 'is there', () => true)))
      t.equal((await cluster.pods(namespace, 'web')).filter(isReady).length, 2, 'the old ones stay')
      for (let round = 0; round < 5; round += 1) t.match(await get('http://web/'), { version: '2' })
    })
  },
)

t.test('a container that is killed is started again, later each time', async (t) => {
  const namespace = await cluster.namespace()
  const spec = { ...small, containers: [{ name: 'one', ...idle }] }
  const pod = await create(namespace, 'victim', spec)
  await seen(pod, 'is ready', isReady)
  const lives = (count: number) =>
    seen(pod, `is in its life ${count}`, (now) => isReady(now) && statusOf(now)?.restartCount === count)
  runner.kill(pod, 'SIGKILL')
  t.match(statusOf(await lives(1))?.lastState?.terminated, { exitCode: 137, signal: 9, reason: 'Error' })
  runner.kill(pod, 'SIGKILL')
  await seen(pod, 'waits', (now) => statusOf(now)?.state?.waiting?.reason === 'CrashLoopBackOff')
  await lives(2)
})

t.test('a container that is paused is not ready, and ready again when it goes on', async (t) => {
  const namespace = await cluster.namespace()
  await addProgram(namespace, 'web', server)
  const container = {
    ...{ name: 'web', image: 'node:24', args: ['/program/main.mjs'], volumeMounts: programMounts },
    readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1, failureThreshold: 1 },
    startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 30 },
  }
  const pod = await create(namespace, 'paused', {
    ...{ ...small, containers: [container], volumes: programVolumes('web') },
  })
  await seen(pod, 'is ready', isReady)
  runner.kill(pod, 'SIGSTOP')
  await seen(pod, 'is not ready', (now) => !isReady(now))
  runner.kill(pod, 'SIGCONT')
  t.equal(statusOf(await seen(pod, 'is ready again', isReady))?.restartCount, 0)
})

t.test('a liveness probe that fails has the container started again', async (t) => {
  const namespace = await cluster.namespace()
  const livenessProbe = {
    exec: { command: ['test', '!', '-e', '/tmp/dead'] },
    periodSeconds: 1,
    failureThreshold: 2,
  }
  const pod = await create(namespace, 'ill', {
    ...small,
    containers: [{ name: 'one', ...idle, livenessProbe }],
  })
  await seen(pod, 'is ready', isReady)
  await runner.exec(pod, ['touch', '/tmp/dead'])
  const again = await seen(
    pod,
    'was started again',
    (now) => isReady(now) && statusOf(now)?.restartCount === 1,
  )
  t.match(statusOf(again)?.lastState?.terminated, { exitCode: 0, reason: 'Completed' }, 'by SIGTERM')
})
