import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { placeholderIssuer, readLeaf } from '../../src/certificate/certificate.ts'
import { makePlaceholder } from '../../src/certificate/placeholder.ts'
import { day, now } from './fixtures/builders.ts'

t.test('the stand-in serves the names and says what it is', async (t) => {
  const domains = ['book.example.com', '192.0.2.7', '2001:db8::7']
  const pair = await makePlaceholder(domains, now)
  const leaf = readLeaf(pair)
  t.match(leaf, {
    issuedBy: placeholderIssuer,
    placeholder: true,
    keyMatches: true,
    keyType: 'ecdsa-p256',
    names: domains,
  })
  t.equal(leaf !== undefined && leaf.notBefore < now && leaf.notAfter > now + 3_000 * day, true, 'for years')
  const certificate = new X509Certificate(pair.chainPem)
  t.equal(certificate.verify(certificate.publicKey), true, 'signed by itself')
  t.match(pair.chainPem, /^-----BEGIN CERTIFICATE-----\n[\s\S]*-----END CERTIFICATE-----\n$/)
  t.match(pair.keyPem, /^-----BEGIN PRIVATE KEY-----\n[\s\S]*-----END PRIVATE KEY-----\n$/)
})

t.test('each has a key of its own', async (t) => {
  const [one, two] = await Promise.all([makePlaceholder(['a.test'], now), makePlaceholder(['a.test'], now)])
  t.not(one.keyPem, two.keyPem)
  t.not(readLeaf(one)?.serial, readLeaf(two)?.serial)
})

t.test('a hundred names are no trouble', async (t) => {
  const domains = Array.from({ length: 100 }, (_, index) => `n${index}.example.com`)
  t.same(readLeaf(await makePlaceholder(domains, now))?.names, domains)
})
