import t from 'tap'
import fc from 'fast-check'
import { X509Certificate } from 'node:crypto'
import { serialAndAki } from '../../src/acme/der.ts'
import { authority, leaf } from './fixtures/certificates.ts'

const ca = await authority('Some CA')
const pem = await leaf(ca, {
  publicKey: new X509Certificate(ca.pem).publicKey,
  domains: Array.from({ length: 100 }, (_, index) => `name-${index}.example.com`),
  serialNumber: '00a1b2c3',
})
const der = new X509Certificate(pem).raw

t.test('finds both in a certificate whose lengths take two bytes', async (t) => {
  t.ok(der.length > 2_000)
  const found = serialAndAki(der)
  t.equal(found?.serial.toString('hex'), '00a1b2c3')
  t.equal(found?.aki.toString('hex'), ca.keyId)
})

t.test('finds neither where there is none', async (t) => {
  t.equal(serialAndAki(new X509Certificate(ca.pem).raw), undefined, 'a root without AKI')
  t.equal(serialAndAki(Buffer.alloc(0)), undefined)
  t.equal(serialAndAki(Buffer.from('3080', 'hex')), undefined, 'an indefinite length, which DER forbids')
  t.equal(serialAndAki(Buffer.from('30ffffffffff', 'hex')), undefined, 'a length of more than four bytes')
})

t.test('bytes that are cut or changed never throw', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: der.length }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      serialAndAki(der.subarray(0, at))
      const changed = Buffer.from(der)
      changed[at] = byte
      serialAndAki(changed)
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void serialAndAki(Buffer.from(bytes))))
  t.pass()
})
