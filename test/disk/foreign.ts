import t from 'tap'
import { ForeignFiles, type ForeignFile } from '../../src/disk/foreign.ts'

t.test('a fault is told once, another fault of the file and one after it was mended again', async (t) => {
  const told: ForeignFile[] = []
  const files = new ForeignFiles((file) => told.push(file))
  files.report('a', 'torn')
  files.report('a', 'torn')
  files.report('b', 'torn')
  files.report('a', 'too large')
  files.mended('a')
  files.report('a', 'too large')
  t.strictSame(
    told.map(({ path, fault }) => `${path} ${fault}`),
    ['a torn', 'b torn', 'a too large', 'a too large'],
  )
})

t.test('what it remembers is bounded', async (t) => {
  let told = 0
  const files = new ForeignFiles(() => (told += 1))
  for (let index = 0; index < 1_001; index++) files.report(`${index}`, 'torn')
  files.report('1000', 'torn')
  t.equal(told, 1_001)
  files.report('0', 'torn')
  t.equal(told, 1_002, 'after a thousand it begins anew')
})
