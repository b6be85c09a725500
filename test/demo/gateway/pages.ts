import t from 'tap'
import { pageFor } from '../../../demo/gateway/pages.ts'

const rows: readonly [host: string, path: string, status: number | undefined, body: RegExp][] = [
  ['hello.localhost', '/', 200, /href="\/hello"/],
  ['hello.localhost', '/hello', 200, /^Hello version: v1/],
  ['book.localhost', '/productpage', 200, /Comedy of Errors/],
  ['book.localhost', '/hello', 404, /Try \//],
  ['httpbin.localhost', '/status/418', 418, /teapot/],
  ['httpbin.localhost', '/status/503', 503, /503/],
  ['httpbin.localhost', '/status/204', 204, /^$/],
  ['httpbin.localhost', '/status/100', 404, /Try/],
  ['other.localhost', '/', undefined, /^$/],
  ['toString', '/', undefined, /^$/],
]

for (const [host, path, status, body] of rows)
  t.test(`${host}${path} is ${status ?? 'not served'}`, async (t) => {
    const page = pageFor(host, path)
    t.equal(page?.status, status)
    t.match(page?.body ?? '', body)
  })
