import t from 'tap'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { badDay, book, goodDay, now } from '../status/fixtures/page-snapshots.ts'
import { readExposition } from './fixtures/exposition.ts'

t.test('certificates are as the snapshot says, in seconds', async (t) => {
  const { value } = readExposition(await createMetrics().text(badDay))
  const labels = { name: 'book', issuer: 'letsencrypt' }
  t.equal(value('port80_certificate_not_after_timestamp_seconds', labels), book.current!.notAfter / 1_000)
  t.equal(value('port80_certificate_not_before_timestamp_seconds', labels), book.current!.notBefore / 1_000)
  t.equal(value('port80_certificate_expiration_timestamp_seconds', labels), book.current!.notAfter / 1_000)
  t.equal(value('port80_certificate_renewal_timestamp_seconds', labels), book.renewal!.at / 1_000)
  t.equal(value('port80_certificate_ready_status', { ...labels, condition: 'True' }), 1)
  t.equal(value('port80_certificate_ready_status', { ...labels, condition: 'False' }), 0)
  t.equal(
    value('port80_certificate_status', { name: 'api', state: 'placeholder', reason: 'AcmeUnauthorized' }),
    1,
  )
  t.equal(value('port80_certificate_consecutive_failures', { name: 'api', issuer: 'letsencrypt' }), 3)
  t.equal(value('port80_clock_time_seconds', {}), now / 1_000)
  t.equal(value('port80_build_info', { version: '0.1.0' }), 1)
  t.equal(value('port80_status_readable', {}), 1)
})

t.test('a certificate that is no longer configured vanishes, its counts included', async (t) => {
  const metrics = createMetrics()
  for (const name of ['api', 'book']) {
    metrics.worker.orderEnded({ name, issuer: 'letsencrypt', result: 'failed', reason: 'AcmeDns' })
    metrics.worker.orderEnded({ name, issuer: 'letsencrypt', result: 'issued', reason: 'Missing' })
  }
  t.match(await metrics.text(badDay), /port80_certificate_attempts_total\{name="api"/)
  const after = readExposition(await metrics.text(goodDay))
  t.notOk(after.series.some(({ labels }) => labels.name === 'api'))
  t.equal(
    after.value('port80_certificate_attempts_total', { name: 'book', outcome: 'failed', reason: 'AcmeDns' }),
    1,
  )
  t.equal(
    after.value('port80_orders_total', { issuer: 'letsencrypt', result: 'failed', reason: 'AcmeDns' }),
    2,
  )
})

t.test('a certificate that comes back counts anew', async (t) => {
  const metrics = createMetrics()
  const end = { name: 'api', issuer: 'letsencrypt', result: 'issued', reason: 'Missing' } as const
  metrics.worker.orderEnded(end)
  await metrics.text(goodDay)
  metrics.worker.orderEnded(end)
  const { value } = readExposition(await metrics.text(badDay))
  t.equal(
    value('port80_certificate_attempts_total', { name: 'api', outcome: 'issued', reason: 'Missing' }),
    1,
  )
})

t.test('without a status the certificates are left out, not repeated', async (t) => {
  const metrics = createMetrics()
  await metrics.text(badDay)
  metrics.public.redirected(301)
  const { series, value } = readExposition(await metrics.text(undefined))
  t.equal(value('port80_status_readable', {}), 0)
  t.notOk(series.some(({ name }) => name.startsWith('port80_certificate_')))
  t.notOk(series.some(({ name }) => name === 'port80_leader'))
  t.equal(value('port80_redirects_total', { status: '301' }), 1)
})

t.test('two in one process count apart', async (t) => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.public.redirected(308)
  one.worker.restarted()
  const [first, second] = [readExposition(await one.text(goodDay)), readExposition(await other.text(goodDay))]
  t.equal(first.value('port80_redirects_total', { status: '308' }), 1)
  t.equal(second.value('port80_redirects_total', { status: '308' }), 0)
  t.equal(first.value('port80_worker_restarts_total', {}), 1)
  t.equal(second.value('port80_worker_restarts_total', {}), 0)
})

t.test('two scrapes at the same time both get the whole', async (t) => {
  const metrics = createMetrics()
  const texts = await Promise.all([metrics.text(badDay), metrics.text(badDay), metrics.text(goodDay)])
  const readyOf = (text: string) =>
    readExposition(text).series.filter(({ name }) => name === 'port80_certificate_ready_status').length
  t.same(texts.map(readyOf), [15, 15, 6])
})

t.test('the process is described, on Linux with its files and memory', async (t) => {
  const { value } = readExposition(await createMetrics().text(goodDay))
  t.ok((value('process_cpu_seconds_total', {}) ?? 0) > 0)
  t.ok((value('process_start_time_seconds', {}) ?? 0) > 1.6e9)
  t.ok((value('process_resident_memory_bytes', {}) ?? 0) > 1e6)
  t.ok((value('port80_event_loop_busy_seconds_total', {}) ?? -1) >= 0)
})
