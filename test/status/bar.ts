import t from 'tap'
import { describeLife, lifeOf, renderBar } from '../../src/status/bar.ts'
import type { CertificateStatus } from '../../src/status/snapshot.ts'
import { badDay, book, now } from './fixtures/page-snapshots.ts'
import { readMarkup } from './fixtures/markup.ts'

const day = 86_400_000

/** Issued 25 days ago for 100 days, so that days are per cent. */
const percent: CertificateStatus = {
  ...book,
  current: { ...book.current!, notBefore: now - 25 * day, notAfter: now + 75 * day },
  renewal: { at: now + 41 * day, source: 'ari', window: { start: now + 40 * day, end: now + 42 * day } },
}

t.test('places on the bar', async (t) => {
  const { renewal: _renewal, ...without } = percent
  const rows = [
    {
      name: 'now, window and moment',
      certificate: percent,
      at: now,
      life: { now: 25, expiry: 100, renewal: 66, window: { from: 65, to: 67 } },
    },
    { name: 'no renewal known', certificate: without, at: now, life: { now: 25, expiry: 100 } },
    {
      name: 'expired: the bar goes on to now',
      certificate: without,
      at: now + 175 * day,
      life: { now: 100, expiry: 50 },
    },
    {
      name: 'a clock before notBefore',
      certificate: without,
      at: now - 30 * day,
      life: { now: 0, expiry: 100 },
    },
    {
      name: 'a moment outside is drawn at the end',
      certificate: { ...percent, renewal: { at: now + 500 * day, source: 'renewBefore' as const } },
      at: now,
      life: { now: 25, expiry: 100, renewal: 100 },
    },
    {
      name: 'a certificate without a length',
      certificate: { ...without, current: { ...book.current!, notBefore: now, notAfter: now } },
      at: now,
      life: { now: 0, expiry: 0 },
    },
  ]
  for (const { name, certificate, at, life } of rows) t.same(lifeOf(certificate, at), life, name)
})

t.test('nothing is drawn outside of the bar', async (t) => {
  for (const certificate of badDay.certificates) {
    for (const at of [now - 1_000 * day, now, now + 1_000 * day]) {
      const outside = readMarkup(renderBar(certificate, at).markup).filter(({ attributes }) => {
        const [x, width] = [
          Number.parseFloat(attributes.x ?? '0'),
          Number.parseFloat(attributes.width ?? '0'),
        ]
        return x < 0 || x + width > 101
      })
      t.same(outside, [], `${certificate.name} at ${at}`)
    }
  }
})

t.test('the bar in words', async (t) => {
  const words = Object.fromEntries(badDay.certificates.map((each) => [each.name, describeLife(each, now)]))
  t.same(words, {
    book: 'Issued 28 d ago, renewal in 31 d, expires in 62 d',
    shop: 'Issued 57 d ago, renewal in 2 d 3 h, expires in 32 d',
    fresh: 'No certificate of a CA yet',
    api: 'No certificate of a CA yet',
    legacy: 'Issued 95 d ago, renewal was due 34 d ago, expired 5 d ago',
  })
  const [svg] = readMarkup(renderBar(book, now).markup)
  t.match(svg, { name: 'svg', attributes: { role: 'img', 'aria-label': words.book } })
})
