import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

const rows = [
  {
    name: 'five',
    domains: ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}.example.com`),
    keyType: 'ecdsa-p384',
  },
  { name: 'address', domains: ['127.0.0.1', 'address.example.com'], keyType: 'rsa-2048' },
] as const

t.test('several names, and an IP address beside a name, are one certificate each', async (t) => {
  const scene = await setScene(t, {
    pebble: { validationSleep: 2 },
    certificates: rows.map((row) => ({ ...row, domains: [...row.domains] })),
  })
  await scene.port80.start()
  for (const { name, domains, keyType } of rows) {
    await scene.port80.waitForCertificate(name)
    const { leaf } = await expectIssued(t, scene, name, domains)
    const { namedCurve, modulusLength } = leaf.publicKey.asymmetricKeyDetails ?? {}
    t.equal(
      modulusLength ? `rsa-${modulusLength}` : namedCurve,
      keyType === 'rsa-2048' ? keyType : 'secp384r1',
    )
  }
  t.equal(scene.proxy.accepted('newOrder'), 2)
})
