import t from 'tap'
import { meshDay } from '../../status/fixtures/mesh-day.ts'
import { book, goodDay } from '../../status/fixtures/page-snapshots.ts'
import { complaints, openBrowser, paths, serveSnapshot } from './fixtures/browser.ts'

const browser = await openBrowser()
const rich = await serveSnapshot(meshDay)
const plain = await serveSnapshot(goodDay)
/** More than have room as cards, with a host that is as long as one can be. */
const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example.com`
const crowd = await serveSnapshot({
  ...meshDay,
  plainHttp: meshDay.plainHttp?.map((each, index) => (index === 0 ? { ...each, host: long } : each)) ?? [],
  legs: meshDay.legs?.map((each) => ({ ...each, host: long })) ?? [],
  certificates: [
    ...meshDay.certificates,
    { ...book, name: 'long', domains: [long] },
    ...Array.from({ length: 60 }, (_, index) => ({ ...book, name: `site-${index}` })),
  ],
})
t.teardown(async () => {
  await browser.close()
  await rich.close()
  await plain.close()
  await crowd.close()
})

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1_200, 390])
    t.test(
      `axe has no complaint, and nothing is wider than the window: ${colorScheme}, ${width}`,
      async (t) => {
        const viewport = { width, height: 900 }
        const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true })
        const page = await context.newPage()
        for (const [name, origin, path] of everyPage()) {
          const answer = await page.goto(`${origin}${path}?refresh=off`)
          t.equal(answer?.status(), 200)
          t.same(await complaints(page), [], name)
          const isWider = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
          t.equal(isWider, false, `${name} fits`)
        }
        await context.close()
      },
    )

function everyPage() {
  const days = { 'a day with everything': rich.origin, 'a quiet day': plain.origin }
  return [
    ...Object.entries(days).flatMap(([day, origin]) =>
      Object.entries(paths).map(([name, path]) => [`${name} on ${day}`, origin, path] as const),
    ),
    ['overview of many', crowd.origin, paths.overview] as const,
  ]
}

t.test('every link of the pages leads to a page, with JavaScript off', async (t) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  const seen = new Set<string>()
  for (const path of Object.values(paths)) {
    await page.goto(`${rich.origin}${path}?refresh=off`)
    for (const link of await page.locator('a').all()) {
      const url = new URL((await link.getAttribute('href')) ?? '', page.url())
      if (url.origin === rich.origin) seen.add(`${url.origin}${url.pathname}${url.search}`)
    }
  }
  t.ok(seen.size > 10)
  for (const url of seen) {
    const { status } = await fetch(url)
    t.ok(status === 200 || /(readyz|livez)$/.test(url), url)
  }
  await page.goto(`${rich.origin}/status`)
  await page.getByRole('link', { name: 'How to mend them' }).click()
  t.match(await page.locator('h1').textContent(), /3 errors found/)
  t.match(await page.locator('pre.copy').first().textContent(), /^kubectl /)
  await context.close()
})

t.test(
  'the keyboard reaches the skip link first, then the navigation, each with a visible focus',
  async (t) => {
    const page = await browser.newPage()
    await page.goto(`${rich.origin}/status/findings?refresh=off`)
    const focused = () =>
      page.evaluate(`({
      text: document.activeElement.textContent.trim(),
      outlined: getComputedStyle(document.activeElement).outlineStyle !== 'none',
    })`)
    for (const text of ['To the findings', 'Overview', 'Findings', 'Limits of the CA', 'Plain http']) {
      await page.keyboard.press('Tab')
      t.same(await focused(), { text, outlined: true })
    }
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/status\/budget\?refresh=off$/)
    t.pass('a link is followed with Enter, and reading in peace goes with it')
    await page.close()
  },
)

t.test('a host as long as can be hides no column of a table', async (t) => {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
  for (const name of ['overview', 'findings', 'budget', 'redirects'] as const) {
    await page.goto(`${crowd.origin}${paths[name]}?refresh=off`)
    const cut = await page.evaluate(
      `[...document.querySelectorAll('.scroll')].filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth).length`,
    )
    t.equal(cut, 0, name)
  }
  await page.close()
})

t.test(
  'those of one state are a link away, without JavaScript, and each leads to its own page',
  async (t) => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${crowd.origin}/status?refresh=off`)
    await page.getByRole('link', { name: '62 certificates in good order' }).press('Enter')
    t.match(page.url(), /#well$/)
    await page.getByRole('link', { name: 'site-59', exact: true }).click()
    t.equal(await page.locator('h1').textContent(), 'site-59')
    await context.close()
  },
)

t.test('it prints', async (t) => {
  const page = await browser.newPage()
  for (const path of Object.values(paths)) {
    await page.goto(`${rich.origin}${path}?refresh=off`)
    const pdf = await page.pdf()
    t.equal(pdf.subarray(0, 5).toString('latin1'), '%PDF-', path)
    t.ok(pdf.length > 10_000, `${path} has something on paper`)
  }
  await page.close()
})

t.test('it refreshes itself, and not for who asked it not to', async (t) => {
  const page = await browser.newPage()
  await page.goto(`${rich.origin}/status`)
  t.equal(await page.locator('meta[http-equiv=refresh]').getAttribute('content'), '30')
  await page.getByRole('link', { name: 'stop that' }).click()
  t.equal(await page.locator('meta[http-equiv=refresh]').count(), 0)
  await page.close()
})
