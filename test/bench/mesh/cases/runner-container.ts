/** What a container finds when it starts, what it is told about, and how it ends: as kubelet does it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { V1Pod, V1PodSpec } from '@kubernetes/client-node'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { idle, isReady, small, startSmallCluster, statusOf } from '../runner/fixtures/small-cluster.ts'

const cluster = await startSmallCluster(t)
const { runner, must, seen, create } = cluster

t.test('files of a ConfigMap follow it, all at once', async (t) => {
  const namespace = await cluster.namespace()
  const place = `/api/v1/namespaces/${namespace}/configmaps`
  await must('POST', place, { metadata: { name: 'files' }, data: { a: '1', b: '1', gone: '' } })
  const pod = await create(namespace, 'reader', {
    ...small,
    containers: [
      {
        ...{ name: 'one', ...idle },
        volumeMounts: [
          { name: 'files', mountPath: '/etc/files' },
          { name: 'files', mountPath: '/etc/one-file', subPath: 'a' },
        ],
      },
    ],
    volumes: [{ name: 'files', configMap: { name: 'files' } }],
  })
  await seen(pod, 'is ready', isReady)
  const read = async () =>
    (await runner.exec(pod, ['sh', '-c', 'cd /etc/files/..data; cat a b; ls /etc/files; cat /etc/one-file']))
      .stdout
  t.equal(await read(), '11a\nb\ngone\n1')
  await must('PATCH', `${place}/files`, { data: { a: '2', b: '2', gone: null, new: '' } })
  await until(read, (text) => text === '22a\nb\nnew\n1', { what: 'the files are the new ones' })
})

t.test('the token of a pod is worth what its account may do, and nothing else', async (t) => {
  const namespace = await cluster.namespace()
  const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]
  await must('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'reader' } })
  await must('POST', `${roles}/roles`, { metadata: { name: 'reader' }, rules })
  await must('POST', `${roles}/rolebindings`, {
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
  })
  const sources = [{ serviceAccountToken: { path: 'token', audience: 'istio-ca', expirationSeconds: 3600 } }]
  const pod = await create(namespace, 'asker', {
    ...{ ...small, serviceAccountName: 'reader', volumes: [{ name: 'other', projected: { sources } }] },
    containers: [
      { name: 'one', ...idle, volumeMounts: [{ name: 'other', mountPath: '/var/run/secrets/other' }] },
    ],
  })
  await seen(pod, 'is ready', isReady)
  // The bench's API server has a certificate for 127.0.0.1 only; the connection is made to where the pod is told.
  const ask = async (path: string) => {
    const script = `cd /var/run/secrets/kubernetes.io/serviceaccount
      curl -sS -o /dev/null -w '%{http_code}' --cacert ca.crt -H "Authorization: Bearer $(cat token)" \\
        --connect-to "::$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT" "https://localhost$0"`
    const { stdout, stderr } = await runner.exec(pod, ['sh', '-c', script, path])
    return stdout + stderr
  }
  t.equal(await ask(`/api/v1/namespaces/${namespace}/configmaps`), '200')
  t.equal(await ask(`/api/v1/namespaces/${namespace}/secrets`), '403')
  t.equal(await ask('/api/v1/namespaces/default/configmaps'), '403')
  const { stdout: token } = await runner.exec(pod, ['cat', '/var/run/secrets/other/token'])
  const review = await must('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    spec: { token, audiences: ['istio-ca'] },
  })
  t.match(review.status, {
    ...{ authenticated: true, audiences: ['istio-ca'] },
    user: { extra: { 'authentication.kubernetes.io/pod-name': ['asker'] } },
  })
})

t.test('environment, init containers and sidecars come in their order', async (t) => {
  const namespace = await cluster.namespace()
  await must('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
    metadata: { name: 'env' },
    data: { A: 'a' },
  })
  await must('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    ...{ metadata: { name: 'env' }, stringData: { B: 'b' } },
  })
  const volumeMounts = [{ name: 'work', mountPath: '/work-of-pod' }]
  const image = 'shell'
  const sidecar = {
    ...{ name: 'side', image, volumeMounts, restartPolicy: 'Always' },
    args: ['sleep 1; echo side >> /work-of-pod/log; sleep 1000'],
    startupProbe: { exec: { command: ['grep', '-q', 'side', '/work-of-pod/log'] }, periodSeconds: 1 },
  }
  const pod = await create(namespace, 'ordered', {
    restartPolicy: 'Never',
    initContainers: [
      { name: 'first', image, volumeMounts, args: ['echo first >> /work-of-pod/log'] },
      sidecar,
    ],
    containers: [
      {
        ...{ name: 'main', image, volumeMounts, envFrom: [{ configMapRef: { name: 'env' } }] },
        env: [
          { name: 'B', valueFrom: { secretKeyRef: { name: 'env', key: 'B' } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
          { name: 'ALL', value: '$(A) $(B) $(APP) $$(A) $(unknown)' },
        ],
        args: ['cat /work-of-pod/log; echo "$ALL"; [ "$IP" = "$(hostname -I | tr -d " ")" ] && exit 3'],
      },
    ],
    volumes: [{ name: 'work', emptyDir: {} }],
  })
  const ended = await seen(pod, 'has failed', ({ status }) => status?.phase === 'Failed')
  t.equal(statusOf(ended)?.state?.terminated?.exitCode, 3)
  const log = 'first\nside\na b ordered $(A) $(unknown)\n'
  t.equal(runner.log(pod, 'main'), log)
  const path = `/api/v1/namespaces/${namespace}/pods/ordered/log?container=main`
  t.strictSame(await cluster.api.ask('GET', path), { status: 200, body: log }, 'kubectl logs')
})

t.test('a Job is done when its Pod has succeeded', async (t) => {
  const namespace = await cluster.namespace()
  const spec = { restartPolicy: 'Never', containers: [{ name: 'one', image: 'shell', args: ['echo done'] }] }
  const body = { metadata: { name: 'job' }, spec: { template: { spec } } }
  await must('POST', `/apis/batch/v1/namespaces/${namespace}/jobs`, body)
  const job = () =>
    must<{ status?: { succeeded?: number } }>('GET', `/apis/batch/v1/namespaces/${namespace}/jobs/job`)
  t.ok(await until(job, ({ status }) => status?.succeeded === 1, { what: 'the Job is done' }))
})

t.test('what cannot be started says why, and starts when it can', async (t) => {
  const namespace = await cluster.namespace()
  const why = (reason: string, message: RegExp) => (now: V1Pod) => {
    const waiting = statusOf(now)?.state?.waiting
    return waiting?.reason === reason && message.test(waiting.message ?? '')
  }
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'late', key: 'a' } } }]
  const volumes = [{ name: 'late', secret: { secretName: 'late' } }]
  const rows: [string, V1PodSpec, (now: V1Pod) => boolean][] = [
    ['image', { containers: [{ name: 'one', image: 'none:1' }] }, why('ErrImagePull', /none:1/)],
    [
      'root',
      { containers: [{ name: 'one', ...idle, securityContext: { runAsNonRoot: true } }] },
      why('CreateContainerConfigError', /runAsNonRoot/),
    ],
    ['variable', { containers: [{ name: 'one', ...idle, env }] }, why('CreateContainerConfigError', /late/)],
    ['volume', { containers: [{ name: 'one', ...idle }], volumes }, why('ContainerCreating', /late/)],
  ]
  for (const [name, spec] of rows) await create(namespace, name, { ...small, ...spec })
  for (const [name, , told] of rows) t.ok(await seen({ namespace, name }, 'says why', told), name)
  await must('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
    metadata: { name: 'late' },
    data: { a: '' },
  })
  await must('POST', `/api/v1/namespaces/${namespace}/secrets`, { metadata: { name: 'late' } })
  for (const name of ['variable', 'volume']) t.ok(await seen({ namespace, name }, 'is ready', isReady), name)
})

t.test(
  'a Pod that is deleted ends in order: preStop, SIGTERM, and SIGKILL when its time is over',
  async (t) => {
    const namespace = await cluster.namespace()
    const polite = {
      ...{ name: 'polite', image: 'shell' },
      args: ['trap "echo told; exit 0" TERM; echo up; while :; do sleep 0.1 & wait; done'],
      lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo before >> /proc/1/fd/1; sleep 0.5'] } } },
    }
    const deaf = { name: 'deaf', image: 'shell', args: ['trap "" TERM; echo up; sleep 1000'] }
    for (const container of [polite, deaf]) {
      const spec = { ...small, containers: [container] }
      const pod = await create(namespace, container.name, spec)
      await seen(pod, 'is ready', isReady)
      await until(
        () => runner.log(pod),
        (log) => log === 'up\n',
        { what: 'it is up' },
      )
      const began = performance.now()
      await must('DELETE', `/api/v1/namespaces/${namespace}/pods/${pod.name}`)
      const gone = async () =>
        (await cluster.api.ask('GET', `/api/v1/namespaces/${namespace}/pods/${pod.name}`)).status
      await until(gone, (status) => status === 404, { what: 'it is gone' })
      const tookMs = performance.now() - began
      if (container === polite) t.equal(runner.log(pod), 'up\nbefore\ntold\n')
      else t.ok(tookMs >= 1_900, `the deaf one had its two seconds (${Math.round(tookMs)} ms)`)
    }
  },
)

t.test('nothing of a runner outlives it, not even when it is killed', async (t) => {
  const file = join(import.meta.dirname, '../runner/fixtures/container-owner.ts')
  const owner = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  const { directory, pids } = JSON.parse(line.toString()) as { directory: string; pids: number[] }
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const running = () => pids.filter((pid) => existsSync(`/proc/${pid}`))
  t.strictSame(running(), pids, 'the container and what holds it run')
  owner.kill('SIGKILL')
  await until(running, ({ length }) => length === 0, { what: 'both are gone' })
  t.strictSame(readdirSync(join(directory, 'root')), [], 'its file system went with it')
})

t.test("port80's own image runs as its user, on a root that cannot be written", async (t) => {
  const namespace = await cluster.namespace()
  const pod = await create(namespace, 'port80', {
    ...{ ...small, restartPolicy: 'Never', securityContext: { runAsNonRoot: true } },
    containers: [
      {
        ...{ name: 'port80', image: 'example.com/port80:1.2.3@sha256:0', args: ['--help'] },
        securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      },
    ],
  })
  const ended = await seen(pod, 'is done', ({ status }) => /Succeeded|Failed/.test(status?.phase ?? ''))
  t.equal(ended.status?.phase, 'Succeeded', runner.log(pod))
  t.match(runner.log(pod), /serve/)
})
