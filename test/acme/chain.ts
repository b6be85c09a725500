import t from 'tap'
import { createPublicKey } from 'node:crypto'
import { checkIssued, choosePreferred, type Issued } from '../../src/acme/chain.ts'
import { newPrivateKey } from '../../src/acme/key.ts'
import { authority, leaf } from './fixtures/certificates.ts'

const now = Date.now()
const day = 86_400_000
const domains = ['book.example.com', '2001:db8::1', 'a.example.com']
const keyPem = await newPrivateKey('ecdsa-p256')
const publicKey = createPublicKey(keyPem)
const otherKey = createPublicKey(await newPrivateKey('ecdsa-p256'))

const root = await authority('Root X1')
const intermediate = await authority('Intermediate E1', root)
const crossRoot = await authority('Old Root')
const expired = await authority('Expired E2', root, { notBefore: now - 9 * day, notAfter: now - day })
const sameName = await authority('Intermediate E1', root)

const good = await leaf(intermediate, { publicKey, domains })
const direct = await leaf(root, { publicKey, domains })
const early = await leaf(intermediate, { publicKey, domains, notBefore: now + 300_000 })
const chain = good + intermediate.pem

/** `installed` is the chain that comes out, by default leaf and intermediate. */
const accepted: Record<string, { issued: Partial<Issued>; installed?: string }> = {
  'leaf and intermediate': { issued: {} },
  'the root is left out': { issued: { chainPem: chain + root.pem } },
  'a leaf that the root issued itself': { issued: { chainPem: direct + root.pem }, installed: direct },
  'text between the certificates is left out': {
    issued: { chainPem: `hello\n${good}\n\n# E1\r\n${intermediate.pem}bye` },
  },
  'names in another order, case and form': {
    issued: { domains: ['A.example.com', 'book.example.com', '2001:0DB8:0:0:0:0:0:1'] },
  },
  'a leaf that begins in five minutes: a clock is off': {
    issued: { chainPem: early + intermediate.pem },
    installed: early + intermediate.pem,
  },
}

for (const [name, { issued, installed = chain }] of Object.entries(accepted)) {
  t.test(`accepts: ${name}`, async (t) => {
    t.strictSame(checkIssued({ chainPem: chain, keyPem, domains, now, ...issued }), { chainPem: installed })
  })
}

const refused: Record<string, { issued: Partial<Issued>; detail: string | RegExp }> = {
  nothing: { issued: { chainPem: '' }, detail: /no chain/ },
  'no PEM': { issued: { chainPem: '<html>' }, detail: /no chain/ },
  'a certificate that does not parse': {
    issued: { chainPem: good + good.replace(/[A-Za-z]{20}/, 'AAAAAAAAAAAAAAAAAAAA') },
    detail: /no chain/,
  },
  'eleven certificates': { issued: { chainPem: good + intermediate.pem.repeat(10) }, detail: /no chain/ },
  'the intermediate first': {
    issued: { chainPem: intermediate.pem + good },
    detail: /first certificate of the chain is a CA certificate/,
  },
  'a leaf for another key': {
    issued: { chainPem: (await leaf(intermediate, { publicKey: otherKey, domains })) + intermediate.pem },
    detail: 'the certificate is for another key',
  },
  'a name that is missing': {
    issued: { domains: [...domains, 'c.example.com'] },
    detail: 'the certificate lacks the name c.example.com',
  },
  'a name too many': {
    issued: { domains: ['book.example.com', '2001:db8::1'] },
    detail: 'the certificate has a name that was not ordered: a.example.com',
  },
  'a wildcard in place of a name': {
    issued: {
      domains: ['a.example.com'],
      chainPem: (await leaf(intermediate, { publicKey, domains: ['*.example.com'] })) + intermediate.pem,
    },
    detail: /lacks the name a\.example\.com/,
  },
  expired: { issued: { now: now + 91 * day }, detail: /^the certificate expired at 20/ },
  'not valid yet': {
    issued: {
      chainPem: (await leaf(intermediate, { publicKey, domains, notBefore: now + day })) + intermediate.pem,
    },
    detail: /not valid before 20/,
  },
  'an intermediate of another issuer': {
    issued: { chainPem: good + expired.pem },
    detail: 'certificate 1 of the chain was not issued by the one that follows',
  },
  'an intermediate of the right name and the wrong key': {
    issued: { chainPem: good + sameName.pem },
    detail: 'certificate 1 of the chain was not issued by the one that follows',
  },
  'an unrelated certificate at the end': {
    issued: { chainPem: chain + sameName.pem },
    detail: 'certificate 2 of the chain was not issued by the one that follows',
  },
  'the leaf twice': {
    issued: { chainPem: good + good },
    detail: 'certificate 2 of the chain is no CA certificate',
  },
  'an intermediate that has expired': {
    issued: { chainPem: (await leaf(expired, { publicKey, domains })) + expired.pem },
    detail: 'certificate 2 of the chain has expired',
  },
}

for (const [name, { issued, detail }] of Object.entries(refused)) {
  t.test(`refuses: ${name}`, async (t) => {
    const result = checkIssued({ chainPem: chain, keyPem, domains, now, ...issued })
    t.match(result, { failure: { reason: 'CertificateRejected', detail } })
  })
}

t.test('the preferred chain', async (t) => {
  const byRoot = { chainPem: chain }
  const withRoot = { chainPem: chain + root.pem }
  const cross = await authority('Root X1', crossRoot)
  const long = { chainPem: chain + cross.pem }
  const broken = { chainPem: 'nonsense' }
  const rows = [
    ['the issuer of the topmost certificate', 'Root X1', [long, byRoot], 1],
    ['a root that the chain brings along', 'Root X1', [long, withRoot], 1],
    ['the longer chain', 'Old Root', [byRoot, long], 1],
    ['the first of several', 'Root X1', [byRoot, withRoot], 0],
    ['an issuer further down, when none is topmost', 'Intermediate E1', [broken, long], 1],
    ['none', 'Another Root', [byRoot, long, broken], undefined],
    ['part of a name is no match', 'Root', [byRoot], undefined],
    ['no chains', 'Root X1', [], undefined],
  ] as const
  for (const [name, preferred, candidates, expected] of rows) {
    t.equal(choosePreferred(preferred, candidates), expected, name)
  }
})
