/** What nobody looks at, for a headline that would otherwise say that all is well. Pure. */
import { isOn, type LookName, type LookStatus } from '../finding/looks.ts'

interface Watched {
  readonly look: LookName
  readonly at: string
  /** Why nobody does: by itself it is off, or what it needs is. */
  readonly off: string
  readonly blind: string
}

/**
 * The looks that go on by the clock: while they are off, a way of the CA that broke yesterday, or a gateway that still
 * serves the old pair, is known to nobody. Preflight is for first orders alone, lint and observe are for those who ask.
 */
const watched: readonly Watched[] = [
  { look: 'canary', at: 'port 80', off: 'canary off', blind: 'selfCheck off' },
  { look: 'serving', at: 'what is served', off: 'proof off', blind: 'proof off' },
]

/** `nobody looks at port 80 (canary off)`; undefined where somebody does, or where an older leader does not say. */
export function unwatchedWords(looks: readonly LookStatus[] = []): string | undefined {
  const parts = watched.flatMap(({ look, at, off, blind }) => {
    const one = looks.find((each) => each.look === look)
    return !one || isOn(one) ? [] : [`at ${at} (${one.state === 'blind' ? blind : off})`]
  })
  return parts.length === 0 ? undefined : `nobody looks ${parts.join(' or ')}`
}
