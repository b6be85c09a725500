import t from 'tap'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { renderBudgetPage } from '../../src/status/budget-page.ts'
import { renderCertificatePage } from '../../src/status/certificate-page.ts'
import type { PageOptions } from '../../src/status/document.ts'
import { renderFindingsPage } from '../../src/status/findings-page.ts'
import { renderStatusPage } from '../../src/status/page.ts'
import { renderRedirectsPage } from '../../src/status/redirects-page.ts'
import { linksFrom, nameOfSegment } from '../../src/status/views.ts'
import { hostile } from './fixtures/hostile-snapshot.ts'
import { readMarkup, textOf } from './fixtures/markup.ts'
import { meshDay } from './fixtures/mesh-day.ts'
import { badDay, goodDay, now } from './fixtures/page-snapshots.ts'

const reading: PageOptions = { now, refresh: false }
const first = ({ certificates }: StatusSnapshot) => certificates[0]?.name ?? ''
const pages: Readonly<Record<string, (snapshot: StatusSnapshot) => string>> = {
  overview: (snapshot) => renderStatusPage(snapshot, reading),
  findings: (snapshot) => renderFindingsPage(snapshot, reading),
  budget: (snapshot) => renderBudgetPage(snapshot, reading),
  redirects: (snapshot) => renderRedirectsPage(snapshot, reading),
  certificate: (snapshot) => renderCertificatePage(first(snapshot), snapshot, reading) ?? 'none',
}

const known = new Set(
  Object.values(pages).flatMap((page) => readMarkup(page(meshDay)).map(({ name }) => name)),
)

for (const [name, page] of Object.entries(pages)) {
  t.test(`${name}: whole, with headings in order and tables that say what they hold`, async (t) => {
    for (const [day, snapshot] of Object.entries({ goodDay, badDay, meshDay })) {
      const elements = readMarkup(page(snapshot))
      const ids = elements.flatMap(({ attributes }) => attributes.id ?? [])
      t.equal(new Set(ids).size, ids.length, `${day}: ids are unique`)
      for (const { attributes } of elements) {
        const label = attributes['aria-labelledby']
        if (label !== undefined) t.ok(ids.includes(label), `${day}: #${label} is there`)
      }
      const levels = elements.flatMap((each) => (/^h[1-6]$/.test(each.name) ? [Number(each.name[1])] : []))
      t.equal(levels[0], 1)
      t.ok(
        levels.every((level, index) => index === 0 || level <= (levels[index - 1] ?? 0) + 1),
        `${day}: ${levels.join(' ')}`,
      )
      const count = (element: string) => elements.filter((each) => each.name === element).length
      t.equal(count('caption'), count('table'), day)
      t.same(
        elements.filter((each) => each.name === 'th' && each.attributes.scope === undefined),
        [],
        `${day}: each th has its scope`,
      )
    }
  })

  t.test(`${name}: what is told can only ever be text`, async (t) => {
    for (const text of [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onclick='a",
      '</pre>',
    ]) {
      const elements = readMarkup(page(hostile(text)))
      t.same(
        elements.filter((each) => !known.has(each.name)),
        [],
      )
      const attributes = elements.flatMap((each) => Object.keys(each.attributes))
      t.same(
        attributes.filter((attribute) => /^(on|style|src)/.test(attribute)),
        [],
      )
      const links = elements.flatMap((each) => (each.name === 'a' ? [each.attributes.href ?? ''] : []))
      t.same(
        links.filter(
          (href) => !/^(https:\/\/|#|\?|(\.\.\/)*status([/?#]|$)|(\.\.\/)*[a-z]+(\.json)?$)/.test(href),
        ),
        [],
      )
    }
  })
}

t.test('a finding says what was seen, why it matters, and the command that mends it', async (t) => {
  const text = textOf(pages.findings?.(meshDay) ?? '')
  for (const words of [
    '3 errors found',
    'httpsRedirect on a managed host ✕ Error P80-101',
    'Envoy answers 301 for the whole virtual host',
    'Seen server 0 (port 80, hosts api.example.net) has httpsRedirect: true',
    `patch gateways.networking.istio.io public --type=json -p '[{"op":"remove","path":"/spec/servers/0/tls/httpsRedirect"}]'`,
    'docs/findings/P80-101.md',
    '13 of 17 legs lead here',
  ])
    t.ok(text.includes(words), words)
})

t.test('what nobody has looked at is not said to be well', async (t) => {
  t.match(textOf(pages.findings?.(goodDay) ?? ''), 'Nothing has been looked at yet')
  t.match(textOf(pages.budget?.(goodDay) ?? ''), 'are not counted')
  t.match(textOf(pages.redirects?.(goodDay) ?? ''), 'Nothing is summed up yet')
})

t.test('it is said how many hosts are counted as one', async (t) => {
  const text = (counted: typeof meshDay.counted) =>
    textOf(pages.redirects?.({ ...meshDay, ...(counted && { counted }) }) ?? '')
  t.match(
    text({ since: 0, folded: 812 }),
    '812 hosts, the least busy, are counted together as “least busy hosts”',
  )
  t.notMatch(text({ since: 0 }), /least busy/)
})

t.test('a certificate has its own findings, pods, legs, limits and hosts, and nobody else’s', async (t) => {
  const text = textOf(renderCertificatePage('shop', meshDay, reading) ?? '')
  for (const words of [
    'served is not what is stored',
    'another certificate than is stored serial 1f',
    'the CA says why',
    'shown 0.8 s after it was installed',
    '3 of 3 legs lead here',
    '72 % of the redirects of 7 days are browsers',
  ])
    t.ok(text.includes(words), words)
  t.notMatch(text, /api\.example\.net/)
  t.equal(renderCertificatePage('nobody', meshDay, reading), undefined)
})

t.test('limits that are used up come first, and say when there is room', async (t) => {
  const text = textOf(pages.budget?.(meshDay) ?? '')
  t.match(text, '2 limits of a CA are used up for now')
  t.match(text, /Failed validations api\.example\.net 5 of 5 used 1 h 2027-03-09 10:27:00 UTC, in 12 min/)
  t.match(text, '40 of 50 used, 10 kept for renewals')
})

t.test('a link to a certificate leads to it whatever its name, and keeps what was chosen', async (t) => {
  for (const name of ['book', 'a/b', '..', '.', '~..', 'a b?#%', 'ä', '\ud800']) {
    const href = linksFrom(2, false).certificate(name)
    const url = new URL(href, 'http://a/prefix/status/certificates/x')
    t.match(url.pathname, /^\/prefix\/status\/certificates\/[^/]+$/, name)
    t.equal(url.search, '?refresh=off')
    const segment = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    if (name !== '\ud800' && name !== '~..') t.equal(nameOfSegment(segment), name)
  }
})
