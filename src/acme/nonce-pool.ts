/**
 * Nonces that the CA gave with its answers (RFC 8555 §6.5), so that a request does not cost another one. Newest first: a
 * CA forgets the oldest. Bounded in number and age; `now` is passed in. Not a queue: an empty pool asks newNonce.
 */
export interface NoncePool {
  take(now: number): string | undefined
  put(nonce: string | undefined, now: number): void
}

/** More than requests in parallel can use up; CAs keep some thousands. */
const most = 64
/** Well below what CAs are known to keep them for. */
const longestAgeMs = 5 * 60_000
/** RFC 8555 §6.5.1: base64url; real ones are 20 to 60 characters. */
const form = /^[A-Za-z0-9_-]{1,512}$/

export function createNoncePool(): NoncePool {
  let nonces: { readonly value: string; readonly at: number }[] = []
  return {
    take(now) {
      nonces = nonces.filter(({ at }) => now - at < longestAgeMs)
      return nonces.pop()?.value
    },
    put(nonce, now) {
      if (nonce === undefined || !form.test(nonce)) return
      nonces = [...nonces, { value: nonce, at: now }].slice(-most)
    },
  }
}
