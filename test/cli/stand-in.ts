/** `port80 issue` with no worker running: the command is the worker and the responder for that one certificate. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { freePort } from '../bench/peers/ports.ts'
import { certificates, scene } from '../serve/fixtures/world.ts'
import { run } from './fixtures/run.ts'

t.test('issues the one that was asked for, and status and exit codes tell', async (t) => {
  const { ca, folder, yaml } = await scene(t)
  const port = await freePort()
  ca.setValidationPort(port)
  const config = join(folder, 'port80.yaml')
  await writeFile(
    config,
    yaml(certificates('book', 'book.localhost', 'hello', 'hello.localhost')).replace(
      '127.0.0.1, port: 0',
      `127.0.0.1, port: ${port}`,
    ),
  )
  t.match(await run(['plan', '-c', config]), { code: 0, out: /book +order at demo, because/ })
  t.equal(ca.stats.orders, 0, 'plan does nothing')
  t.match(await run(['status', '-c', config]), { code: 1 })

  const issued = await run(['issue', 'book', '-c', config])
  t.match(issued, { code: 0, out: /book: issued, serial/ }, issued.err)
  t.equal(ca.stats.orders, 1, 'and nothing else is ordered')
  t.match(await run(['status', '-c', config]), { code: 1, out: /hello/ })
  t.match(await run(['plan', '-c', config]), { out: /hello +order at demo/ })

  ca.fail('hello.localhost', { at: 'newOrder', type: 'rejectedIdentifier', detail: 'not in this house' })
  const refused = await run(['issue', 'hello', '-c', config])
  t.match(refused, { code: 1, out: /hello: AcmeRejectedIdentifier: .*not in this house/ }, refused.err)
})

const wrong: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ['a certificate that is not configured', ['issue', 'nobody'], 2, /there are: book/],
  ['a reason that is none', ['revoke', 'book', '--reason', 'because'], 2, /--reason is one of/],
  ['a host that is none', ['check', 'a b'], 2, /a b/],
]
t.test('says what is wrong with', async (t) => {
  const { folder, yaml } = await scene(t)
  const config = join(folder, 'port80.yaml')
  await writeFile(config, yaml())
  for (const [name, args, code, text] of wrong) {
    t.match(await run([...args, '-c', config]), { code, err: text }, name)
  }
  await writeFile(config, 'certificates: [{ name: A, domains: ["*.example.com"] }]\nstroe: {}\n')
  const faults = await run(['config', 'validate', '-c', config])
  t.equal(faults.code, 3)
  for (const path of ['certificates\\[0\\].name', 'certificates\\[0\\].domains\\[0\\]', 'stroe'])
    t.match(faults.err, new RegExp(path))
  t.match(await run(['config', 'validate', '-c', join(folder, 'none.yaml')]), { code: 3, err: /none\.yaml/ })
})

t.test('prints a JSON Schema and validates without a file', async (t) => {
  const schema = await run(['config', 'schema'])
  t.match(JSON.parse(schema.out), { title: 'port80 configuration', type: 'object' })
})
