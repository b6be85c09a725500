/** What proof of serving takes from the world around it. */
import type { Logger } from 'pino'
import type { ObservedConfig, ProofConfig } from '../config/proof-schema.ts'
import type { Reported } from '../finding/reported.ts'
import type { CertificateRecord } from '../state/records.ts'
import type { Wake } from '../worker/wake.ts'
import type { Doors, Reader } from './targets.ts'

export interface Door {
  /** `namespace/name`, or the address. */
  readonly pod: string
  readonly address: string
  readonly port: number
}

export interface ProofShell {
  settings(): { readonly proof: ProofConfig; readonly observe: readonly ObservedConfig[] }
  readersOf(certificate: string): readonly Reader[]
  /** Ready pods. Rejects when they cannot be listed. */
  doorsAt(doors: Doors): Promise<readonly Door[]>
  change(
    certificate: string,
    next: (record: CertificateRecord | undefined) => CertificateRecord,
  ): Promise<unknown>
  /** From the installation until the last pod showed the pair. */
  pickedUp(pickup: { readonly name: string; readonly seconds: number }): void
  tell(part: Partial<Reported>): void
  /** What the leader before told last. */
  inherited(): Reported
  /** The plan may be another one now. */
  replan(): void
  /** Of this loop alone. */
  readonly wake: Wake
  readonly log: Logger
  now(): number
  random(): number
}
