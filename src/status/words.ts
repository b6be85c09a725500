/** Words that the status page and the terminal text share. Pure. */
import type { CertificateStatus, StatusSnapshot } from './snapshot.ts'
import { relative } from './time.ts'

export const roles: Readonly<Record<StatusSnapshot['worker']['role'], string>> = {
  leader: 'Leader',
  standby: 'Standby',
  crashed: 'Crashed',
  starting: 'Starting',
  // As on a responder, or in `port80 status` from a laptop: others may well have one, and the remarks say who leads.
  off: 'None in this process',
}

/** What there is to say about the worker beside its role. */
export function workerRemarks({ role, leader, restarts }: StatusSnapshot['worker']): string[] {
  return [
    role !== 'leader' && leader !== undefined && `${leader} leads`,
    role === 'standby' && leader === undefined && 'another process leads',
    restarts > 0 && `restarted ${restarts === 1 ? 'once' : `${restarts} times`}`,
  ].filter((part) => part !== false)
}

export const destinationWords: Readonly<Record<CertificateStatus['destinations'][number]['state'], string>> =
  {
    installed: 'installed',
    placeholder: 'holds the placeholder',
    absent: 'nothing there yet',
    differs: 'holds another certificate',
    foreign: 'holds something that is not ours',
    unreadable: 'cannot be read',
  }

const kinds: Readonly<Record<string, string>> = {
  issuer: 'everything',
  registeredDomain: 'all names below',
  identifier: 'the name',
  identifierSet: 'this very set of names of',
}

/** `registeredDomain example.com` → `all names below`, `example.com`. */
export function coversWords(covers: string): readonly [string, string?] {
  const [kind = '', ...rest] = covers.split(' ')
  const words = kinds[kind]
  if (words === undefined) return [covers]
  return rest.length === 0 ? [words] : [words, rest.join(' ')]
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}

export function certificateCount(count: number): string {
  return counted(count, 'certificate')
}

export function tokenCount(count: number): string {
  return `${count} live token${count === 1 ? '' : 's'}`
}

/** Where certificates are hearsay: whose and how old. */
export function toldWords({ told }: StatusSnapshot, now: number): readonly string[] {
  if (!told) return []
  const { by, at, leftOut, unknown = 0, fault } = told
  return [
    by === undefined || at === undefined
      ? 'nothing told by a leader yet'
      : `as told by ${by} ${relative(at, now)}`,
    leftOut > 0 && `${certificateCount(leftOut)} left out for want of room`,
    unknown > 0 && `${counted(unknown, 'entry', 'entries')} of a newer port80 cannot be shown here`,
    fault,
  ].filter((part) => typeof part === 'string')
}
