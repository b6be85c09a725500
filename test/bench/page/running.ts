/** The pages of a port80 that runs, which knows what it knows and no more. */
import t from 'tap'
import { startPort80, testFolder } from '../../serve/fixtures/process.ts'
import { complaints, openBrowser } from './fixtures/browser.ts'

const folder = await testFolder(t)
const port80 = await startPort80(
  t,
  folder,
  `
listeners: { public: { host: 127.0.0.1, port: 0 }, admin: { host: 127.0.0.1, port: 0 } }
store: { directory: ${folder}/store }
issuers:
  nobody: { directory: 'http://127.0.0.1:9/dir', email: a@example.com }
certificates:
  - { name: book, domains: [book.example.com], issuer: nobody, destinations: [{ directory: ${folder}/pairs }] }
`,
)
const browser = await openBrowser()
t.teardown(() => browser.close())
const origin = `http://127.0.0.1:${port80.adminPort}`

t.test('somebody walks from the overview to the certificate and through the other pages', async (t) => {
  const context = await browser.newContext({ bypassCSP: true })
  const page = await context.newPage()
  await page.goto(`${origin}/status?refresh=off`)
  await page.getByRole('link', { name: 'Everything about book' }).click()
  t.equal(await page.locator('h1').textContent(), 'book')
  t.match(await page.locator('main').textContent(), 'History of orders')
  t.same(await complaints(page), [])
  for (const name of ['Findings', 'Limits of the CA', 'Plain http', 'Overview']) {
    await page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name }).click()
    t.equal(await page.locator('[aria-current=page]').textContent(), name)
    t.same(await complaints(page), [], name)
  }
  await context.close()
})

t.test('the policy of the page lets no script run', async (t) => {
  const page = await browser.newPage()
  await page.goto(`${origin}/status?refresh=off`)
  const ran = await page.evaluate(`(() => {
    const script = document.createElement('script')
    script.textContent = 'globalThis.ran = true'
    document.body.append(script)
    return globalThis.ran === true
  })()`)
  t.equal(ran, false)
  t.match(
    await page.locator('body').evaluate('getComputedStyle(document.body).fontSize'),
    '15px',
    'its style counts',
  )
  await page.close()
})
