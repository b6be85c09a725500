import t from 'tap'
import { plan } from '../../../src/certificate/plan.ts'
import {
  certificate,
  desired,
  hour,
  installed,
  leaf,
  now,
  record,
  renewalInfo,
  storedPair,
  world,
} from '../fixtures/builders.ts'
import { bare, renewing, withInfo } from '../fixtures/plan-rows.ts'

t.test('the next moment is the earliest of all', async (t) => {
  const rows = [
    { name: 'nothing is there', certificates: [], at: undefined },
    {
      name: 'the end of an act is no moment of the clock',
      certificates: [bare(), certificate({ running: true })],
      at: undefined,
    },
    {
      name: 'the earliest of a wait, a renewal and a question',
      certificates: [
        certificate(),
        renewing({ record: record({ notBefore: now + 3 * hour }) }),
        withInfo({ askAgainAt: now + 2 * hour }),
      ],
      at: now + 2 * hour,
    },
    {
      name: 'a stop has no moment',
      certificates: [renewing({ record: record({ stoppedFor: 'configuration-1' }) })],
      at: undefined,
    },
  ]
  for (const { name, certificates, at } of rows) {
    t.test(name, async (t) => t.equal(plan(world(certificates)).nextWakeAt, at))
  }
})

t.test('ten thousand certificates with nothing due rest, each by itself', async (t) => {
  const certificates = Array.from({ length: 10_000 }, (_, index) => {
    const name = `c${index}`
    const domains = [`${name}.example.com`]
    const own = leaf({ names: domains, fingerprint: name })
    return certificate({
      desired: desired({ name, domains, renewal: { ari: true } }),
      stored: { pair: storedPair(), leaf: own },
      record: record({ renewalInfo: renewalInfo({ askAgainAt: now + hour + index }) }),
      installed: [installed({ leaf: own })],
    })
  })
  const { steps, nextWakeAt } = plan(world(certificates))
  t.equal(steps.length, 10_000)
  t.equal(
    steps.every((step) => step.do === 'rest' && step.reason === 'UpToDate'),
    true,
  )
  t.equal(new Set(steps.map((step) => step.certificate)).size, 10_000)
  t.equal(nextWakeAt, now + hour)
})
