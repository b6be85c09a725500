import t from 'tap'
import { X509Certificate } from 'node:crypto'
import { setScene } from '../fixtures/scene.ts'

t.test(
  'the preferred chain is installed, and one that the CA does not offer is said and not replaced by another',
  async (t) => {
    const scene = await setScene(t, {
      pebble: { alternateRoots: 2, chainLength: 2, validationSleep: 0 },
      certificates: [],
    })
    const { pebble, port80, proxy } = scene
    const roots = await Promise.all(
      [0, 1, 2].map(async (index) => new X509Certificate(await pebble.root(index))),
    )
    const commonName = (root: X509Certificate | undefined) => /CN=(.+)/.exec(root?.subject ?? '')?.[1] ?? ''
    const issuer = { directory: proxy.directoryUrl, caBundle: proxy.rootFile }
    port80.configure({
      issuers: {
        first: issuer,
        third: { ...issuer, preferredChain: commonName(roots[2]) },
        none: { ...issuer, preferredChain: 'No Such Root' },
      },
      certificates: ['first', 'third', 'none'].map((name) => ({
        name,
        issuer: name,
        domains: [`${name}.example.com`],
      })),
    })
    await port80.start()
    for (const [name, index] of [
      ['first', 0],
      ['third', 2],
    ] as const) {
      await port80.waitForCertificate(name)
      const top = port80.installed(name)?.chain.at(-1)
      t.ok(top?.verify(roots[index]?.publicKey ?? raise('no root')), `${name} ends at root ${index}`)
    }
    const none = await port80.waitFor('none', (one) => one.failures > 0, 'refused')
    t.equal(none.attempts[0]?.failure?.reason, 'PreferredChainMissing')
    t.equal(none.state, 'placeholder')
  },
)

function raise(message: string): never {
  throw new Error(message)
}
