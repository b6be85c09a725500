import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { imageEnvironment, imageFlags } from '../../../bench/compiled.ts'
import { startChild } from '../peers/child.ts'
import { buildImage } from '../peers/image.ts'
import { freePort } from '../peers/ports.ts'

const root = join(import.meta.dirname, '../../..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>
  optionalDependencies: Record<string, string>
}

t.test('the image holds production alone, and serves as nobody on a read-only root', async (t) => {
  const image = await buildImage('localhost/port80:bench')
  t.teardown(() => image.remove())
  const { mount, config } = image

  t.equal(config.User, '65532:65532')
  t.strictSame(config.Entrypoint, ['node', ...imageFlags, '/app/bin/port80'])
  for (const [name, value] of Object.entries({ NODE_ENV: 'production', ...imageEnvironment }))
    t.ok(config.Env?.includes(`${name}=${value}`), `${name}=${value}`)
  t.match(config.Healthcheck?.Test, ['CMD', 'node', '-e', /livez/])
  t.strictSame(readdirSync(join(mount, 'app')).sort(), [
    ...['LICENSE', 'bin', 'dist', 'node_modules', 'package.json'],
  ])
  for (const name of [
    ...Object.keys(manifest.devDependencies),
    ...Object.keys(manifest.optionalDependencies),
  ]) {
    // @kubernetes/client-node names its types as a dependency of production.
    if (name === '@types/node') continue
    t.notOk(existsSync(join(mount, 'app/node_modules', name)), `no ${name}`)
  }

  const directory = t.testdir({ etc: {}, data: {} })
  const [publicPort, adminPort] = [await freePort(), await freePort()]
  writeFileSync(
    join(directory, 'etc/port80.yaml'),
    JSON.stringify({
      listeners: {
        public: { host: '127.0.0.1', port: publicPort },
        admin: { host: '127.0.0.1', port: adminPort },
        stop: { unreadyWait: '0s' },
      },
      store: { directory: '/var/lib/port80/state' },
      destinations: [{ directory: '/var/lib/port80/certificates' }],
    }),
  )
  const command = inside(mount, directory, [...config.Entrypoint, ...config.Cmd])
  const child = await startChild({
    ...{ name: 'image', directory, command: command[0] ?? '', args: command.slice(1) },
    timeoutMs: 60_000,
    ready: async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok,
  })
  t.teardown(() => child.stop())
  const answer = await fetch(`http://127.0.0.1:${publicPort}/a?b=1`, {
    headers: { host: 'book.example.com' },
    redirect: 'manual',
  })
  t.equal(answer.status, 301)
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  t.match(status, /^Uid:\s+65532\s+65532\s+65532\s+65532$/m, 'its process runs as nobody')
  t.match(status, /^CapEff:\s+0+$/m, 'and may do nothing special')

  await t.test('the command of the health check finds it alive', (t) => {
    const test = (config.Healthcheck?.Test ?? [])
      .slice(1)
      .map((part) => part.replace('9090', String(adminPort)))
    const [program = '', ...args] = inside(mount, directory, test)
    t.equal(spawnSync(program, args, { timeout: 60_000 }).status, 0)
    t.end()
  })
  await t.test('nothing outside the volumes can be written', (t) => {
    const write = "require('fs').writeFileSync('/app/x', '')"
    const [program = '', ...args] = inside(mount, directory, ['node', '-e', write])
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 })
    t.equal(status, 1)
    t.match(stderr, /EROFS|EACCES/)
    t.end()
  })
  await child.stop('SIGTERM', 20_000)
  t.equal(child.ended(), 0, 'and it ends cleanly')
})

/** The command in the files of the image: own mounts, read-only but for the volume, user and group 65532, no capability. */
function inside(mount: string, directory: string, command: readonly string[]): string[] {
  mkdirSync(join(mount, 'etc/port80'), { recursive: true })
  const script = [
    'set -e',
    'mount --bind "$0" "$0"',
    'mount --bind "$1/data" "$0/var/lib/port80" && chown 65532:65532 "$0/var/lib/port80"',
    'mount --bind "$1/etc" "$0/etc/port80"',
    'mount -t proc proc "$0/proc"',
    'mount -o remount,ro,bind "$0"',
    'root=$0; shift',
    'exec chroot --userspec=65532:65532 "$root" env -i PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production "$@"',
  ].join('\n')
  return ['unshare', '--mount', '--', 'sh', '-c', script, mount, directory, ...command]
}
