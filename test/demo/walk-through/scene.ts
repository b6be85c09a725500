import { readFile } from 'node:fs/promises'
import t from 'tap'
import { adapted, sceneOf } from '../../../demo/walk-through/scene.ts'

const original = await readFile(new URL('../../../demo/port80.yaml', import.meta.url), 'utf8')

const portsIn = (text: string) => {
  const scene = sceneOf(text)
  if ('faults' in scene) throw new Error(scene.faults.join('\n'))
  const { public: open, admin, gateway, ca } = scene.ok.ports
  return [open.port, admin.port, gateway.port, ca.port]
}

t.test('finds ports, folders and certificates in demo/port80.yaml', async (t) => {
  const scene = sceneOf(original)
  t.same(portsIn(original), [8080, 9090, 8443, 14000])
  t.match(scene, {
    ok: {
      folders: { ca: '../.port80/ca/', certificates: '../.port80/certificates', state: '../.port80/state' },
      certificates: [
        { name: 'hello', domains: ['hello.localhost', 'httpbin.localhost'] },
        { name: 'book', domains: ['book.localhost'] },
      ],
    },
  })
})

t.test('writes a copy with other ports and its own folders, and with the comments', async (t) => {
  const text = adapted(original, { public: 1080, admin: 1090, gateway: 1443, ca: 1400 })
  t.same(portsIn(text), [1080, 1090, 1443, 1400])
  t.match(text, 'url: http://127.0.0.1:1080/.well-known/acme-challenge/{token}')
  t.match(text, '# The root of the CA, since no system trusts it.')
  t.match(sceneOf(text), {
    ok: { folders: { ca: './ca/', certificates: './certificates', state: './state' } },
  })
})

t.test('leaves what nobody changed', async (t) => {
  t.same(portsIn(adapted(original, { admin: 1090 })), [8080, 1090, 8443, 14000])
})

const faults: readonly [string, (text: string) => string, RegExp][] = [
  [
    'another CA',
    (text) => text.replace('https://localhost:14000/directory', 'https://ca.example.com/'),
    /issuers\.demo\.directory/,
  ],
  ['another root', (text) => text.replace('/root.pem', '/other.pem'), /issuers\.demo\.caBundle.*root\.pem/],
  ['another issuer', (text) => text.replace('issuer: demo', 'issuer: letsencrypt'), /issuer: demo/],
  [
    'no certificates',
    (text) => text.replace(/certificates:\n[^]*?\n\n/, ''),
    /certificates: the walk-through needs one/,
  ],
  [
    'two folders',
    (text) => text.replace('- directory:', '- directory: ../x\n  - directory:'),
    /destinations/,
  ],
  ['a mistake in the file', (text) => text.replace('httpsPort', 'httpPort'), /redirect\.httpPort/],
]
for (const [name, change, expected] of faults)
  t.test(`says what is wrong with ${name}`, async (t) => {
    t.not(change(original), original)
    const scene = sceneOf(change(original))
    t.match('faults' in scene ? scene.faults.join('\n') : '', expected)
  })
