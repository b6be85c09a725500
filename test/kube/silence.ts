import t from 'tap'
import { silenceMemory } from '../../src/kube/silence.ts'

t.test('that nobody answered is news for five seconds, or until somebody does', (t) => {
  let now = 0
  const silence = silenceMemory(() => now)
  const away = (kind: 'timedOut' | 'unreachable' | 'noCredentials' | 'forbidden') => ({
    failure: { kind, detail: kind },
  })
  t.equal(silence.last(), undefined)
  for (const kind of ['timedOut', 'unreachable', 'noCredentials'] as const) {
    silence.heard(away(kind))
    t.equal(silence.last(), kind)
  }
  now += 4_999
  t.equal(silence.last(), 'noCredentials')
  now += 1
  t.equal(silence.last(), undefined, 'then it is worth asking again')
  silence.heard(away('timedOut'))
  silence.heard({ ok: undefined })
  t.equal(silence.last(), undefined, 'an answer ends it')
  silence.heard(away('timedOut'))
  silence.heard(away('forbidden'))
  t.equal(silence.last(), undefined, 'a refusal is an answer')
  t.end()
})
