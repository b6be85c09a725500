/** Three tiny sites, after the samples that every Istio user knows. Pure. */

export interface Page {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** `host` without port; `path` without query. Undefined: nobody serves this host. */
export function pageFor(host: string, path: string): Page | undefined {
  const site = Object.hasOwn(sites, host) ? sites[host] : undefined
  return site && (site(path) ?? text(404, `Nothing here. Try /\n`))
}

type Site = (path: string) => Page | undefined

const sites: Readonly<Record<string, Site>> = {
  'hello.localhost': (path) => {
    if (path === '/') return html('helloworld', '<p>Says hello at <a href="/hello">/hello</a>.</p>')
    return path === '/hello' ? text(200, 'Hello version: v1, instance: helloworld-demo\n') : undefined
  },
  'book.localhost': (path) => {
    if (path === '/') return html('bookinfo', '<p>See the <a href="/productpage">product page</a>.</p>')
    return path === '/productpage' ? html('The Comedy of Errors', productPage) : undefined
  },
  'httpbin.localhost': (path) => {
    if (path === '/')
      return html('httpbin', '<p>Any status, such as <a href="/status/418">/status/418</a>.</p>')
    const status = Number(/^\/status\/([2-5]\d\d)$/.exec(path)?.[1])
    if (status === 418) return text(418, teapot)
    return Number.isNaN(status)
      ? undefined
      : text(status, status === 204 || status === 304 ? '' : `${status}\n`)
  },
}

const productPage = `<p>Wikipedia Summary: one of William Shakespeare's early plays, his shortest and one of his
most farcical comedies.</p>
<dl><dt>Type</dt><dd>paperback</dd><dt>Pages</dt><dd>200</dd><dt>Language</dt><dd>English</dd></dl>`

const teapot = `
    -=[ teapot ]=-

       _...._
     .'  _ _ \`.
    | ."\` ^ \`". _,
    \\_;\`"---"\`|//
      |       ;/
      \\_     _/
        \`"""\`
`

function html(title: string, body: string): Page {
  const style =
    'font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark'
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<body style="${style}"><h1>${title}</h1>
${body}
</body></html>
`,
  }
}

function text(status: number, body: string): Page {
  return { status, contentType: 'text/plain; charset=utf-8', body }
}
