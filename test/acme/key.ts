import t from 'tap'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { csr, newPrivateKey } from '../../src/acme/key.ts'
import { keyTypes } from '../../src/config/schema.ts'
import { readRequest } from './fixtures/certificates.ts'

const shapes = {
  'ecdsa-p256': { type: 'ec', details: { namedCurve: 'prime256v1' } },
  'ecdsa-p384': { type: 'ec', details: { namedCurve: 'secp384r1' } },
  'rsa-2048': { type: 'rsa', details: { modulusLength: 2048 } },
  'rsa-3072': { type: 'rsa', details: { modulusLength: 3072 } },
  'rsa-4096': { type: 'rsa', details: { modulusLength: 4096 } },
} as const

const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`

for (const type of keyTypes) {
  t.test(`${type}: a PKCS#8 key, and a request that it signed`, async (t) => {
    const keyPem = await newPrivateKey(type)
    t.match(keyPem, /^-----BEGIN PRIVATE KEY-----\n/)
    t.match(createPrivateKey(keyPem), {
      asymmetricKeyType: shapes[type].type,
      asymmetricKeyDetails: shapes[type].details,
    })
    const request = await readRequest(
      await csr(keyPem, ['book.example.com', '192.0.2.1', '2001:db8::1', long]),
    )
    t.equal(request.valid, true)
    t.equal(request.subject, '', 'no common name: it may have 64 characters at most, and nobody needs it')
    t.strictSame(request.names.map(String), ['book.example.com', '192.0.2.1', '2001:db8::1', long])
    t.ok(request.publicKey.equals(createPublicKey(keyPem)))
  })
}

t.test('two keys are never the same', async (t) => {
  t.not(await newPrivateKey('ecdsa-p256'), await newPrivateKey('ecdsa-p256'))
})
