/**
 * Proof of serving, while this worker leads: after each installation the gateway pods are looked at until all show the new
 * pair, and everything again every `proof.every`. What is decided is in verdict.ts and refused.ts; a roll-back is a record
 * of a refusal, which the plan of the worker carries out like anything else.
 */
import { lastingOf } from '../finding/lasting.ts'
import type { World } from '../certificate/plan.ts'
import type { ProofConfig } from '../config/proof-schema.ts'
import { lookTimes } from '../finding/look-times.ts'
import { eachOf } from '../worker/lanes.ts'
import { handshake } from './handshake.ts'
import { lookAtObserved, type Observed } from './observed.ts'
import { againstNewest, pictureOf } from './picture.ts'
import type { ProofShell } from './proof-shell.ts'
import { refusalsOf, type Refusals } from './refusals.ts'
import { crowdOf, notePickup, restMs, troubleEveryMs, type State } from './sight.ts'
import { keyOf, olderPairs, refusedAt, targetsIn, type Target } from './targets.ts'
import { verdictOf, type PodLook } from './verdict.ts'

/** None of the calls waits for a look. */
export interface Proof {
  /** The world of the last tick. */
  seen(world: World): void
  /** A pair of this certificate has just been written somewhere. */
  installed(certificate: string): void
  /** Ends with the signal. Never rejects: what fails is logged and tried again. */
  run(signal: AbortSignal): Promise<void>
}

export function proofOf(shell: ProofShell): Proof {
  return new ServingProof(shell)
}

const handshakeMs = 3_000
const lookedAtOnce = 4
const handshakesAtOnce = 8
const mostRemembered = 50_000

class ServingProof implements Proof {
  readonly #shell: ProofShell
  readonly #refusals: Refusals
  readonly #installedAt = new Map<string, number>()
  readonly #states = new Map<string, State>()
  /** Serial that each pod showed last for each host. */
  readonly #last = new Map<string, string>()
  readonly #lasting = lastingOf('serving')
  /** Of which something else than "waiting" was known in this term. */
  readonly #decided = new Set<string>()
  #world: World | undefined
  #observeAt = 0
  readonly #times = lookTimes()
  #observed: Observed = { findings: [], served: [] }

  constructor(shell: ProofShell) {
    this.#shell = shell
    this.#refusals = refusalsOf(shell)
  }

  seen(world: World): void {
    const first = this.#world === undefined
    this.#world = world
    if (first || this.#installedAt.size > 0) this.#shell.wake.now()
  }

  installed(certificate: string): void {
    this.#installedAt.set(certificate, this.#shell.now())
    this.#shell.wake.now()
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const nextAt = await this.#round(signal).catch((error: unknown) => this.#failed(error))
      const most = Math.max(50, Math.min(nextAt - this.#shell.now(), troubleEveryMs))
      await this.#shell.wake.wait(most, signal)
    }
  }

  /** Looking again is all that can be done; a store that fails and lost leadership are told by the worker itself. */
  #failed(error: unknown): number {
    this.#shell.log.warn({ err: error }, 'gateways could not be looked at; tried again')
    return Infinity
  }

  /** When something is due next. */
  async #round(signal: AbortSignal): Promise<number> {
    const { proof } = this.#shell.settings()
    await this.#endRefusals()
    if (proof === 'off') {
      this.#states.clear()
      this.#shell.tell({ findings: [], served: [] })
      return Infinity
    }
    const targets = this.#world ? targetsIn(this.#world, (name) => this.#shell.readersOf(name)) : []
    this.#forgetOthers(targets)
    const now = this.#shell.now()
    const due = targets.filter((target) => this.#stateOf(target).nextAt <= now)
    await eachOf(due, lookedAtOnce, (target) => this.#prove(target, proof, signal))
    if (this.#observeAt <= now) await this.#observe(proof.every, signal)
    if (!signal.aborted && (due.length > 0 || this.#observeAt > now)) this.#tell(targets)
    return Math.min(this.#observeAt, ...[...this.#states.values()].map(({ nextAt }) => nextAt))
  }

  #stateOf(target: Target): State {
    const key = keyOf(target)
    const known = this.#states.get(key)
    if (known?.held === target.held) return known
    const now = this.#shell.now()
    const at = this.#installedAt.get(target.name)
    const state: State = {
      held: target.held,
      since: at ?? now,
      measured: at !== undefined,
      nextAt: 0,
      ...{ looks: [], verdict: 'waiting', checkedAt: now, picked: new Map<string, number>() },
    }
    this.#states.set(key, state)
    return state
  }

  #forgetOthers(targets: readonly Target[]): void {
    const keys = new Set(targets.map(keyOf))
    for (const key of this.#states.keys()) if (!keys.has(key)) this.#states.delete(key)
    for (const key of this.#decided) if (!keys.has(key)) this.#decided.delete(key)
    if (this.#last.size > mostRemembered) this.#last.clear()
    // What was written is seen by the second tick after it, or was not written.
    const old = this.#shell.now() - 2 * troubleEveryMs
    for (const [name, at] of this.#installedAt) if (at < old) this.#installedAt.delete(name)
  }

  async #prove(target: Target, proof: Exclude<ProofConfig, 'off'>, signal: AbortSignal): Promise<void> {
    const state = this.#stateOf(target)
    const before = state.verdict
    const looks = await this.#looksAt(target, signal)
    if (signal.aborted) return
    const now = this.#shell.now()
    // One that was proven and is not any more gets the same time again: a pod that starts, a look that was lost.
    if (before === 'proven' && looks.some(({ serial }) => serial !== state.held)) state.since = now
    const verdict = verdictOf({
      ...{ looks, held: target.held, since: state.since, deadlineMs: proof.deadline, now },
      heldIsNewest: target.heldIsNewest && refusedAt(target) === undefined,
      older: olderPairs(target.certificate),
    })
    // To parse a thousand certificates at every look takes a tenth of a core, and memory that the collector does not count.
    const refusal = verdict.is === 'differs' && target.heldIsNewest ? againstNewest(target) : undefined
    Object.assign(state, { looks, verdict: verdict.is, checkedAt: now, refusal })
    if (looks.length > 0) this.#times.note({ look: 'serving' }, now)
    const seconds = notePickup(state, now)
    if (seconds !== undefined) this.#pickedUp(target, seconds)
    state.nextAt =
      now +
      restMs(state, {
        every: proof.every,
        refused: refusedAt(target) !== undefined,
        crowd: crowdOf(state.verdict, this.#states.values()),
        random: this.#shell.random(),
      })
    if (verdict.is === 'rollBack') await this.#refusals.begin(target, verdict)
    await this.#endRefusal(
      target,
      looks.map(({ pod }) => pod),
    )
  }

  #pickedUp({ name, held: serial }: Target, seconds: number): void {
    this.#shell.pickedUp({ name, seconds })
    this.#shell.log.info({ certificate: name, serial, seconds }, 'served by every gateway pod')
  }

  async #looksAt(target: Target, signal: AbortSignal): Promise<PodLook[]> {
    const doors = await this.#shell.doorsAt(target.doors).catch(() => [])
    const places = doors.flatMap((door) => target.hosts.map((host) => ({ ...door, host })))
    return eachOf(places, handshakesAtOnce, async (place) => {
      const { pod, host } = place
      const key = `${pod} ${host}`
      const last = this.#last.get(key)
      const shown = await handshake(place, handshakeMs, signal)
      if ('serial' in shown) this.#last.set(key, shown.serial)
      return { pod, host, ...shown, ...(last !== undefined && last !== target.held && { before: last }) }
    })
  }

  /** Of certificates whose configuration, time or proof ended it; what pods have to do with it is seen by a look. */
  async #endRefusals(): Promise<void> {
    for (const { desired, record } of this.#world?.certificates ?? []) {
      if (record.refused) await this.#refusals.endIfOver(desired, record.refused, undefined)
    }
  }

  async #endRefusal(target: Target, pods: readonly string[]): Promise<void> {
    const refused = refusedAt(target)
    if (refused) await this.#refusals.endIfOver(target.certificate.desired, refused, pods)
  }

  async #observe(every: number, signal: AbortSignal): Promise<void> {
    const shell = this.#shell
    const all = await eachOf(shell.settings().observe, handshakesAtOnce, (each) =>
      lookAtObserved(each, (doors) => shell.doorsAt(doors), { now: shell.now(), signal }),
    )
    this.#observed = {
      findings: all.flatMap(({ findings }) => findings),
      served: all.flatMap(({ served }) => served),
    }
    this.#times.note({ look: 'observe' }, shell.now())
    this.#observeAt = shell.now() + every * (1 + shell.random() / 10)
  }

  #tell(targets: readonly Target[]): void {
    const sighted = targets.map((target) => {
      const [key, state] = [keyOf(target), this.#stateOf(target)]
      if (state.verdict !== 'waiting') this.#decided.add(key)
      return { target, state, decided: this.#decided.has(key) }
    })
    const { findings, served } = pictureOf(sighted, this.#shell.inherited())
    this.#shell.tell({
      findings: this.#lasting([...findings, ...this.#observed.findings], this.#shell.now()),
      served: [...served, ...this.#observed.served],
      lookedAt: this.#times.all(),
    })
  }
}
