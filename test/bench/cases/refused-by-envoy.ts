/**
 * Certificates that port80 has every reason to install and that Envoy does not take: a CA whose profile asks for must-staple, or
 * for a key usage without digitalSignature. What was served goes back, the finding says why, and nothing is ordered in a loop.
 */
import type { Extension } from '@peculiar/x509'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { LastingFinding } from '../../../src/finding/reported.ts'
import { handshake } from '../../../src/serving/handshake.ts'
import { keyAgreementOnly, mustStaple, reissued } from '../fixtures/reissued.ts'
import { setScene } from '../fixtures/scene.ts'
import { until } from '../fixtures/until.ts'
import { startEnvoy } from '../peers/envoy.ts'

const host = 'book.example.com'
const scene = await setScene(t, {
  pebble: { validationSleep: 0, nonceReject: 0 },
  config: { preflight: 'off', canary: 'off', proof: 'off' },
  certificates: [{ name: 'book', domains: [host] }],
})
const { port80, proxy, pebble } = scene

/** What the CA puts into certificates from now on. */
let profile: Extension | undefined
proxy.fault(
  'certificate',
  { kind: 'alter', alter: async (chain) => (profile ? reissued(chain, profile) : chain) },
  { times: Infinity },
)

await port80.start()
await port80.waitForCertificate('book')
const good = port80.installed('book')?.serial ?? ''
const envoy = await startEnvoy(scene.directory, { ...port80.envoy('book') })
t.teardown(() => envoy.stop())
const { tlsPort: port } = envoy
const address = '127.0.0.1'
port80.configure({ proof: { deadline: '8s', every: '2s', address, port } })

const findings = async () => (await port80.status()).findings ?? []
const orders = () => proxy.accepted('newOrder')
const codesOf = (found: readonly LastingFinding[]) => found.map(({ code }) => code)
const servedSerial = async () => {
  const seen = await handshake({ address, port, host }, 10_000)
  return 'serial' in seen ? seen.serial.toLowerCase() : seen.fault
}
const proven = (serial: string) =>
  until(
    async () => (await port80.status()).served ?? [],
    (looks) =>
      looks.length > 0 && looks.every((each) => each.serial?.toLowerCase() === serial && each.matches),
    { what: `${serial} is seen to be served`, log: () => port80.log().slice(-4_000) },
  )

await t.test('what is issued as usual is seen to be served', async (t) => {
  await proven(good)
  t.strictSame(await findings(), [])
})

const rows = [
  { name: 'must-staple', extension: mustStaple, why: /must-staple/, log: /OCSP response is required/ },
  {
    ...{ name: 'no digitalSignature', extension: keyAgreementOnly },
    ...{ why: /digitalSignature/, log: /Failed to load certificate chain/ },
  },
]

for (const { name, extension, why, log } of rows) {
  await t.test(`a renewal with ${name}: Envoy refuses it, and the last good pair goes back`, async (t) => {
    const [before, told, from] = [orders(), envoy.log().length, Date.now()]
    profile = extension
    t.match(await port80.command('renew', 'book'), { code: 0 })
    const refused = pebble.issued().at(-1) ?? ''
    const [finding] = await until(
      findings,
      ([first]) => first?.code === 'P80-402' && first.seen.toLowerCase().includes(refused),
      { what: `P80-402 of ${refused}`, log: () => port80.log().slice(-4_000) },
    )
    t.comment(`${name}: undone and told ${Date.now() - from} ms after the renewal began`)
    t.match(envoy.log().slice(told), log, 'in the words of Envoy')
    t.match(finding, {
      host,
      from: 'serving',
      seen: why,
      fix: { words: /let the CA issue it.*port80 renew/ },
    })
    t.match(finding?.seen.toLowerCase(), `${good} was put back`)
    await until(
      () => port80.installed('book')?.serial,
      (serial) => serial === good,
      { what: 'it is back' },
    )
    t.equal(await servedSerial(), good)
    await pause(6_000)
    t.equal(orders(), before + 1, 'no order but the renewal')
    t.strictSame(codesOf(await findings()), ['P80-402'], 'it lasts until somebody acts')
    t.equal(port80.installed('book')?.serial, good, 'and the refused one is not tried again and again')
  })
}

await t.test('mended at the CA and renewed: served, and nothing is left', async (t) => {
  profile = undefined
  t.match(await port80.command('renew', 'book'), { code: 0 })
  await port80.waitForCertificate('book')
  await proven(pebble.issued().at(-1) ?? '')
  await until(findings, (all) => all.length === 0, { what: 'no finding' })
  t.equal(orders(), 1 + rows.length + 1)
})
