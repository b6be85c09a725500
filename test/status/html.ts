import fc from 'fast-check'
import t from 'tap'
import { escapeHtml, html, link } from '../../src/status/html.ts'
import { readMarkup, unescape } from './fixtures/markup.ts'

t.test('whatever a value holds, it is text', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const { markup } = html`<b title="${value}">${value}</b>`
      const elements = readMarkup(markup)
      return (
        elements.length === 1 &&
        elements[0]?.attributes.title === value &&
        unescape(escapeHtml(value)) === value &&
        markup === `<b title="${escapeHtml(value)}">${escapeHtml(value)}</b>`
      )
    }),
  )
})

t.test('kinds of values', async (t) => {
  const rows = [
    { name: 'text', value: 'a & b', markup: 'a &amp; b' },
    { name: 'a number', value: 80, markup: '80' },
    { name: 'nothing', value: undefined, markup: '' },
    { name: 'a condition that does not hold', value: false as const, markup: '' },
    { name: 'markup of a template', value: html`<i>${'<'}</i>`, markup: '<i>&lt;</i>' },
    {
      name: 'a list of all of them',
      value: [html`<i></i>`, '<', 1, undefined, ['>']],
      markup: '<i></i>&lt;1&gt;',
    },
  ]
  for (const { name, value, markup } of rows) t.equal(html`${value}`.markup, markup, name)
})

t.test('a link leads to https and nowhere else', async (t) => {
  const rows = [
    { name: 'https', address: 'https://ca.example/help', linked: true },
    { name: 'http', address: 'http://ca.example/help', linked: false },
    { name: 'script', address: 'javascript:alert(1)', linked: false },
    { name: 'data', address: 'data:text/html,x', linked: false },
    { name: 'a relative address', address: '/livez', linked: false },
    { name: 'an address with white space', address: 'https://ca.example/ x', linked: false },
    { name: 'none', address: undefined, linked: false },
  ]
  for (const { name, address, linked } of rows) {
    const made = link(address, 'help')
    t.equal(made !== undefined, linked, name)
  }
  const [anchor] = readMarkup(link('https://ca.example/?a="b"&c=<d>', 'help')?.markup ?? '')
  t.equal(anchor?.attributes.href, 'https://ca.example/?a="b"&c=<d>')
})
