import t from 'tap'
import { readLeaf } from '../../src/certificate/certificate.ts'
import { termScene, until } from './fixtures/term.ts'

t.setTimeout(120_000)

t.test('two certificates that differ in their key type alone: one order after the other', async (t) => {
  const domains = ['book.localhost', 'www.book.localhost']
  const scene = await termScene(
    t,
    [
      { name: 'ecdsa', domains },
      { name: 'rsa', domains: [...domains].reverse(), keyType: 'rsa-2048' },
    ],
    { validationPauseMs: 300 },
  )
  scene.start()
  await until(async () => (await scene.issued('ecdsa')) && (await scene.issued('rsa')))
  for (const [name, keyType] of [
    ['ecdsa', 'ecdsa-p256'],
    ['rsa', 'rsa-2048'],
  ] as const) {
    const record = await scene.record(name)
    const [pair] = record?.pairs ?? []
    t.match(pair && readLeaf(pair), { keyMatches: true, keyType })
    t.equal(record?.attempts.length, 1, 'at the first attempt')
  }
  t.match(scene.ca.stats, { orders: 2, certificates: 2, failedValidations: 0 })
  const told = scene.lines.map(({ msg }) => msg)
  const steps = told.filter((msg) => msg === 'order started' || msg === 'certificate issued')
  t.same(steps, ['order started', 'certificate issued', 'order started', 'certificate issued'])
})
