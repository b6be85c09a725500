import t from 'tap'
import { parseCommandLine } from '../../src/cli/parse.ts'
import { commands, exitCodes, helpText, type CommandName } from '../../src/cli/usage.ts'

const good: readonly (readonly [string, readonly string[], object])[] = [
  ['serve', ['serve'], { command: 'serve', json: false }],
  ['a configuration', ['plan', '--config', 'a.yaml'], { command: 'plan', config: 'a.yaml', json: false }],
  ['its short form', ['plan', '-c', 'a.yaml'], { command: 'plan', config: 'a.yaml', json: false }],
  ['json before the operand', ['issue', '--json', 'book'], { command: 'issue', operand: 'book', json: true }],
  ['an operand', ['issue', 'book'], { command: 'issue', operand: 'book', json: false }],
  ['hosts', ['check', 'a.test', 'b.test'], { command: 'check', hosts: ['a.test', 'b.test'], json: false }],
  [
    'a reason',
    ['revoke', 'book', '--reason', 'superseded'],
    { command: 'revoke', operand: 'book', reason: 'superseded', json: false },
  ],
  ['no file', ['lint'], { command: 'lint', files: [], json: false }],
  [
    'files, folders and stdin, with options between them',
    ['lint', 'a.yaml', '--fail-on', 'note', 'b/', '-', '-n', 'edge', '--sarif'],
    {
      ...{ command: 'lint', files: ['a.yaml', 'b/', '-'], json: false },
      ...{ failOn: 'note', namespace: 'edge', sarif: true },
    },
  ],
  [
    'a command of two words',
    ['config', 'validate', '-c', 'x'],
    { command: 'config validate', config: 'x', json: false },
  ],
]
for (const [name, args, run] of good) {
  t.test(`understands ${name}`, async (t) => t.same(parseCommandLine(args), { run }))
}

const bad: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown command', ['frobnicate'], /no command "frobnicate"$/],
  ['a misspelt one, with what was meant', ['stauts'], /did you mean status\?/],
  ['config alone', ['config'], /validate or schema/],
  ['no host', ['check'], /HOST is missing/],
  ['a missing operand', ['issue'], /NAME is missing/],
  ['a second operand', ['issue', 'a', 'b'], /one NAME at a time/],
  ['an operand where none belongs', ['plan', 'book'], /plan takes no argument/],
  ['an unknown option', ['plan', '--jsn'], /--jsn/],
  ['an option without its value', ['plan', '--config'], /config/],
  ['an option of another command', ['issue', 'a', '--reason', 'x'], /reason/],
]
for (const [name, args, fault] of bad) {
  t.test(`refuses ${name}`, async (t) => {
    const parsed = parseCommandLine(args)
    t.match(parsed, { fault })
  })
}

t.test('asks for help in every usual way', async (t) => {
  for (const args of [[], ['help'], ['--help'], ['-h']]) t.same(parseCommandLine(args), { help: undefined })
  t.same(parseCommandLine(['issue', '--help']), { help: 'issue' })
  t.same(parseCommandLine(['config', 'schema', '-h']), { help: 'config schema' })
  t.same(parseCommandLine(['--version']), { version: true })
})

t.test('the overview names every command and every exit code', async (t) => {
  const text = helpText()
  for (const { usage } of Object.values(commands)) t.ok(text.includes(`\n  ${usage} `))
  for (const code of Object.values(exitCodes)) t.match(text, new RegExp(`^  ${code}  `, 'm'))
})

for (const name of Object.keys(commands) as CommandName[]) {
  t.test(`the help of ${name} has its options and an example that it understands`, async (t) => {
    const text = helpText(name)
    t.match(text, /--config FILE/)
    for (const example of commands[name].examples) {
      t.ok(text.includes(example))
      const [line = ''] = example.split(/ [|>] /)
      t.match(parseCommandLine(line.split(' ').slice(1)), { run: { command: name } })
    }
    for (const line of text.split('\n').slice(2)) t.ok(line.length <= 160, line)
  })
}
