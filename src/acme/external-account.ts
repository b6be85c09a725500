/** External account binding (RFC 8555 §7.3.4): what is bound, and whether the CA asks for it. */
import { readFile } from 'node:fs/promises'
import { Port80Failure } from '../reason.ts'
import type { AccountClient } from './account.ts'
import type { ResolvedIssuer } from './issuer.ts'

/**
 * Read only when it is needed: an account that exists does not depend on the file any more. Throws Port80Failure
 * ExternalAccountUnreadable, and AcmeExternalAccountRequired where none is configured and the CA asks for one.
 */
export async function externalAccountOf(
  issuer: ResolvedIssuer,
  client: Pick<AccountClient, 'directory'>,
  signal: AbortSignal,
): Promise<{ keyId: string; hmacKey: string } | undefined> {
  const configured = issuer.externalAccount
  if (!configured) {
    const { externalAccountRequired } = await client.directory(signal)
    if (!externalAccountRequired) return undefined
    const detail = 'the directory of the CA says that it needs one; set externalAccount on the issuer'
    throw new Port80Failure({ reason: 'AcmeExternalAccountRequired', detail })
  }
  const { keyId, hmacKey, hmacKeyFile } = configured
  const key = (hmacKey ?? (await readKeyFile(hmacKeyFile ?? ''))).trim()
  // base64url, and the plain base64 that some CAs hand out; nothing of it is shown.
  if (!/^[A-Za-z0-9_+/-]+={0,2}$/.test(key)) throw unreadable('the HMAC key is not base64url')
  return { keyId, hmacKey: key }
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(`externalAccount.hmacKeyFile: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`)
  }
}

function unreadable(detail: string): Port80Failure {
  return new Port80Failure({ reason: 'ExternalAccountUnreadable', detail })
}
