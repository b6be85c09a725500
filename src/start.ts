/**
 * The entry of the image (dist/start.js). V8's compiled code of the last run lies beside it, filled by build.ts: the
 * cache must be on before anything large is imported, so cli.ts comes by a dynamic import. A root file system that is
 * read-only is fine: the cache is then read and never written; without one the start takes some 50 ms longer.
 */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

enableCompileCache(fileURLToPath(new URL('./.compile-cache', import.meta.url)))
const { start } = await import('./cli.ts')
await start()
