/** What is known of the token files, in memory: the answer to nearly every request. No disk, no clock. */
import { fileNameOf } from './challenge-record.ts'
import type { Challenge } from './store.ts'

export interface Known {
  readonly name: string
  /** Absent: the file was not read yet, or is none of ours (and is not read again with every scan). */
  readonly challenge: Challenge | undefined
  /** The file changed since it was read, or was not read yet. */
  doubtful: boolean
  readonly since: number
}

export class TokenIndex {
  readonly #byToken = new Map<string, Known>()
  readonly #byName = new Map<string, Known>()
  readonly #doubtful = new Set<string>()
  /** Names that changed while some file was being read: what that read saw may be older. */
  readonly #touched = new Map<string, number>()
  #allTouched = 0
  #reading = 0
  #moment = 0

  get(token: string): Known | undefined {
    return this.#byToken.get(token)
  }

  byName(name: string): Known | undefined {
    return this.#byName.get(name)
  }

  /** Files to read (again). */
  doubtful(): string[] {
    return [...this.#doubtful]
  }

  /** This process wrote the file. */
  put(challenge: Challenge): void {
    const name = fileNameOf(challenge.token)
    this.#touch(name)
    this.#set(name, challenge)
  }

  /** This process removed the file. */
  drop(name: string): void {
    this.#touch(name)
    this.#remove(name)
  }

  /** Somebody changed the file, or (no name) any of them. */
  doubt(name: string | undefined): void {
    this.#touch(name)
    const known = name === undefined ? this.#byName.values() : [this.#byName.get(name) ?? []].flat()
    for (const each of known) {
      each.doubtful = true
      this.#doubtful.add(each.name)
    }
  }

  /**
   * Takes in what `read` finds, unless the file changed while it was read. `listed`: the file is known to exist, so that
   * nothing found means a file that is not ours.
   */
  async learn(
    name: string,
    listed: boolean,
    read: () => Promise<Challenge | undefined>,
  ): Promise<Challenge | undefined> {
    const begun = ++this.#moment
    this.#reading += 1
    try {
      const challenge = await read()
      if (this.#changedSince(name, begun)) return challenge
      if (challenge !== undefined || listed) this.#set(name, challenge)
      else this.#remove(name)
      return challenge
    } finally {
      this.#reading -= 1
      if (this.#reading === 0) this.#touched.clear()
    }
  }

  /** To be taken before a scan: entries made after it are newer than what the scan saw. */
  moment(): number {
    return ++this.#moment
  }

  /** Takes in the names that a scan begun at `moment` saw: drops what is gone, marks what is to be read. */
  reconcile(names: readonly string[], moment: number): void {
    const seen = new Set(names)
    for (const known of [...this.#byName.values()]) {
      if (known.since < moment && !seen.has(known.name)) this.#remove(known.name)
    }
    for (const name of names) {
      if (!this.#byName.has(name)) {
        this.#byName.set(name, { name, challenge: undefined, doubtful: true, since: moment })
        this.#doubtful.add(name)
      }
    }
  }

  challenges(): Challenge[] {
    return [...this.#byToken.values()].flatMap((known) => known.challenge ?? [])
  }

  #touch(name: string | undefined): void {
    this.#moment += 1
    if (name === undefined) this.#allTouched = this.#moment
    else if (this.#reading > 0) this.#touched.set(name, this.#moment)
  }

  #changedSince(name: string, moment: number): boolean {
    return this.#allTouched > moment || (this.#touched.get(name) ?? 0) > moment
  }

  #set(name: string, challenge: Challenge | undefined): void {
    this.#remove(name)
    const known: Known = { name, challenge, doubtful: false, since: ++this.#moment }
    this.#byName.set(name, known)
    if (challenge !== undefined) this.#byToken.set(challenge.token, known)
  }

  #remove(name: string): void {
    const known = this.#byName.get(name)
    this.#byName.delete(name)
    this.#doubtful.delete(name)
    if (known?.challenge !== undefined) this.#byToken.delete(known.challenge.token)
  }
}
