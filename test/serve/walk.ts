/** A whole life in one process: issued, served from the folder, redirected, renewed on request, revoked, stopped. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../cli/fixtures/run.ts'
import { startPort80, until } from './fixtures/process.ts'
import { certificates, scene } from './fixtures/world.ts'

t.test('orders two certificates, redirects, answers the command line, and stops with 0', async (t) => {
  const { ca, folder, yaml } = await scene(t)
  const port80 = await startPort80(
    t,
    folder,
    yaml(certificates('book', 'book.localhost', 'hello', 'hello.localhost, h2.localhost')),
  )
  ca.setValidationPort(port80.publicPort)
  const config = join(folder, 'port80.yaml')
  const ready = await until(port80.status, ({ certificates }) =>
    certificates.every(({ state }) => state === 'ready'),
  )
  t.equal(ready.worker.role, 'leader')
  t.equal(ca.stats.orders, 2)
  t.equal(ca.stats.accounts, 1)

  const pem = await readFile(join(folder, 'certificates', 'book', 'tls.crt'), 'utf8')
  const leaf = new X509Certificate(pem)
  t.equal(leaf.subjectAltName, 'DNS:book.localhost')
  t.equal(leaf.serialNumber, ready.certificates.find(({ name }) => name === 'book')?.current?.serial)

  const answer = await fetch(`http://127.0.0.1:${port80.publicPort}/productpage?x=1`, { redirect: 'manual' })
  t.equal(answer.status, 301)
  t.equal(answer.headers.get('location'), 'https://127.0.0.1/productpage?x=1')

  const renewed = await run(['renew', 'book', '--json', '-c', config])
  t.equal(renewed.code, 0, renewed.err)
  const outcome = JSON.parse(renewed.out) as { ok: boolean; serial: string }
  t.equal(outcome.ok, true)
  t.not(outcome.serial, leaf.serialNumber)
  t.equal(ca.stats.orders, 3)
  t.equal(
    new X509Certificate(await readFile(join(folder, 'certificates', 'book', 'tls.crt'))).serialNumber,
    outcome.serial,
  )

  const again = await run(['issue', 'book', '-c', config])
  t.match(again, { code: 0, out: /book: up to date/ })
  t.equal(ca.stats.orders, 3, 'issue orders nothing that is not due')

  const revoked = await run(['revoke', 'hello', '--reason', 'keyCompromise', '-c', config])
  t.match(revoked, { code: 0, out: /hello: serial .* is revoked/ })
  t.equal(ca.stats.revocations, 1)
  await until(port80.status, ({ certificates }) => certificates.every(({ state }) => state === 'ready'))
  t.equal(ca.stats.orders, 4, 'a revoked certificate is ordered anew')

  const rolled = await run(['rollover', 'demo', '-c', config])
  t.match(rolled, { code: 0, out: /has a new key/ })
  t.match(await run(['renew', 'book', '-c', config]), { code: 0 })
  t.equal(ca.stats.accounts, 1, 'still the one account')

  const plan = await run(['plan', '--json', '-c', config])
  t.same(
    (JSON.parse(plan.out) as { steps: { do: string; reason: string }[] }).steps.map((step) => [
      step.do,
      step.reason,
    ]),
    [
      ['rest', 'UpToDate'],
      ['rest', 'UpToDate'],
    ],
  )
  t.equal(
    (await run(['status', '-c', config])).code,
    0,
    'the admin port of the file is 0, so the store is read',
  )
  port80.child.kill('SIGTERM')
  t.same(await port80.ended, { code: 0, signal: null })
  t.equal(port80.stderr(), '')
  t.notMatch(JSON.stringify(port80.lines), /PRIVATE KEY/)
})

t.test('at level debug the log says where the time of an order goes', async (t) => {
  const { ca, folder, yaml } = await scene(t)
  const port80 = await startPort80(t, folder, `${yaml()}log: { level: debug }\n`)
  ca.setValidationPort(port80.publicPort)
  await port80.line('installed', ({ what }) => what === 'pair')
  const steps = [
    ...['order started', 'token presented', 'token answered everywhere', 'authorization ended'],
    ...['certificate issued', 'installed'],
  ]
  const lines = port80.lines.filter(({ msg, what }) => steps.includes(msg) && what !== 'placeholder')
  t.strictSame(
    lines.map(({ msg, certificate }) => [certificate, msg]),
    steps.map((msg) => ['book', msg]),
  )
  t.strictSame(
    lines.flatMap(({ identifier }) => (identifier === undefined ? [] : [identifier])),
    ['book.localhost', 'book.localhost', 'book.localhost'],
  )
  port80.child.kill('SIGTERM')
  await port80.ended
})
