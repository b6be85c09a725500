import t from 'tap'
import { helpText, parseOptions } from '../../../demo/walk-through/options.ts'

const defaults = { ports: {}, lifetimeSeconds: 600 }
const rows: readonly [string, readonly string[], object][] = [
  ['nothing', [], { run: defaults }],
  ['a port', ['--ca-port', '14001'], { run: { ...defaults, ports: { ca: 14001 } } }],
  [
    'everything',
    '--public-port 1 --admin-port 2 --gateway-port 3 --ca-port 4 --directory d --lifetime 60 --for 9'.split(
      ' ',
    ),
    {
      run: {
        ports: { public: 1, admin: 2, gateway: 3, ca: 4 },
        directory: 'd',
        lifetimeSeconds: 60,
        forSeconds: 9,
      },
    },
  ],
  ['help', ['-h'], { help: helpText }],
]
for (const [name, args, expected] of rows)
  t.test(`reads ${name}`, async (t) => t.same(parseOptions(args), expected))

const faults: readonly [string, readonly string[], RegExp][] = [
  ['a port of 0', ['--ca-port', '0'], /--ca-port is a whole number from 1 to 65535, not "0"/],
  ['a port of 65536', ['--ca-port', '65536'], /from 1 to 65535/],
  ['a fraction', ['--for', '1.5'], /--for is a whole number/],
  ['an unknown option', ['--port', '1'], /Unknown option '--port'/],
  ['an argument', ['x'], /Unexpected argument 'x'/],
  ['a lifetime that is over before it is seen', ['--lifetime', '5'], /from 20/],
]
for (const [name, args, expected] of faults)
  t.test(`refuses ${name}`, async (t) => {
    t.match(parseOptions(args), { fault: expected })
  })

t.test('the help names every port option', async (t) => {
  for (const name of ['public', 'admin', 'gateway', 'ca']) t.match(helpText, `--${name}-port N`)
})
