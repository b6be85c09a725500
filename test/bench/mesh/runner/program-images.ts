/** Images of port80 itself and of what its chart and the tests use beside it, as programs of this machine. */
import { dirname, join } from 'node:path'
import { installed } from '../../peers/install.ts'
import type { Image } from './images.ts'

const checkout = join(import.meta.dirname, '../../../..')

/** This checkout as the Dockerfile would pack it: same entry point, command and user. */
export function port80Image(): Image {
  return {
    entrypoint: [process.execPath, join(checkout, 'bin/port80')],
    cmd: ['serve', '--config', '/etc/port80/port80.yaml'],
    // The image's `node` is on its path.
    env: {
      NODE_ENV: 'production',
      PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    },
    user: { uid: 65532, gid: 65532 },
    // node_modules may be a link to a folder elsewhere, and so may Node.
    folders: [checkout, dirname(process.execPath)],
  }
}

/** curl as its own image has it; the other tools of a Debian are there too. */
export function curlImage(): Image {
  return { entrypoint: ['curl'], user: { uid: 100, gid: 101 } }
}

/** nginx with a configuration that a Pod mounts at /etc/nginx/nginx.conf. */
export async function nginxImage(): Promise<Image> {
  return { entrypoint: [(await installed('nginx')).path], cmd: ['-g', 'daemon off;'] }
}
