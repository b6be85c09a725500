/** `npm run screenshots`: the pages of test/status/fixtures/mesh-day.ts as the pictures of the README in docs/images/. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { meshDay } from '../../../status/fixtures/mesh-day.ts'
import { openBrowser, paths, serveSnapshot } from '../fixtures/browser.ts'

const folder = join(import.meta.dirname, '../../../../docs/images')
mkdirSync(folder, { recursive: true })
const browser = await openBrowser()
const served = await serveSnapshot(meshDay)
for (const colorScheme of ['light', 'dark'] as const) {
  const page = await browser.newPage({ viewport: { width: 1_120, height: 900 }, colorScheme })
  for (const name of ['overview', 'findings'] as const) {
    const path = paths[name]
    await page.goto(`${served.origin}${path}?refresh=off`)
    await page.screenshot({ path: join(folder, `status-${name}-${colorScheme}.png`) })
  }
}
await browser.close()
await served.close()
