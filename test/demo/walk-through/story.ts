import t from 'tap'
import { shortSerial, tell, timeOf } from '../../../demo/walk-through/story.ts'

const told = (colour: boolean) => {
  const lines: string[] = []
  const story = tell({
    write: (text) => lines.push(text),
    colour,
    elapsed: () => 1_234,
    clock: () => new Date(2026, 0, 1, 9, 5, 7),
  })
  story.done('test CA', 'is there')
  story.event('↻', 'book', 'renewed')
  story.failed('no')
  story.line()
  return lines
}

t.test('aligns what came to be, with times', async (t) => {
  t.same(told(false), ['✓  1.23 s  test CA   is there\n', '09:05:07 ↻ book      renewed\n', '✗ no\n', '\n'])
})

t.test('colours for a terminal, and changes nothing else', async (t) => {
  const coloured = told(true)
  t.match(coloured[0], '\u001b[32m✓\u001b[0m')
  t.same(
    coloured.map((line) => line.replace(/\u001b\[\d+m/g, '')),
    told(false),
  )
})

t.test('shortens serials and tells the time of day', async (t) => {
  t.equal(shortSerial('77EF79194A4D36C4DCE0F5DF42F7506C'), '77EF…506C')
  t.equal(shortSerial('77EF'), '77EF')
  t.equal(timeOf(new Date(2026, 0, 1, 0, 0, 9)), '00:00:09')
})
