/**
 * `npm run build`: dist/, what the image runs. Bundled rather than compiled file by file: some 400 small modules cost
 * 150 ms and 12 MB at every start. Then port80 is started once, so that V8's compiled code lies in dist/.compile-cache.
 */
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const dist = join(import.meta.dirname, 'dist')

/**
 * Node's own modules by require: an import of one as a module reads each of its names, and some of them load what nobody
 * uses (`WebSocket` of `node:http` all of undici). esbuild reads a required module name by name.
 */
const builtinsByName: Plugin = {
  name: 'builtins-by-name',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' && path !== 'node:module' ? { path, namespace: 'by-name' } : undefined,
    )
    build.onLoad({ filter: /^node:/, namespace: 'by-name' }, ({ path }) => ({
      contents: `module.exports = require('${path}')`,
    }))
  },
}

/** zod holds its words in fifty languages by one namespace, so that nothing of it is left out; port80 speaks one. */
const oneLanguage: Plugin = {
  name: 'one-language',
  setup(build) {
    build.onResolve({ filter: /^\.\.\/locales\/index\.js$/ }, ({ resolveDir }) =>
      build.resolve('../locales/en.js', { resolveDir, kind: 'import-statement' }),
    )
  },
}

export const bundle = {
  entryPoints: [join(import.meta.dirname, 'src/start.ts')],
  outdir: dist,
  bundle: true,
  // Parts that are imported late stay files of their own: the worker, the Kubernetes client, each command.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  // The modules of a package before its CommonJS: of that, a late import would have no named exports.
  mainFields: ['module', 'main'],
  // Names stay, so that a stack trace in a log says something.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  // acme-client is taken by file, with two of its modules replaced (src/acme/client-library.ts); the client for
  // Kubernetes is loaded for a kubeconfig only. Both stay in node_modules.
  external: ['acme-client', '@kubernetes/client-node'],
  // Packages in CommonJS ask for Node's own modules by require, which a module does not have.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  plugins: [builtinsByName, oneLanguage],
  logLevel: 'warning',
} satisfies BuildOptions

/** A start to "listening" and a clean stop: Node writes the cache when it ends. */
async function fillCompileCache(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'port80-build-'))
  const anyPort = { host: '127.0.0.1', port: 0 }
  const config = {
    listeners: { public: anyPort, admin: anyPort, stop: { unreadyWait: '0s' } },
    store: { directory: join(folder, 'state') },
    destinations: [{ directory: join(folder, 'certificates') }],
  }
  const file = join(folder, 'port80.yaml')
  writeFileSync(file, JSON.stringify(config))
  try {
    const child = spawn(process.execPath, [join(dist, 'start.js'), 'serve', '--config', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      output += String(chunk)
      // Once: a second signal would end it at once, without its cache.
      if (!child.killed && output.includes('"leading')) child.kill('SIGTERM')
    }
    if (child.exitCode === null) await once(child, 'exit')
    if (child.exitCode !== 0) {
      throw new Error(`the built port80 ended with ${child.exitCode ?? child.signalCode}:\n${output}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// Imported, it tells what would be built (test/demo/boundary.ts); run, it builds.
if (process.argv[1] === import.meta.filename) {
  rmSync(dist, { recursive: true, force: true })
  await build(bundle)
  await fillCompileCache()
}
