import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatFaults } from '../../src/config/fault.ts'
import { loadConfig } from '../../src/config/load.ts'
import { configSchema } from '../../src/config/schema.ts'
import { caPem } from './fixtures/ca-pem.ts'

const docs = join(import.meta.dirname, '../../docs')

async function faultsOf(path: string): Promise<string> {
  const loaded = await loadConfig(path)
  return 'faults' in loaded ? formatFaults(loaded.faults, 'f') : ''
}

t.test('without a file the defaults apply, from the working directory', async (t) => {
  const loaded = await loadConfig()
  const defaults = configSchema.parse({})
  t.match(loaded, {
    ok: {
      ...defaults,
      store: { directory: join(process.cwd(), 'port80-state') },
      destinations: [{ directory: join(process.cwd(), 'port80-certificates') }],
    },
  })
})

t.test('the example loads as it is', async (t) => {
  t.equal(await faultsOf(join(docs, 'port80.example.yaml')), '')
})

t.test('every relative path starts at the folder of the file, and absolute ones stay', async (t) => {
  const dir = t.testdir({
    'ca.pem': caPem,
    hmac: 'c2VjcmV0\n',
    'port80.yaml': `
issuers:
  mine:
    directory: https://a.test/
    caBundle: ca.pem
    externalAccount: {keyId: k, hmacKeyFile: ./hmac}
certificates:
  - {name: a, domains: [a.test], destinations: [{directory: ../certs}, {directory: /abs}]}
  - {name: b, domains: [b.test]}
destinations: [{directory: certs}]
store: {directory: state}
`,
  })
  const loaded = await loadConfig(join(dir, 'port80.yaml'))
  t.match(loaded, {
    ok: {
      issuers: {
        mine: {
          caBundle: join(dir, 'ca.pem'),
          externalAccount: { keyId: 'k', hmacKeyFile: join(dir, 'hmac') },
        },
      },
      certificates: [
        { destinations: [{ directory: join(dir, '../certs') }, { directory: '/abs' }] },
        { name: 'b' },
      ],
      destinations: [{ directory: join(dir, 'certs') }],
      store: { directory: join(dir, 'state') },
    },
  })
})

t.test('paths start at the folder of the link, not of what it points to', async (t) => {
  const dir = t.testdir({ real: { 'port80.yaml': 'store: {directory: state}\n' }, mount: {} })
  symlinkSync(join(dir, 'real/port80.yaml'), join(dir, 'mount/port80.yaml'))
  t.match(await loadConfig(join(dir, 'mount/port80.yaml')), {
    ok: { store: { directory: join(dir, 'mount/state') } },
  })
})

t.test('files that cannot be used are faults beside all others, in the order of the file', async (t) => {
  const dir = t.testdir({
    folder: {},
    'empty.pem': '',
    'broken.pem': `${caPem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    hmac: 'this is no key!\n',
    'port80.yaml': `
issuers:
  a: {directory: "https://a.test/", caBundle: missing.pem}
  b: {directory: "https://a.test/", caBundle: folder}
  c: {directory: "https://a.test/", caBundle: empty.pem}
  d: {directory: "https://a.test/", caBundle: broken.pem}
  e: {directory: 5, externalAccount: {keyId: k, hmacKeyFile: hmac}}
log: {level: loud}
`,
  })
  t.equal(
    await faultsOf(join(dir, 'port80.yaml')),
    [
      'f:3: issuers.a.caBundle: "missing.pem" does not exist; create the file, or mend the path (relative ones start at the folder of the configuration file)',
      'f:4: issuers.b.caBundle: "folder" is not a file; name a file',
      'f:5: issuers.c.caBundle: "empty.pem" holds no certificate; name a PEM file with the roots of the CA',
      'f:6: issuers.d.caBundle: "broken.pem" holds a certificate that does not parse (number 2); name a PEM file with the roots of the CA',
      'f:7: issuers.e.directory: 5 is a whole number; write the URL of an ACME directory, such as https://acme.example.com/directory',
      'f:7: issuers.e.externalAccount.hmacKeyFile: "hmac" does not hold an HMAC key; write nothing but the key into it, in base64url, as the CA gave it',
      'f:8: log.level: "loud" is no choice here; write one of debug, info, warn, error',
    ].join('\n'),
  )
})

t.test('whose machine has to have the files of an issuer', async (t) => {
  const issuers = 'issuers: {a: {directory: "https://a.test/", caBundle: /mounted/into/the/pods.pem}}\n'
  const rows = [
    { of: 'the worker of a cluster', store: 'store: {kubernetes: {}}\n', by: 'worker', faults: 1 },
    { of: 'a laptop beside a cluster', store: 'store: {kubernetes: {}}\n', by: 'reader', faults: 0 },
    { of: 'the worker on files', store: '', by: 'worker', faults: 1 },
    { of: 'a command on files', store: '', by: 'reader', faults: 1 },
  ] as const
  for (const { of, store, by, faults } of rows) {
    const dir = t.testdir({ 'port80.yaml': `${store}${issuers}` })
    const loaded = await loadConfig(join(dir, 'port80.yaml'), by)
    t.equal('faults' in loaded ? loaded.faults.length : 0, faults, of)
  }
})

t.test('a pipe is not waited on', async (t) => {
  const dir = t.testdir({ 'port80.yaml': 'issuers: {a: {directory: "https://a.test/", caBundle: pipe}}\n' })
  execFileSync('mkfifo', [join(dir, 'pipe')])
  t.match(await faultsOf(join(dir, 'port80.yaml')), /"pipe" is not a file; name a file$/)
})

const unreadable: { name: string; make: (dir: string) => void; says: RegExp }[] = [
  {
    name: 'a file that is not there',
    make: () => {},
    says: /port80\.yaml" does not exist; write it \(docs\/port80\.example\.yaml/,
  },
  { name: 'a folder', make: (dir) => mkdirSync(join(dir, 'port80.yaml')), says: /is a folder; name a file$/ },
  {
    name: 'a file in another encoding',
    make: (dir) => writeFileSync(join(dir, 'port80.yaml'), Buffer.from([0x6c, 0x6f, 0x67, 0xff, 0xfe])),
    says: /is not UTF-8 text; save it as UTF-8$/,
  },
  {
    name: 'a file of any size',
    make: (dir) => writeFileSync(join(dir, 'port80.yaml'), Buffer.alloc(8 * 1024 * 1024 + 1, '#')),
    says: /is larger than 8388608 bytes; name the right file$/,
  },
]

for (const { name, make, says } of unreadable) {
  t.test(`${name} is one fault that names it`, async (t) => {
    const dir = t.testdir({})
    make(dir)
    const text = await faultsOf(join(dir, 'port80.yaml'))
    t.match(text, says)
    t.equal(text.split('\n').length, 1)
  })
}

t.test('a file that this user may not read is one fault', async (t) => {
  const dir = t.testdir({ 'port80.yaml': 'log: {}\n' })
  const path = join(dir, 'port80.yaml')
  chmodSync(path, 0)
  const readable = canRead(path) // root may read everything
  t.equal((await faultsOf(path)) === '', readable)
  if (!readable) t.match(await faultsOf(path), /may not be read by this user; give it the right to read$/)
})

t.test('the fingerprint tells outcomes apart', async (t) => {
  const dir = t.testdir({ 'port80.yaml': 'issuers: {a: {directory: "https://a.test/", caBundle: ca.pem}}\n' })
  const path = join(dir, 'port80.yaml')
  const fingerprint = async () => (await loadConfig(path)).fingerprint
  const missing = await fingerprint()
  t.equal(await fingerprint(), missing, 'the same outcome')
  writeFileSync(join(dir, 'ca.pem'), caPem)
  const there = await fingerprint()
  t.not(there, missing, 'a named file has appeared')
  writeFileSync(path, '# a comment\n' + readFileSync(path, 'utf8'))
  t.not(await fingerprint(), there, 'another text')
})

function canRead(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}
