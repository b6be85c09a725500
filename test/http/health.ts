import t from 'tap'
import { livenessAnswer, readinessAnswer, wantsJson } from '../../src/http/health.ts'

t.test('all parts well', async (t) => {
  t.match(readinessAnswer([{ part: 'public', ready: true, detail: 'listens' }]), {
    status: 200,
    text: 'ready\n[ok] public  listens\n',
    json: '{"ready":true,"parts":[{"part":"public","ready":true,"detail":"listens"}]}\n',
  })
  t.match(livenessAnswer([{ part: 'worker', alive: true, detail: 'ticks' }]), {
    status: 200,
    text: 'alive\n[ok] worker  ticks\n',
  })
})

t.test('no parts is well', async (t) => {
  t.match(readinessAnswer([]), { status: 200, text: 'ready\n' })
  t.match(livenessAnswer([]), { status: 200, text: 'alive\n' })
})

t.test('one bad part makes all of it bad and comes first', async (t) => {
  t.match(
    readinessAnswer([
      { part: 'public', ready: true, detail: 'listens' },
      { part: 'configuration', ready: false, detail: 'two\nlines' },
    ]),
    {
      status: 503,
      text: 'not ready: configuration\n[--] configuration  two lines\n[ok] public         listens\n',
    },
  )
  t.match(livenessAnswer([{ part: 'worker', alive: false, detail: '' }]), {
    status: 503,
    text: 'not alive: worker\n[--] worker\n',
    json: '{"alive":false,"parts":[{"part":"worker","alive":false,"detail":""}]}\n',
  })
})

t.test('text for people and probes, JSON for those who name it', async (t) => {
  const rows = [
    { name: 'no header', accept: undefined, json: false },
    { name: 'curl', accept: '*/*', json: false },
    {
      name: 'a browser',
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      json: false,
    },
    { name: 'a program', accept: 'application/json', json: true },
    { name: 'a program with a list', accept: 'application/json;q=0.9, */*', json: true },
    { name: 'another type with that word in it', accept: 'application/json5', json: false },
  ]
  for (const { name, accept, json } of rows) t.equal(wantsJson(accept), json, name)
})
