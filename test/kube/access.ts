/** Credentials from a pod's files and from kubeconfigs; nothing of them in any message. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AccessFault, openAccess } from '../../src/kube/access.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'

const { chainPem } = await makePair()
const inPod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' }
const mounted = () => ({ token: 'first\n', 'ca.crt': chainPem, namespace: 'port80\n' })

t.test('a pod: address from the environment, the rest from its files', async (t) => {
  const access = await openAccess({ environment: inPod, serviceAccount: t.testdir(mounted()) })
  t.equal(access.namespace, 'port80')
  t.equal(access.description, 'the service account of this pod')
  const { server, headers } = await access.credentials()
  t.equal(server.href, 'https://10.0.0.1:6443/')
  t.strictSame(headers, { authorization: 'Bearer first' })
})

t.test('an address of IPv6', async (t) => {
  const environment = { ...inPod, KUBERNETES_SERVICE_HOST: 'fd00::1' }
  const access = await openAccess({ environment, serviceAccount: t.testdir(mounted()) })
  t.equal((await access.credentials()).server.href, 'https://[fd00::1]:6443/')
})

t.test('a token that was replaced is read when the old one is refused; sockets are kept', async (t) => {
  const folder = t.testdir(mounted())
  const access = await openAccess({ environment: inPod, serviceAccount: folder })
  const first = await access.credentials()
  writeFileSync(join(folder, 'token'), 'second')
  t.equal(await access.credentials(), first, 'not read again for every request')
  access.forget()
  const second = await access.credentials()
  t.strictSame(second.headers, { authorization: 'Bearer second' })
  t.equal(second.agent, first.agent)
  writeFileSync(join(folder, 'ca.crt'), `${chainPem}\n${chainPem}`)
  access.forget()
  t.not((await access.credentials()).agent, first.agent, 'another CA is another agent')
})

t.test('files that cannot be read for a moment: what was read before goes on', async (t) => {
  const folder = t.testdir(mounted())
  const access = await openAccess({ environment: inPod, serviceAccount: folder })
  const first = await access.credentials()
  rmSync(join(folder, 'token'))
  access.forget()
  t.equal(await access.credentials(), first)
})

t.test('files that are not there from the beginning', async (t) => {
  const folder = t.testdir({ namespace: 'port80' })
  const access = await openAccess({ environment: inPod, serviceAccount: folder })
  await t.rejects(access.credentials(), {
    name: 'AccessFault',
    message: /(token|ca\.crt) cannot be read \(ENOENT\)$/,
  })
  writeFileSync(join(folder, 'token'), 'late')
  writeFileSync(join(folder, 'ca.crt'), chainPem)
  t.strictSame((await access.credentials()).headers, { authorization: 'Bearer late' })
  await t.rejects(openAccess({ environment: inPod, serviceAccount: t.testdir({}) }), AccessFault)
})

function kubeconfig(
  user: object,
  more: { readonly cluster?: object; readonly context?: object } = {},
): string {
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'one' },
    clusters: [{ name: 'c', cluster: { server: 'https://api.example.com:6443', ...more.cluster } }],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'one', context: { cluster: 'c', user: 'u', ...more.context } },
      { name: 'two', context: { cluster: 'c', user: 'u', namespace: 'second' } },
      { name: 'lost', context: { cluster: 'nowhere', user: 'u' } },
    ],
  })
}

t.test('a kubeconfig: token, context and namespace; also from within a pod when it is named', async (t) => {
  const file = join(t.testdir({ config: kubeconfig({ token: 'abc' }) }), 'config')
  const access = await openAccess({ kubeconfig: file, environment: inPod })
  t.equal(access.namespace, 'default')
  t.equal(access.description, 'context one of the kubeconfig')
  const { server, headers } = await access.credentials()
  t.equal(server.href, 'https://api.example.com:6443/')
  t.strictSame(headers, { Authorization: 'Bearer abc' })
  t.equal((await openAccess({ kubeconfig: file, context: 'two' })).namespace, 'second')
})

t.test('a kubeconfig with a plugin that gives the token', async (t) => {
  const plugin = `console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'from-plugin' } }))`
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', plugin],
    interactiveMode: 'Never',
  }
  const file = join(t.testdir({ config: kubeconfig({ exec }) }), 'config')
  const { headers } = await (await openAccess({ kubeconfig: file, environment: {} })).credentials()
  t.strictSame(headers, { Authorization: 'Bearer from-plugin' })
})

t.test('user and password', async (t) => {
  const file = join(t.testdir({ config: kubeconfig({ username: 'a', password: 'b' }) }), 'config')
  const { headers } = await (await openAccess({ kubeconfig: file, environment: {} })).credentials()
  t.strictSame(headers, { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` })
})

t.test(
  'a kubeconfig that is none, and credentials that are not to be had, without their content',
  async (t) => {
    const folder = t.testdir({
      torn: 'users:\n  - token: SECRET-TOKEN\n bad: [',
      lost: kubeconfig({ token: 'SECRET-TOKEN' }),
      plugin: kubeconfig({
        exec: { command: process.execPath, args: ['-e', 'console.error("SECRET-TOKEN"); process.exit(1)'] },
      }),
    })
    const at = (name: string) => ({ kubeconfig: join(folder, name), environment: {} })
    const rows: [string, () => Promise<unknown>, RegExp][] = [
      ['no such file', () => openAccess(at('none')), /none cannot be read or is no kubeconfig$/],
      ['not YAML', () => openAccess(at('torn')), /torn cannot be read or is no kubeconfig$/],
      [
        'a context without a cluster',
        () => openAccess({ ...at('lost'), context: 'lost' }),
        /no cluster for the context lost$/,
      ],
      [
        'a context that is not there',
        () => openAccess({ ...at('lost'), context: 'x' }),
        /no cluster for the context x$/,
      ],
      [
        'a plugin that fails',
        async () => (await openAccess(at('plugin'))).credentials(),
        /credentials of the context one are not to be had$/,
      ],
    ]
    for (const [name, act, message] of rows) {
      const error: unknown = await act().catch((caught: unknown) => caught)
      t.match(error, { name: 'AccessFault', message }, name)
      t.notMatch(String(error), /SECRET/)
    }
  },
)
