import t from 'tap'
import { shareSnapshot, SnapshotTimeout } from '../../src/http/shared-snapshot.ts'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { badDay, goodDay } from '../status/fixtures/page-snapshots.ts'

/** A building that the test ends. */
function heldBuilding() {
  const ends: ((snapshot: StatusSnapshot) => void)[] = []
  return { ends, build: () => new Promise<StatusSnapshot>((resolve) => ends.push(resolve)) }
}

t.test('those who come while it is built share it, those who come later get a new one', async (t) => {
  const { ends, build } = heldBuilding()
  const share = shareSnapshot(build, 60_000)
  const together = [share(), share()]
  t.equal(ends.length, 1)
  ends[0]?.(goodDay)
  t.same(await Promise.all(together), [goodDay, goodDay])
  const later = share()
  t.equal(ends.length, 2)
  ends[1]?.(badDay)
  t.equal(await later, badDay)
})

t.test('a hanging building is left after the deadline, and none is started beside it', async (t) => {
  const { ends, build } = heldBuilding()
  const share = shareSnapshot(build, 20)
  await t.rejects(share(), SnapshotTimeout)
  await t.rejects(share(), SnapshotTimeout)
  t.equal(ends.length, 1)
  ends[0]?.(goodDay)
  await new Promise((resolve) => setImmediate(resolve))
  const next = share()
  t.equal(ends.length, 2)
  ends[1]?.(badDay)
  t.equal(await next, badDay)
})

t.test('a failed building fails for all who wait for it and is tried again by the next', async (t) => {
  let tries = 0
  const share = shareSnapshot(async () => {
    tries += 1
    if (tries === 1) throw new Error('disk gone')
    return goodDay
  }, 60_000)
  const together = await Promise.allSettled([share(), share()])
  t.same(
    together.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  t.equal(await share(), goodDay)
})
