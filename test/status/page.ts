import t from 'tap'
import { statusPolicy } from '../../src/status/document.ts'
import { renderStatusPage } from '../../src/status/page.ts'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { hostile } from './fixtures/hostile-snapshot.ts'
import { readMarkup, textOf } from './fixtures/markup.ts'
import { badDay, book, goodDay, now } from './fixtures/page-snapshots.ts'

const page = (snapshot: StatusSnapshot, refresh = true) => renderStatusPage(snapshot, { now, refresh })
const nothing: StatusSnapshot = { ...goodDay, certificates: [] }
const many: StatusSnapshot = {
  ...badDay,
  certificates: [
    ...badDay.certificates,
    ...Array.from({ length: 20 }, (_, index) => ({ ...book, name: `site-${index}` })),
  ],
}
/** With more than have room as cards, in two states. */
const crowd: StatusSnapshot = {
  ...goodDay,
  certificates: Array.from({ length: 500 }, (_, index) => ({
    ...book,
    name: `site-${index}`,
    ...(index < 100 && ({ state: 'missing', reason: 'Missing', nextAt: now } as const)),
  })),
}

t.test('the page is whole, and refers to nothing that is not in it', async (t) => {
  for (const [name, snapshot] of Object.entries({ goodDay, badDay, nothing, many, crowd })) {
    t.test(name, async (t) => {
      const elements = readMarkup(page(snapshot))
      const ids = elements.flatMap(({ attributes }) => attributes.id ?? [])
      t.equal(new Set(ids).size, ids.length, 'ids are unique')
      for (const { attributes } of elements) {
        const label = attributes['aria-labelledby']
        if (label !== undefined) t.ok(ids.includes(label), `#${label} is there`)
        if (attributes.href?.startsWith('#')) t.ok(ids.includes(attributes.href.slice(1)), attributes.href)
      }
      for (const landmark of ['header', 'main', 'footer', 'h1']) {
        t.equal(elements.filter((each) => each.name === landmark).length, 1, landmark)
      }
    })
  }
})

t.test('it needs no script, no style attribute and nothing from elsewhere', async (t) => {
  const elements = readMarkup(page(badDay))
  t.same(
    elements.filter(({ name }) => ['script', 'img', 'iframe', 'form', 'object'].includes(name)),
    [],
  )
  const attributes = elements.flatMap((each) => Object.keys(each.attributes))
  t.same(
    attributes.filter((attribute) => /^(on|style|src)/.test(attribute)),
    [],
  )
  t.match(statusPolicy, /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; /)
})

t.test('what a CA, a file or a store says can only ever be text', async (t) => {
  const texts = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><script>alert(1)</script>',
    '<!--',
    'javascript:alert(1)',
    '&lt;script&gt;',
  ]
  const known = new Set(readMarkup(page(badDay)).map(({ name }) => name))
  for (const text of texts) {
    t.test(text, async (t) => {
      const markup = page(hostile(text))
      const elements = readMarkup(markup)
      t.same(
        elements.filter(({ name }) => !known.has(name)),
        [],
        'no element of theirs',
      )
      const attributes = elements.flatMap((each) => Object.keys(each.attributes))
      t.same(
        attributes.filter((attribute) => /^(on|style|src)/.test(attribute)),
        [],
        'no attribute of theirs',
      )
      const links = elements.filter(({ name }) => name === 'a').map((each) => each.attributes.href ?? '')
      t.same(
        links.filter((href) => !/^(https:\/\/|#|\?|status(\/|$)|[a-z]+(\.json)?$)/.test(href)),
        [],
        'no link of theirs',
      )
      t.ok(textOf(markup).includes(text), 'and it is shown as it is')
    })
  }
})

t.test('a bad day can be understood from the page alone', async (t) => {
  const text = textOf(page(badDay))
  for (const words of [
    '2 of 5 certificates need attention',
    'Leader restarted 2 times',
    'The configuration on disk is refused: 2 faults',
    'certificates[2].domains[0] "*.example.com" The names in the certificate',
    'all names below example.net letsencrypt 2027-03-09 11:39:00 UTC, in 1 h 24 min AcmeRateLimited too many certificates',
    'api ◌ Placeholder AcmeUnauthorized Issuer letsencrypt api.example.com api.example.net 2001:db8::80',
    '3 failures in a row, the last one: AcmeUnauthorized for api.example.net',
    'Invalid response from http://api.example.net/.well-known/acme-challenge/LoqXcYV8…: "<!DOCTYPE html>',
    'Orders again after the third failure in a row, from the fallback issuer. 2027-03-09 11:39:00 UTC, in 1 h 24 min',
    'Renewal was due 2027-02-03 10:15 UTC 34 d ago Expired 2027-03-04 10:15 UTC 5 d ago',
    '/srv/second-gateway/certificates holds something that is not ours legacy.pem was not written by port80',
    '◌ running 2027-03-09 10:14:57 UTC, 3 s ago at letsencrypt-staging because Missing',
    'Last crash of the worker InternalError',
    'As of 2027-03-09 10:15:00 UTC',
  ]) {
    t.ok(text.includes(words), words)
  }
})

t.test('every moment is there for machines too', async (t) => {
  const moments = readMarkup(page(badDay)).filter(({ name }) => name === 'time')
  t.ok(moments.length > 20)
  for (const { attributes } of moments)
    t.match(attributes.datetime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

t.test('a quiet day shows neither notices nor tables', async (t) => {
  const elements = readMarkup(page(goodDay))
  t.notOk(elements.some(({ name }) => name === 'table'))
  t.notOk(elements.some(({ attributes }) => attributes.class?.startsWith('notice')))
  t.notOk(elements.some(({ attributes }) => attributes.class?.startsWith('failure')))
})

t.test('trouble of port80 itself is said at the top', async (t) => {
  const text = textOf(
    page({
      ...goodDay,
      worker: { role: 'crashed', stuck: true, restarts: 3, lastError: 'StoreFailed: disk full' },
      store: { readable: false, fault: 'state: EACCES', tokens: 0 },
    }),
  )
  for (const words of [
    'The worker is stuck',
    '/livez fails',
    'The store cannot be read state: EACCES',
    'StoreFailed: disk full',
  ])
    t.ok(text.includes(words), words)
})

t.test('roles', async (t) => {
  const rows = [
    { worker: { role: 'leader', stuck: false, restarts: 0 }, words: 'Worker Leader no restarts' },
    { worker: { role: 'standby', stuck: false, restarts: 0 }, words: 'Worker Standby another process leads' },
    {
      worker: { role: 'standby', leader: 'pid 4711', stuck: false, restarts: 1 },
      words: 'Worker Standby pid 4711 leads, restarted once',
    },
    {
      worker: { role: 'starting', stuck: false, restarts: 0 },
      words: 'Worker Starting no restarts Next wake None planned no tick yet',
    },
    { worker: { role: 'off', stuck: false, restarts: 0 }, words: 'Worker None in this process' },
  ] as const
  for (const { worker, words } of rows) t.ok(textOf(page({ ...goodDay, worker })).includes(words), words)
})

t.test('with many certificates those in good order are folded, the others are not', async (t) => {
  const cards = readMarkup(page(many)).filter(({ attributes }) => attributes.class?.startsWith('card'))
  t.same(
    cards
      .map(({ name, attributes }) => [name, attributes.class === 'card good'])
      .filter(([name, good]) => (name === 'details') !== good),
    [],
  )
  t.notOk(
    readMarkup(page(badDay)).some(
      ({ name, attributes }) => name === 'details' && attributes.class?.startsWith('card'),
    ),
  )
})

t.test('hundreds of one kind are rows, which stay small and lead to everything about each', async (t) => {
  const elements = readMarkup(page(crowd))
  t.notOk(elements.some(({ attributes }) => attributes.class?.startsWith('card')))
  const links = elements.flatMap(({ attributes }) => attributes.href ?? [])
  for (const { name } of crowd.certificates) t.ok(links.includes(`status/certificates/${name}`), name)
  t.same(
    links.filter((link) => /^#(?!certificates)/.test(link)),
    ['#busy', '#well'],
  )
  t.match(textOf(page(crowd)), /100 certificates on the way 400 certificates in good order/)
  t.ok(page(crowd).length < 500_000, `${page(crowd).length} characters`)
})

t.test('the page reloads itself only when asked to', async (t) => {
  const reloads = (refresh: boolean) =>
    readMarkup(page(goodDay, refresh)).some(({ attributes }) => attributes['http-equiv'] === 'refresh')
  t.equal(reloads(true), true)
  t.equal(reloads(false), false)
})

t.test('no configuration yet says what to do', async (t) => {
  t.match(textOf(page(nothing)), 'None yet: name some under certificates in the configuration.')
})
