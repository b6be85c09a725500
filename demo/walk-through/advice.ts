/** What to try next, as commands that work when they are pasted. Pure. */

export interface AdviceInput {
  readonly publicPort: number
  readonly gatewayPort: number
  readonly adminPort: number
  /** As typed: relative to the working directory where that is shorter. */
  readonly rootPem: string
  readonly config: string
  /** `curl --version`, or undefined when there is no curl. */
  readonly curlVersion?: string
}

export function advice(input: AdviceInput): readonly string[] {
  const { publicPort, gatewayPort, adminPort, rootPem, config } = input
  const resolve = (host: string) =>
    knowsLocalhost(input.curlVersion)
      ? ''
      : `--resolve ${host}:${publicPort}:127.0.0.1 --resolve ${host}:${gatewayPort}:127.0.0.1 `
  const book = `http://book.localhost:${publicPort}/productpage?x=1`
  const openssl = `openssl s_client -connect 127.0.0.1:${gatewayPort} -servername book.localhost -CAfile ${rootPem}`
  return [
    'Try it:',
    `  curl -i ${resolve('book.localhost')}'${book}'`,
    `  curl --cacert ${rootPem} -L ${resolve('book.localhost')}'${book}'`,
    `  curl --cacert ${rootPem} -L ${resolve('httpbin.localhost')}http://httpbin.localhost:${publicPort}/status/418`,
    `  ${openssl} </dev/null | openssl x509 -noout -issuer -serial -enddate`,
    `  npx port80 status --config ${config}`,
    `  npx port80 renew book --config ${config}`,
    `  http://localhost:${adminPort}/status in a browser`,
  ]
}

/** curl resolves *.localhost by itself since 7.85.0 (2022), whatever the system's resolver says. */
export function knowsLocalhost(curlVersion: string | undefined): boolean {
  const match = /^curl (\d+)\.(\d+)/.exec(curlVersion ?? '')
  if (!match) return true
  const [major = 0, minor = 0] = match.slice(1).map(Number)
  return major > 7 || (major === 7 && minor >= 85)
}
