/** HTML that escapes by default: what a template is given is text, unless a template made it. Pure. */

/** Markup made by `html`; the only thing that goes into a page unescaped. */
export interface Html {
  readonly markup: string
}

export type HtmlValue = string | number | Html | false | undefined | readonly HtmlValue[]

/** Values may stand in text and inside quoted attributes; nowhere else (no script, no style, no bare attribute). */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): Html {
  let markup = parts[0] ?? ''
  values.forEach((value, index) => {
    markup += render(value) + (parts[index + 1] ?? '')
  })
  return { markup }
}

function render(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escapeHtml(value)
  return 'markup' in value ? value.markup : value.map(render).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}

/** A link to https and nothing else: the address may come from a CA, and `javascript:` is an address too. */
export function link(address: string | undefined, text: string): Html | undefined {
  if (address === undefined || !/^https:\/\/[^\s]+$/.test(address)) return undefined
  return html`<a href="${address}" rel="noreferrer noopener">${text}</a>`
}
