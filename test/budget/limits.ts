import t from 'tap'
import { limitsOf } from '../../src/budget/limits.ts'

const production = 'https://acme-v02.api.letsencrypt.org/directory'
const hour = 3_600_000

t.test("Let's Encrypt's own, whatever the issuer is called", async (t) => {
  t.match(limitsOf(production), {
    newAccounts: { limit: 10, windowMs: 3 * hour, reserve: 0 },
    newOrders: { limit: 300, windowMs: 3 * hour, reserve: 0.1 },
    certificatesPerDomain: { limit: 50, windowMs: 168 * hour },
    certificatesPerNames: { limit: 5, windowMs: 168 * hour },
    failedValidations: { limit: 5, windowMs: hour },
  })
  t.match(limitsOf('https://acme-staging-v02.api.letsencrypt.org/directory'), { newOrders: { limit: 1_500 } })
})

t.test('another CA has none until they are written', async (t) => {
  t.equal(limitsOf('https://ca.test/dir'), undefined)
  t.equal(limitsOf('https://ca.test/dir', { reserve: 20 }), undefined)
  t.strictSame(limitsOf('https://ca.test/dir', { reserve: 20, newOrders: { limit: 2, window: hour } }), {
    newOrders: { limit: 2, windowMs: hour, reserve: 0.2 },
  })
})

t.test('what is written wins, and off is off', async (t) => {
  t.equal(limitsOf(production, 'off'), undefined)
  const own = limitsOf(production, { newOrders: 'off', certificatesPerDomain: { limit: 500, window: hour } })
  t.equal(own?.newOrders, undefined)
  t.equal(own?.certificatesPerDomain?.limit, 500)
  t.equal(own?.failedValidations?.limit, 5)
})
