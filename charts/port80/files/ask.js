// Run by `helm test` with the image's node: the questions that a CA and a browser would ask, through the Service.
import { request } from 'node:http'

const { SERVICE, SERVICE_PORT, HTTPS_PORT, ANY_HOST, HOSTS } = process.env
const port = Number(SERVICE_PORT)

function ask(address, at, host, path) {
  return new Promise((resolve, reject) => {
    const asked = request({ host: address, port: at, path, headers: { host }, timeout: 10_000 }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }))
      answer.on('error', reject)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')))
    asked.on('error', reject)
    asked.end()
  })
}

// A sidecar routes by the Host header, and knows no other than that of the Service.
const sidecar = await ask('127.0.0.1', 15021, 'localhost', '/healthz/ready').then(
  () => true,
  () => false,
)
const listed = JSON.parse(HOSTS)
const anybody = ANY_HOST === '' ? [] : [{ host: 'helm-test.invalid', status: Number(ANY_HOST) }]
const inMesh = ANY_HOST === '' ? [] : [{ host: SERVICE, status: Number(ANY_HOST) }]
const hosts = sidecar ? inMesh : [...listed, ...anybody]
const challengeHost = sidecar ? SERVICE : (listed[0]?.host ?? 'helm-test.invalid')

// port80 gives back what it gets; a sidecar on the way writes %7E as ~.
const path = sidecar ? '/helm-test/~a?b=c&d' : '/helm-test/%7Ea?b=c&d'
const portText = HTTPS_PORT === '443' ? '' : `:${HTTPS_PORT}`
const questions = [
  {
    what: 'an unknown token is 404 and is not cached',
    async run() {
      const { status, headers } = await ask(
        SERVICE,
        port,
        challengeHost,
        '/.well-known/acme-challenge/helm-test',
      )
      const cache = headers['cache-control'] ?? 'nothing'
      return status === 404 && cache.includes('no-store')
        ? undefined
        : `status ${status}, cache-control ${cache}`
    },
  },
  ...hosts.map((each) => ({
    what: `${each.host} is redirected with ${each.status}`,
    async run() {
      const { status, headers } = await ask(SERVICE, port, each.host, path)
      const wanted = `https://${each.host.includes(':') ? `[${each.host}]` : each.host}${portText}${path}`
      return status === each.status && headers.location === wanted
        ? undefined
        : `status ${status}, location ${headers.location}`
    },
  })),
]

let failed = 0
for (const { what, run } of questions) {
  const fault = await run().catch((error) => error.message)
  if (fault !== undefined) failed += 1
  console.log(fault === undefined ? `ok      ${what}` : `failed  ${what}: ${fault}`)
}
if (sidecar) {
  console.log(
    '(with a sidecar here only the name of the Service can be asked for; the hosts answer through the gateway)',
  )
  // Otherwise the sidecar goes on, and the pod never ends.
  await new Promise((resolve) => {
    request({ host: '127.0.0.1', port: 15020, path: '/quitquitquit', method: 'POST' }, resolve)
      .on('error', resolve)
      .end()
  })
}
process.exitCode = failed === 0 ? 0 : 1
