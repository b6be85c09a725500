import t from 'tap'
import { statusLabel } from '../../src/metrics/acme-observer.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { challengeResults } from '../../src/http/challenge-answer.ts'
import { refusalReasons } from '../../src/http/refusal.ts'
import { redirectStatuses } from '../../src/metrics/public-observer.ts'
import { goodDay, now } from '../status/fixtures/page-snapshots.ts'
import { readExposition } from './fixtures/exposition.ts'

const scrape = async (metrics = createMetrics()) => readExposition(await metrics.text(goodDay))

t.test('every result, status and reason of the public server is there at zero, then counts', async (t) => {
  const metrics = createMetrics()
  const before = await scrape(metrics)
  for (const result of challengeResults) metrics.public.challengeAnswered(result)
  for (const status of redirectStatuses) metrics.public.redirected(status)
  for (const reason of refusalReasons) metrics.public.refused(reason)
  metrics.public.redirected(301)
  const after = await scrape(metrics)
  const rows = [
    ...challengeResults.map((result) => ['port80_challenge_requests_total', { result }, 1] as const),
    ...refusalReasons.map((reason) => ['port80_refused_requests_total', { reason }, 1] as const),
    ['port80_redirects_total', { status: '301' }, 2] as const,
    ['port80_redirects_total', { status: '302' }, 1] as const,
    ['port80_redirects_total', { status: '308' }, 1] as const,
  ]
  for (const [name, labels, count] of rows) {
    t.equal(before.value(name, labels), 0, `${name} ${JSON.stringify(labels)} at first`)
    t.equal(after.value(name, labels), count, `${name} ${JSON.stringify(labels)} then`)
  }
})

t.test('a status of the CA becomes a label of a small set', async (t) => {
  const rows = [
    { name: 'ok', status: 200, label: '200' },
    { name: 'created', status: 201, label: '201' },
    { name: 'rate limited', status: 429, label: '429' },
    { name: 'overloaded', status: 503, label: '503' },
    { name: 'a client error nobody sends', status: 451, label: '4xx' },
    { name: 'a server error of some proxy', status: 599, label: '5xx' },
    { name: 'an early hint', status: 103, label: '1xx' },
    { name: 'no answer', status: 0, label: 'none' },
    { name: 'a number that is no status', status: 999, label: 'none' },
    { name: 'not a number', status: Number.NaN, label: 'none' },
  ]
  for (const { name, status, label } of rows) t.equal(statusLabel(status), label, name)
})

t.test('requests to the CA are counted and timed by issuer, action and status', async (t) => {
  const metrics = createMetrics()
  const observer = metrics.acme('letsencrypt')
  observer.request('newOrder', 201, 0.2)
  observer.request('newOrder', 201, 0.7)
  observer.request('newOrder', 0, 30)
  metrics.acme('example-ca').request('directory', 200, Number.NaN)
  const { value } = await scrape(metrics)
  const created = { issuer: 'letsencrypt', action: 'newOrder', status: '201' }
  const duration = 'port80_http_acme_client_request_duration_seconds'
  t.equal(value('port80_http_acme_client_requests_total', created), 2)
  t.equal(value('port80_http_acme_client_requests_total', { ...created, status: 'none' }), 1)
  t.equal(value(`${duration}_bucket`, { ...created, le: '0.25' }), 1)
  t.equal(value(`${duration}_bucket`, { ...created, le: '+Inf' }), 2)
  t.ok(Math.abs((value(`${duration}_sum`, created) ?? 0) - 0.9) < 1e-9)
  t.equal(value(`${duration}_sum`, { issuer: 'example-ca', action: 'directory', status: '200' }), 0)
})

t.test('an ended order counts for its issuer and for its certificate', async (t) => {
  const metrics = createMetrics()
  metrics.worker.orderEnded({
    name: 'book',
    issuer: 'letsencrypt',
    result: 'issued',
    reason: 'RenewalWindow',
  })
  metrics.worker.orderEnded({ name: 'book', issuer: 'letsencrypt', result: 'failed', reason: 'CaTimedOut' })
  metrics.worker.installed({ name: 'book', seconds: 7.4 })
  const { value } = await scrape(metrics)
  t.equal(
    value('port80_orders_total', { issuer: 'letsencrypt', result: 'issued', reason: 'RenewalWindow' }),
    1,
  )
  t.equal(
    value('port80_certificate_attempts_total', { name: 'book', outcome: 'failed', reason: 'CaTimedOut' }),
    1,
  )
  t.equal(value('port80_wanted_to_installed_seconds_bucket', { le: '5' }), 0)
  t.equal(value('port80_wanted_to_installed_seconds_bucket', { le: '10' }), 1)
})

t.test('the tick and the configuration have no moment before there was one', async (t) => {
  const metrics = createMetrics()
  const before = await scrape(metrics)
  const tick = 'port80_worker_last_successful_tick_timestamp_seconds'
  const acceptedAt = 'port80_configuration_last_accepted_timestamp_seconds'
  for (const name of [tick, acceptedAt]) t.equal(before.value(name, {}), undefined, name)
  metrics.worker.tick(now)
  metrics.worker.configAccepted(now)
  const after = await scrape(metrics)
  t.equal(after.value(tick, {}), now / 1_000)
  t.equal(after.value(acceptedAt, {}), now / 1_000)
})

t.test('a refused configuration shows its faults and the old moment until a good one comes', async (t) => {
  const metrics = createMetrics()
  const state = async () => {
    const { value } = await scrape(metrics)
    return [
      value('port80_configuration_accepted', {}),
      value('port80_configuration_faults', {}),
      value('port80_configuration_last_accepted_timestamp_seconds', {}),
    ]
  }
  metrics.worker.configAccepted(now)
  t.same(await state(), [1, 0, now / 1_000])
  metrics.worker.configRefused(2)
  t.same(await state(), [0, 2, now / 1_000])
  metrics.worker.configAccepted(now + 60_000)
  t.same(await state(), [1, 0, now / 1_000 + 60])
})
