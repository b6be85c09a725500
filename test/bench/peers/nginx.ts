/** nginx, as a yardstick or as somebody's server: one worker, no log, whatever the `server` block says. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accepts, startChild, type Child } from './child.ts'
import { installed } from './install.ts'
import { loopback, placed, type Place } from './place.ts'
import { freePort } from './ports.ts'

export interface Nginx extends Child {
  readonly port: number
}

/** Listens at a free port of the place, beside what the block says. */
export async function startNginx(
  directory: string,
  serverBlock: string,
  place: Place = loopback,
): Promise<Nginx> {
  const port = await freePort()
  const file = join(directory, 'nginx.conf')
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'])
    mkdirSync(join(directory, name), { recursive: true })
  writeFileSync(file, configuration(directory, `${place.host}:${port}`, serverBlock))
  const child = await startChild({
    name: 'nginx',
    directory,
    ...placed(place, (await installed('nginx')).path, ['-p', directory, '-c', file, '-e', 'stderr']),
    ready: () => accepts(port, place.host),
  })
  // SIGQUIT drains, SIGTERM is at once: the bench has nothing to drain.
  return { ...child, port }
}

function configuration(directory: string, address: string, serverBlock: string): string {
  // Started as root, nginx would give its worker away to a user that cannot read a private temporary folder.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `
daemon off;
${user}
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    listen ${address};
    ${serverBlock}
  }
}
`
}
