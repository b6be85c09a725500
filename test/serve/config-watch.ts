/** The configuration is followed while the servers go on. */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startPort80, until } from './fixtures/process.ts'
import { scene } from './fixtures/world.ts'

t.test('a good change is in force, a bad one is refused with its faults and the old one stays', async (t) => {
  const { folder, yaml } = await scene(t)
  const port80 = await startPort80(t, folder, yaml('certificates: []'))
  const replace = async (text: string) => {
    await writeFile(join(folder, 'next.yaml'), text)
    await rename(join(folder, 'next.yaml'), join(folder, 'port80.yaml'))
  }
  const statusOf = async () =>
    (await fetch(`http://127.0.0.1:${port80.publicPort}/`, { redirect: 'manual' })).status
  t.equal(await statusOf(), 301)

  await replace(yaml('certificates: []\nredirect: { status: 308 }'))
  await port80.line('configuration accepted')
  t.equal(await statusOf(), 308)

  await replace(yaml('certificates: []\nredirect: { statsu: 302, maxAge: never }'))
  await port80.line('configuration refused; the old one stays in force')
  const { configuration } = await port80.status()
  t.same(configuration.faults.map(({ path }) => path).sort(), ['redirect.maxAge', 'redirect.statsu'])
  t.equal(await statusOf(), 308, 'the old one is in force')
  const metrics = await (await fetch(`http://127.0.0.1:${port80.adminPort}/metrics`)).text()
  t.match(metrics, /^port80_configuration_accepted(\{\})? 0$/m)

  await replace(yaml('certificates: []\nredirect: { status: 302 }'))
  const healed = await until(port80.status, (status) => status.configuration.faults.length === 0)
  t.same(healed.configuration.faults, [])
  t.equal(await statusOf(), 302)
  port80.child.kill('SIGTERM')
  t.same(await port80.ended, { code: 0, signal: null })
})
