import { Server, createServer } from 'node:net'
import t from 'tap'
import { ListenFault, listen, listenFault } from '../../src/http/listen.ts'

const section = 'listeners.public'
const failed = (code: string): Error => Object.assign(new Error(code), { code })

t.test('a port that cannot be had is an error that names the setting, its value and the fix', async (t) => {
  const rows: [code: string, path: string, value: string, fix: RegExp][] = [
    ['EADDRINUSE', 'listeners.public.port', '80', /another program.*set listeners\.public\.port/],
    ['EACCES', 'listeners.public.port', '80', /above 1023.*CAP_NET_BIND_SERVICE/],
    ['EADDRNOTAVAIL', 'listeners.public.host', '192.0.2.1', /set listeners\.public\.host/],
    ['EAFNOSUPPORT', 'listeners.public.host', '192.0.2.1', /set listeners\.public\.host/],
    ['ENOTFOUND', 'listeners.public.host', '192.0.2.1', /does not resolve/],
    ['EMFILE', 'listeners.public.port', '80', /EMFILE/],
  ]
  for (const [code, path, value, fix] of rows) {
    const cause = failed(code)
    const fault = listenFault(cause, { section, host: '192.0.2.1', port: 80 })
    t.match(fault, { name: 'ListenFault', path, value, fix }, code)
    t.match(fault.message, `${path}: ${value}: `)
    t.equal(fault.cause, cause)
  }
  t.match(listenFault('what', { section, host: '::', port: 80 }).fix, /unknown error/)
})

t.test('a busy port is such an error, of either section', async (t) => {
  const busy = createServer()
  t.teardown(() => busy.close())
  const { port } = await listen(busy, { section, host: '127.0.0.1', port: 0 })
  const other = { section: 'listeners.admin', host: '127.0.0.1', port } as const
  await t.rejects(listen(createServer(), other), { message: `listeners.admin.port: ${port}: ` })
  await t.rejects(listen(createServer(), { ...other, host: '192.0.2.1' }), ListenFault)
})

t.test('a failed attempt leaves nothing behind that a later one trips over', async (t) => {
  const busy = createServer()
  const { port } = await listen(busy, { section, host: '127.0.0.1', port: 0 })
  const server = createServer()
  await t.rejects(listen(server, { section, host: '127.0.0.1', port }), ListenFault)
  await new Promise((resolve) => busy.close(resolve))
  t.equal((await listen(server, { section, host: '127.0.0.1', port })).port, port)
  t.equal(server.listenerCount('error'), 0)
  server.close()
})

/** A server on a machine whose kernel has no IPv6. */
class WithoutIpv6 extends Server {
  readonly asked: unknown[] = []
  override listen(...parameters: unknown[]): this {
    const [options, done] = parameters as [{ host: string; port: number }, () => void]
    this.asked.push(options.host)
    if (options.host.includes(':')) {
      setImmediate(() => this.emit('error', failed('EAFNOSUPPORT')))
      return this
    }
    return super.listen(options, done)
  }
}

t.test('without IPv6 the default becomes every IPv4 address, and nothing else does', async (t) => {
  const server = new WithoutIpv6()
  t.equal((await listen(server, { section, host: '::', port: 0 })).address, '0.0.0.0')
  t.strictSame(server.asked, ['::', '0.0.0.0'])
  const { port } = server.address() as { port: number }
  await t.rejects(listen(new WithoutIpv6(), { section, host: '::', port }), {
    message: 'listeners.public.port: ',
  })
  server.close()
  const fault = listen(new WithoutIpv6(), { section, host: '::1', port: 0 })
  await t.rejects(fault, { message: 'listeners.public.host: ::1: ' })
})
