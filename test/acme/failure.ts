import t from 'tap'
import fc from 'fast-check'
import { counts, failureRules, judge, longestWaitMs, orderSurvives } from '../../src/acme/failure.ts'
import { failureReasons, type Failure, type FailureReason } from '../../src/reason.ts'

const now = Date.parse('2026-11-24T12:00:00Z')
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Wait in ms with random in the middle (no jitter), or what else to do. */
function verdict(reason: FailureReason, failures: number, retryAt?: number): number | string {
  const failure: Failure = { reason, detail: 'words', ...(retryAt !== undefined && { retryAt }) }
  const answer = judge({ failure, failures, now, random: 0.5 })
  return answer.do === 'waitUntil' ? answer.at - now : answer.do
}

const ladders: readonly (readonly [string, FailureReason, readonly (number | string)[]])[] = [
  ['back-off', 'AcmeUnauthorized', [minute, 10 * minute, 100 * minute, day, day]],
  ['retry-soon', 'SelfCheckFailed', [minute, 10 * minute, hour, hour]],
  ['look-again', 'PreflightFailed', [minute / 2, minute, 2 * minute, 5 * minute, 10 * minute, 10 * minute]],
  ['again', 'OrderLost', ['retry', minute, 10 * minute, 100 * minute, day, day]],
  ['stop', 'AcmeRejectedIdentifier', ['stop', 'stop']],
  ['aside', 'Aborted', ['retry', 'retry', 'retry', 'retry', 'retry']],
]

for (const [course, reason, expected] of ladders) {
  t.test(`${course}: the first, second, … failure in a row`, async (t) => {
    t.equal(failureRules[reason].course, course)
    t.strictSame(
      expected.map((_, index) => verdict(reason, index + 1)),
      expected,
    )
  })
}

t.test('the moment that the CA names', async (t) => {
  t.equal(verdict('AcmeRateLimited', 1, now + 10 * hour), 10 * hour + 5 * minute, 'wins, stretched a little')
  t.equal(verdict('AcmeRateLimited', 1, now + 100), minute, 'never shortens the ladder')
  t.equal(verdict('AcmeRateLimited', 1, now - hour), minute, 'may have passed')
  t.equal(verdict('AcmeRateLimited', 4, now + hour), day, 'is not the only limit that there is')
  t.equal(verdict('AcmeRateLimited', 1, now + 900 * day), longestWaitMs + 5 * minute, 'is bounded by a week')
  t.equal(
    verdict('OrderLost', 1, now + hour),
    hour + 3 * minute,
    'holds for what is tried again at once, too',
  )
  t.equal(verdict('AcmeBadCsr', 1, now + hour), 'stop', 'starts nothing that is stopped')
})

t.test('jitter spreads waits by a tenth to both sides, a Retry-After only to the later one', async (t) => {
  const failure: Failure = { reason: 'AcmeDns', detail: '' }
  t.strictSame(judge({ failure, failures: 1, now, random: 0 }), { do: 'waitUntil', at: now + 0.9 * minute })
  t.strictSame(judge({ failure, failures: 2, now, random: 0.999 }), {
    do: 'waitUntil',
    at: now + Math.round(10 * minute * 1.0998),
  })
  const limited: Failure = { reason: 'AcmeRateLimited', detail: '', retryAt: now + day }
  t.strictSame(judge({ failure: limited, failures: 1, now, random: 0 }), { do: 'waitUntil', at: now + day })
})

t.test('for every reason and count the wait is ahead of us and bounded', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...failureReasons),
      fc.integer({ min: -5, max: 1_000 }),
      fc.option(fc.double({ noNaN: true })),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (reason, failures, retryAt, random) => {
        const failure: Failure = { reason, detail: '', ...(retryAt !== null && { retryAt }) }
        const answer = judge({ failure, failures, now, random })
        if (answer.do !== 'waitUntil') return true
        return Number.isInteger(answer.at) && answer.at > now && answer.at <= now + 8 * day
      },
    ),
  )
  t.pass()
})

t.test('a failure that repeats never becomes a tight loop', async (t) => {
  for (const reason of failureReasons) {
    if (failureRules[reason].course !== 'aside') t.not(verdict(reason, 2), 'retry', reason)
  }
})

t.test(
  'the courses and what becomes of the order, pinned: a change of one is a visible change here',
  async (t) => {
    const having = (test: (reason: FailureReason) => boolean) => failureReasons.filter(test).join(' ')
    t.matchOnly(
      {
        stop: having((reason) => failureRules[reason].course === 'stop'),
        again: having((reason) => failureRules[reason].course === 'again'),
        soon: having((reason) => failureRules[reason].course === 'retry-soon'),
        uncounted: having((reason) => !counts(reason)),
        kept: having(orderSurvives),
      },
      {
        stop: 'AcmeAlreadyRevoked AcmeBadCsr AcmeBadPublicKey AcmeBadRevocationReason AcmeBadSignatureAlgorithm AcmeExternalAccountRequired AcmeInvalidContact AcmeInvalidProfile AcmeRejectedIdentifier AcmeUnsupportedContact AcmeUnsupportedIdentifier ChallengeMissing PreferredChainMissing',
        again: 'AcmeAccountDoesNotExist AcmeAlreadyReplaced AcmeBadNonce AcmeOrderNotReady OrderLost',
        soon: 'NotServed SelfCheckFailed ExternalAccountUnreadable DestinationFailed StoreFailed',
        uncounted: 'PreflightFailed BudgetSpent LeadershipLost Aborted',
        kept: 'AcmeBadNonce AcmeOrderNotReady AcmeRateLimited AcmeServerInternal AcmeUserActionRequired CaOverloaded CaUnreachable CaUntrusted CaTimedOut CaAnswerUnusable BudgetSpent NotServed SelfCheckFailed AuthorizationTimedOut PreferredChainMissing ExternalAccountUnreadable DestinationFailed StoreFailed LeadershipLost Aborted',
      },
    )
  },
)
