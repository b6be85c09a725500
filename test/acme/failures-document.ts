/** docs/failures.md is the table of src/acme/failure.ts, and the table is fit to be read. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { failuresDocument } from '../../docs/failures-document.ts'
import { failureRules } from '../../src/acme/failure.ts'
import { failureReasons } from '../../src/reason.ts'

t.test('the committed document is the generated one (npm run docs)', async (t) => {
  const committed = readFileSync(new URL('../../docs/failures.md', import.meta.url), 'utf8')
  t.equal(committed, await failuresDocument())
})

t.test('every reason is in it once, with whole sentences', async (t) => {
  const document = await failuresDocument()
  for (const reason of failureReasons) {
    t.equal(document.split(`\n| \`${reason}\``).length, 2, reason)
    const { because, means, see, fix } = failureRules[reason]
    t.match(means, /^(port80 |[A-Z]).*\.$/, `${reason}: means`)
    t.match(fix, /^[A-Z].*\.$/, `${reason}: fix`)
    t.match(because, /[^.]$/, `${reason}: because`)
    t.not(see, '')
    t.notMatch(means + see + fix + because, /\n/)
  }
})
