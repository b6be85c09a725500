/** What one decision costs when there is much to decide about and nothing to do: `plan` over 10,000 certificates. */
import { limitsOf } from '../src/budget/limits.ts'
import { plan, type CertificateWorld, type World } from '../src/certificate/plan.ts'
import type { Leaf } from '../src/certificate/certificate.ts'
import { emptyCertificateRecord, type StoredPair } from '../src/state/records.ts'
import { median, type Figure } from './figures.ts'

const day = 86_400_000
const now = Date.UTC(2026, 0, 15)
const directory = 'https://ca.example/directory'

function leafOf(name: string, index: number): Leaf {
  const issuedAt = now - (index % 20) * day
  return {
    serial: index.toString(16).padStart(16, '0'),
    fingerprint: index.toString(16).padStart(64, '0'),
    issuedBy: 'An intermediate',
    names: [`${name}.example.com`, `www.${name}.example.com`],
    notBefore: issuedAt,
    notAfter: issuedAt + 90 * day,
    keyType: 'ecdsa-p256',
    keyMatches: true,
    placeholder: false,
  }
}

/** One certificate that was issued a while ago, is installed in one folder and has weeks to go. */
function world(index: number, ari: boolean): CertificateWorld {
  const name = `certificate-${index}`
  const leaf = leafOf(name, index)
  const pair: StoredPair = {
    chainPem: 'chain',
    keyPem: 'key',
    issuer: 'ca',
    directory,
    issuedAt: leaf.notBefore,
  }
  const chosenAt = leaf.notBefore + 60 * day
  return {
    desired: {
      name,
      domains: leaf.names,
      issuer: 'ca',
      keyType: 'ecdsa-p256',
      reuseKey: false,
      profiles: {},
      directories: { ca: directory },
      renewal: { ari },
      fingerprint: leaf.fingerprint.slice(0, 16),
    },
    record: {
      ...emptyCertificateRecord,
      pairs: [pair],
      renewalInfo: { certId: name, chosenAt, checkedAt: now - 1, askAgainAt: now + day / 4 },
    },
    stored: { pair, leaf },
    installed: [{ destination: '/certificates', state: 'present', leaf }],
    running: false,
  }
}

export function benchPlan(count = 10_000): Figure[] {
  return [
    ...timed('plan, 10,000 certificates', count, true),
    ...timed('plan, 10,000 certificates, no ARI', count, false),
  ]
}

/** Let's Encrypt's limits, and nearly as many buckets as one record holds. */
function budgetsFor(): World['budgets'] {
  const limits = limitsOf('https://acme-v02.api.letsencrypt.org/directory') ?? {}
  const fullAt = Array.from(
    { length: 4_900 },
    (_, index) => [`n${index}.example.org`, now + day + index] as const,
  )
  return new Map([['ca', { limits, ledger: { certificatesPerNames: Object.fromEntries(fullAt) } }]])
}

function timed(name: string, count: number, ari: boolean, runs = 30): Figure[] {
  const certificates = Array.from({ length: count }, (_, index) => world(index, ari))
  const budgets = budgetsFor()
  const all: World = { now, certificates, holds: new Map(), budgets }
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now()
    const { steps } = plan(all)
    times.push(performance.now() - start)
    const idle = steps.filter((step) => step.do === 'rest' && step.reason === 'UpToDate').length
    if (idle !== count || steps.length !== count) throw new Error('the plan of the bench has something to do')
  }
  return [
    { name, value: median(times), unit: 'ms', target: { atMost: 50 } },
    {
      name: `${name}, first run`,
      value: times[0] ?? Number.NaN,
      unit: 'ms',
      note: 'before the compiler has warmed up',
    },
  ]
}
