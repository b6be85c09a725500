import t from 'tap'
import { sourceStates } from '../../src/discovery/source-status.ts'
import { renderSources, sourceLines } from '../../src/status/sources.ts'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { goodDay } from './fixtures/page-snapshots.ts'

const sources: StatusSnapshot['sources'] = sourceStates.map((state) => ({
  object: `Istio Gateway shop/${state}`,
  state,
  secret: `tls-${state}`,
  detail: `<because> ${state}`,
}))
const plain = { width: 100, paint: (text: string) => text }

t.test('without discovery, and where all is well, there is nothing to show', async (t) => {
  for (const each of [undefined, [], sources.slice(0, 2)]) {
    const snapshot = { ...goodDay, ...(each && { sources: each }) }
    t.equal(renderSources(snapshot), undefined)
    t.strictSame(sourceLines(snapshot, plain), [])
  }
})

t.test('objects that ask in vain are shown with the reason, the others are not', async (t) => {
  const page = renderSources({ ...goodDay, sources })?.markup ?? ''
  const lines = sourceLines({ ...goodDay, sources }, plain).join('\n')
  for (const state of sourceStates) {
    const shown = state !== 'wanted' && state !== 'configured'
    t.equal(page.includes(`Istio Gateway shop/${state}<`), shown, state)
    t.equal(lines.includes(`Istio Gateway shop/${state} `), shown, state)
  }
  t.match(page, '&lt;because&gt; conflict')
  t.match(lines, '  Istio Gateway shop/conflict conflicts (Secret tls-conflict)\n    <because> conflict')
})
