import t from 'tap'
import type { LookStatus } from '../../src/finding/looks.ts'
import { lookLines, silenceOf } from '../../src/status/looks.ts'
import { renderCertificatePage } from '../../src/status/certificate-page.ts'
import { renderFindingsPage } from '../../src/status/findings-page.ts'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { painter } from '../../src/status/terminal.ts'
import { renderStatusText } from '../../src/status/text.ts'
import { textOf } from './fixtures/markup.ts'
import { meshDay } from './fixtures/mesh-day.ts'
import { goodDay, now } from './fixtures/page-snapshots.ts'

const off: readonly LookStatus[] = [
  { look: 'preflight', issuer: 'letsencrypt', state: 'off' },
  { look: 'canary', state: 'off' },
  { look: 'serving', state: 'off' },
  { look: 'observe', state: 'blind' },
  { look: 'lint', state: 'asked' },
]
const canary: LookStatus = { look: 'canary', state: 'every', everyMs: 300_000 }
const looked: LookStatus = { ...canary, lookedAt: now - 12_000 }
const standby = { ...goodDay.worker, role: 'standby' } as const
const told = { stale: false, leftOut: 0 }

const rows: readonly (readonly [string, Partial<StatusSnapshot>, ReturnType<typeof silenceOf>])[] = [
  ['nothing is on, and an empty list was told', { looks: off, findings: [] }, 'nobodyLooks'],
  ['nothing is on, and nothing was told', { looks: off }, 'nobodyLooks'],
  ['on, and no look has ended', { looks: [canary] }, 'notYet'],
  ['on, no look has ended, an empty list was told', { looks: [canary], findings: [] }, 'notYet'],
  ['on, and it was looked', { looks: [...off, looked], findings: [] }, 'well'],
  ['a standby on files hears nothing', { looks: [canary], worker: standby }, 'elsewhere'],
  ['a standby that is told', { looks: [canary], worker: standby, told }, 'notYet'],
  ['a standby that is told of looks', { looks: [looked], worker: standby, told }, 'well'],
  ['an older leader does not say who looks', { findings: [] }, 'well'],
  ['nor whether anybody does', {}, 'notYet'],
]

for (const [name, differs, silence] of rows) {
  t.test(name, async (t) => {
    t.equal(silenceOf({ ...goodDay, ...differs }), silence)
  })
}

const findings = (differs: Partial<StatusSnapshot>) =>
  textOf(renderFindingsPage({ ...goodDay, ...differs }, { now, refresh: false }))

t.test('with nothing on, the page says so, and how each is switched on', async (t) => {
  const text = findings({ looks: off, findings: [] })
  for (const words of [
    'Nothing is looked at',
    'Preflight, letsencrypt the way of the CA, before a first order off; on with preflight: require -',
    'Canary the way of the CA, from time to time off; on with canary: { every: 5m } -',
    'off; on with proof: { every: 10m }',
    'nobody looks: proof is off',
    'when asked: port80 lint, or lint: { every: 10m }',
  ])
    t.ok(text.includes(words), words)
  t.notMatch(text, /nothing (is )?wrong/i)
})

t.test('what was found well is said to be, and what is off is not', async (t) => {
  const text = findings({ looks: [...off.slice(0, 1), looked], findings: [] })
  for (const words of [
    'Nothing wrong was found',
    'Of what is off below, nobody knows',
    'every 5 min',
    '12 s ago',
  ])
    t.ok(text.includes(words), words)
  t.notMatch(findings({ looks: [looked], findings: [] }), 'Of what is off')
})

t.test('findings stand whoever looks', async (t) => {
  t.match(findings({ looks: off, findings: meshDay.findings ?? [] }), '3 errors found')
})

t.test('the page of a certificate says no more than is known', async (t) => {
  const page = (differs: Partial<StatusSnapshot>) =>
    textOf(renderCertificatePage('book', { ...goodDay, ...differs }, { now, refresh: false }) ?? '')
  t.match(page({ looks: off, findings: [] }), 'Nothing is looked at: the page of findings says who looks')
  t.match(page({ looks: [looked], findings: [] }), 'Nothing wrong was found with its hosts')
})

t.test('the terminal has a row for each', async (t) => {
  const lines = (differs: Partial<StatusSnapshot>) =>
    lookLines({ ...goodDay, ...differs }, { now, width: 100, paint: painter(false) })
  t.same(lines({ looks: off }), [
    'Nothing is looked at: whether anything is wrong, nobody knows.',
    'LOOK                    LAST  WHEN',
    'Preflight, letsencrypt  -     off; preflight: require',
    'Canary                  -     off; canary: { every: 5m }',
    'Proof of serving        -     off; proof: { every: 10m }',
    'Observed certificates   -     nobody looks: proof is off',
    'Lint                    -     when asked: port80 lint, or lint: { every: 10m }',
  ])
  t.same(lines({ looks: [looked] }).slice(1), ['Canary  12 s ago  every 5 min'])
  t.same(lines({ looks: [canary], worker: standby }).slice(1), ['Canary  not known here  every 5 min'])
  t.same(lines({}), [], 'an older leader did not say')
  t.match(
    renderStatusText({ ...goodDay, looks: [looked] }, { now, colour: false, width: 100 }),
    /every 5 min\n$/,
  )
})
