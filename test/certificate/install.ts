import t from 'tap'
import { installSteps, type InstalledView, type InstallInput } from '../../src/certificate/install.ts'
import { certificate, day, installed, leaf, now, record, storedPair, unissued } from './fixtures/builders.ts'

const ours = leaf()
const there = (differs: Parameters<typeof leaf>[0]) =>
  installed({ leaf: leaf({ fingerprint: 'cc'.repeat(32), ...differs }) })
const bare = (state: InstalledView['state'], fault?: string): InstalledView => ({
  destination: '/certificates',
  state,
  ...(fault !== undefined && { fault }),
})
const unparsable = installed({ leaf: undefined })

t.test('a stored pair goes where it is lacking', async (t) => {
  const rows: readonly { name: string; view: InstalledView; older?: readonly string[]; installs: boolean }[] =
    [
      { name: 'it is there already', view: installed({ leaf: ours }), installs: false },
      {
        name: 'it is there beside a key that is not its own',
        view: installed({ leaf: leaf({ keyMatches: false }) }),
        installs: true,
      },
      { name: 'nothing is there', view: bare('absent'), installs: true },
      { name: 'what is there does not parse', view: unparsable, installs: true },
      {
        name: 'our placeholder is there',
        view: there({ placeholder: true, notAfter: now + 3_650 * day }),
        installs: true,
      },
      { name: 'a pair whose key is another is there', view: there({ keyMatches: false }), installs: true },
      { name: 'one that ends sooner is there', view: there({ notAfter: now + day }), installs: true },
      {
        name: 'one that ends at the same moment is there',
        view: there({ notAfter: ours.notAfter }),
        installs: true,
      },
      {
        name: 'one of a stranger that lives longer is there',
        view: there({ notAfter: now + 61 * day }),
        installs: false,
      },
      {
        name: 'an older one of ours that lives longer is there',
        view: there({ notAfter: now + 61 * day }),
        older: ['cc'.repeat(32)],
        installs: true,
      },
      {
        name: 'something that is not ours is there',
        view: bare('foreign', 'is no PEM file'),
        installs: false,
      },
      { name: 'nobody can tell what is there', view: bare('unreadable', 'EACCES'), installs: false },
    ]
  for (const { name, view, older, installs } of rows) {
    t.test(name, async (t) => {
      const input = certificate({ installed: [view], olderFingerprints: older ?? [] })
      const step = { do: 'install', certificate: 'book', what: 'pair', destinations: ['/certificates'] }
      t.same(installSteps(input), installs ? [step] : [])
    })
  }
})

t.test('a placeholder makes way for the one of now', async (t) => {
  const { stored: _stored, ...nothing } = unissued()
  const wanted = leaf({ placeholder: true, fingerprint: 'dd'.repeat(32) })
  const rows: readonly { name: string; view: InstalledView; installs: boolean }[] = [
    { name: 'another one is there', view: there({ placeholder: true }), installs: true },
    { name: 'it is there already', view: installed({ leaf: wanted }), installs: false },
    { name: 'an expired pair of a CA is there', view: there({ notAfter: now - day }), installs: false },
    { name: 'something that is not ours is there', view: bare('foreign'), installs: false },
  ]
  for (const { name, view, installs } of rows) {
    t.test(name, async (t) => {
      const steps = installSteps({ ...nothing, placeholder: wanted, installed: [view] })
      t.equal(steps.length, installs ? 1 : 0)
      if (installs) t.match(steps, [{ what: 'placeholder' }])
    })
  }
})

t.test('without a usable pair, the placeholder goes where there is nothing, and nowhere else', async (t) => {
  const { stored: _stored, ...nothing } = unissued()
  const pairs: readonly { name: string; stored?: NonNullable<InstallInput['stored']> }[] = [
    { name: 'nothing is stored' },
    { name: 'what is stored does not parse', stored: { pair: storedPair(), leaf: undefined } },
    {
      name: 'key and certificate do not belong together',
      stored: { pair: storedPair(), leaf: leaf({ keyMatches: false }) },
    },
    { name: 'it was revoked', stored: { pair: storedPair({ revokedAt: now }), leaf: ours } },
  ]
  const views: readonly { name: string; view: InstalledView; installs: boolean }[] = [
    { name: 'nothing is there', view: bare('absent'), installs: true },
    { name: 'what is there does not parse', view: unparsable, installs: true },
    { name: 'a valid pair is there', view: there({}), installs: false },
    { name: 'an expired pair is there', view: there({ notAfter: now - day }), installs: false },
    { name: 'a pair whose key is another is there', view: there({ keyMatches: false }), installs: false },
    { name: 'a placeholder is there', view: there({ placeholder: true }), installs: false },
    { name: 'something that is not ours is there', view: bare('foreign'), installs: false },
    { name: 'nobody can tell what is there', view: bare('unreadable'), installs: false },
  ]
  for (const pair of pairs) {
    for (const { name, view, installs } of views) {
      t.test(`${pair.name}, and ${name}`, async (t) => {
        const input = { ...nothing, ...pair, installed: [view] }
        const step = {
          do: 'install',
          certificate: 'book',
          what: 'placeholder',
          destinations: ['/certificates'],
        }
        t.same(installSteps(input), installs ? [step] : [])
      })
    }
  }
})

t.test('one step names every destination that lacks the pair', async (t) => {
  const input = certificate({
    record: record(),
    installed: [
      { destination: '/a', state: 'absent' },
      installed({ destination: '/b', leaf: ours }),
      installed({ destination: '/c', leaf: leaf({ fingerprint: 'dd'.repeat(32), notAfter: now }) }),
      { destination: '/d', state: 'foreign' },
    ],
  })
  t.same(installSteps(input), [
    { do: 'install', certificate: 'book', what: 'pair', destinations: ['/a', '/c'] },
  ])
  t.same(installSteps(certificate({ installed: [] })), [], 'and none when there is no destination')
})
