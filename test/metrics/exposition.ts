import t from 'tap'
import { renderGauges } from '../../src/metrics/exposition.ts'
import { samplesOf } from '../../src/metrics/samples.ts'
import { badDay } from '../status/fixtures/page-snapshots.ts'
import { readExposition } from './fixtures/exposition.ts'

t.test('series of one gauge stand together below their help and type', async (t) => {
  t.equal(
    renderGauges([
      { gauge: 'leader', labels: {}, value: 1 },
      { gauge: 'holds', labels: { issuer: 'a', kind: 'issuer' }, value: 2 },
      { gauge: 'tokens', labels: {}, value: 0 },
      { gauge: 'holds', labels: { issuer: 'b', kind: 'issuer' }, value: 1 },
    ]),
    `# HELP port80_leader 1 while the worker of this process leads and orders.
# TYPE port80_leader gauge
port80_leader 1

# HELP port80_holds Limits of the CA in force, by what they cover.
# TYPE port80_holds gauge
port80_holds{issuer="a",kind="issuer"} 2
port80_holds{issuer="b",kind="issuer"} 1

# HELP port80_challenge_tokens Live tokens in the store.
# TYPE port80_challenge_tokens gauge
port80_challenge_tokens 0
`,
  )
})

t.test('a label value cannot leave its quotes', async (t) => {
  for (const version of ['"} 1\nevil 2', '\\', '\\"', 'a\\nb', '\n']) {
    const { series } = readExposition(renderGauges([{ gauge: 'build', labels: { version }, value: 1 }]))
    t.same(series, [{ name: 'port80_build_info', labels: { version }, value: 1 }], JSON.stringify(version))
  }
})

t.test('every sample comes back as it went in', async (t) => {
  const samples = samplesOf(badDay)
  const { series } = readExposition(renderGauges(samples))
  t.equal(series.length, samples.length)
  t.same(series.map(({ value }) => value).sort(), samples.map(({ value }) => value).sort())
})
