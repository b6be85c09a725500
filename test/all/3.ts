import { runShare } from './fixtures/together.ts'

await runShare(3)
