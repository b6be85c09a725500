import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { caPem } from './fixtures/ca-pem.ts'
import { watching } from './fixtures/watching.ts'

// Each has a folder of its own and waits most of the time: they wait beside one another.
t.jobs = 16
/** New options each time: tap keeps in them what is of one test. */
const beside = () => ({ buffered: true })

const good = (level: string) => `log:\n  level: ${level}\n`

t.test('a file that is written in place', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const events = await watching(t, join(dir, 'port80.yaml'))
  writeFileSync(join(dir, 'port80.yaml'), good('debug'))
  t.equal(await events.next(), 'accepted debug')
  writeFileSync(join(dir, 'port80.yaml'), good('warn'))
  t.equal(await events.next(), 'accepted warn')
})

t.test('a change is noticed by the events of the folder, long before the next poll', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const events = await watching(t, join(dir, 'port80.yaml'), { pollMs: 3_600_000 })
  writeFileSync(join(dir, 'port80.yaml'), good('debug'))
  t.equal(await events.next(), 'accepted debug')
})

t.test('a file that is put in place by renaming, as editors do', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const events = await watching(t, join(dir, 'port80.yaml'))
  for (const level of ['debug', 'warn']) {
    writeFileSync(join(dir, '.port80.yaml.swp'), good(level))
    renameSync(join(dir, '.port80.yaml.swp'), join(dir, 'port80.yaml'))
    t.equal(await events.next(), `accepted ${level}`)
  }
})

t.test('a mounted ConfigMap, whose folder is swapped as a whole', beside(), async (t) => {
  const dir = t.testdir({
    '..one': { 'port80.yaml': good('info') },
    '..two': { 'port80.yaml': good('debug') },
  })
  symlinkSync('..one', join(dir, '..data'))
  symlinkSync('..data/port80.yaml', join(dir, 'port80.yaml'))
  const events = await watching(t, join(dir, 'port80.yaml'))
  symlinkSync('..two', join(dir, '..data_tmp'))
  renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
  rmSync(join(dir, '..one'), { recursive: true })
  t.equal(await events.next(), 'accepted debug')
})

t.test('a link to another folder, which yields no event', beside(), async (t) => {
  const dir = t.testdir({ real: { 'port80.yaml': good('info') }, mount: {} })
  symlinkSync(join(dir, 'real/port80.yaml'), join(dir, 'mount/port80.yaml'))
  const events = await watching(t, join(dir, 'mount/port80.yaml'))
  writeFileSync(join(dir, 'real/port80.yaml'), good('debug'))
  t.equal(await events.next(), 'accepted debug')
})

t.test(
  'a bad version is refused with its faults, and the good one after it accepted, also when it is the old one',
  beside(),
  async (t) => {
    const dir = t.testdir({ 'port80.yaml': good('info') })
    const events = await watching(t, join(dir, 'port80.yaml'))
    writeFileSync(join(dir, 'port80.yaml'), good('loud'))
    t.equal(await events.next(), 'refused log.level')
    writeFileSync(join(dir, 'port80.yaml'), good('info'))
    t.equal(await events.next(), 'accepted info')
  },
)

t.test('a file that is gone is refused, and accepted when it comes back', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const events = await watching(t, join(dir, 'port80.yaml'))
  unlinkSync(join(dir, 'port80.yaml'))
  t.equal(await events.next(), 'refused ')
  writeFileSync(join(dir, 'port80.yaml'), good('info'))
  t.equal(await events.next(), 'accepted info')
})

t.test('a folder that is gone and comes back', beside(), async (t) => {
  const dir = t.testdir({ conf: { 'port80.yaml': good('info') } })
  const events = await watching(t, join(dir, 'conf/port80.yaml'))
  rmSync(join(dir, 'conf'), { recursive: true })
  t.equal(await events.next(), 'refused ')
  mkdirSync(join(dir, 'conf'))
  writeFileSync(join(dir, 'conf/port80.yaml'), good('debug'))
  t.equal(await events.next(), 'accepted debug')
})

t.test('half a file is given time to become a whole one', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const path = join(dir, 'port80.yaml')
  const events = await watching(t, path, { secondLookMs: 4_000 })
  writeFileSync(path, '')
  writeFileSync(path, 'log:\n  level: "deb')
  await sleep(1_000) // long after the first look, long before the second
  writeFileSync(path, good('debug'))
  t.equal(await events.next(), 'accepted debug', 'nothing was refused in between')
})

t.test('half a file that stays so is refused', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const events = await watching(t, join(dir, 'port80.yaml'))
  writeFileSync(join(dir, 'port80.yaml'), 'log:\n  level: "deb')
  t.equal(await events.next(), 'refused ')
})

t.test('the same content is no change', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const path = join(dir, 'port80.yaml')
  const events = await watching(t, path, { pollMs: 50 })
  writeFileSync(path, good('info'))
  writeFileSync(join(dir, 'other.yaml'), 'x')
  renameSync(join(dir, 'other.yaml'), join(dir, 'another.yaml'))
  await sleep(500)
  writeFileSync(path, good('debug'))
  t.equal(await events.next(), 'accepted debug', 'is the first event')
})

t.test('a file that the configuration names is missed and found again', beside(), async (t) => {
  const yaml = 'issuers:\n  a: {directory: "https://a.test/", caBundle: other/ca.pem}\n'
  const dir = t.testdir({ 'port80.yaml': yaml, other: { 'ca.pem': caPem } })
  const events = await watching(t, join(dir, 'port80.yaml'))
  unlinkSync(join(dir, 'other/ca.pem'))
  t.equal(await events.next(), 'refused issuers.a.caBundle')
  writeFileSync(join(dir, 'other/ca.pem'), caPem)
  t.equal(await events.next(), 'accepted info')
})

t.test('a change between loading and watching is not lost', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const path = join(dir, 'port80.yaml')
  const { fingerprint } = await loadConfig(path)
  writeFileSync(path, good('debug'))
  const events = await watching(t, path, { inForce: fingerprint })
  t.equal(await events.next(), 'accepted debug')
})

t.test('no change between loading and watching is none', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const path = join(dir, 'port80.yaml')
  const { fingerprint } = await loadConfig(path)
  const events = await watching(t, path, { inForce: fingerprint })
  writeFileSync(path, good('debug'))
  t.equal(await events.next(), 'accepted debug', 'is the first event')
})

t.test('it ends at once when it is told to, and says nothing afterwards', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const events = await watching(t, join(dir, 'port80.yaml'), { pollMs: 3_600_000 })
  await events.end()
  writeFileSync(join(dir, 'port80.yaml'), good('debug'))
  await sleep(300)
  t.strictSame(events.left(), [])
})

t.test('what a callback throws ends the watch and is told', beside(), async (t) => {
  const dir = t.testdir({ 'port80.yaml': good('info') })
  const path = join(dir, 'port80.yaml')
  const events = await watching(t, path, {
    onAccepted: () => {
      throw new Error('of the caller')
    },
  })
  writeFileSync(path, good('debug'))
  await t.rejects(events.ended, /of the caller/)
})
