/** Envoy's file-SDS resources, as far as this gateway needs them: which files hold chain and key. */
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const dataSource = z.object({ filename: z.string().min(1) })
const secret = z.object({
  name: z.string(),
  tls_certificate: z.object({ certificate_chain: dataSource, private_key: dataSource }),
})
const discoveryResponse = z.object({ resources: z.array(secret) })

export interface SdsSecret {
  readonly name: string
  /** Absolute. */
  readonly chainFile: string
  readonly keyFile: string
}

/**
 * The TLS secrets in a DiscoveryResponse (YAML or JSON, proto3 names as Envoy documents them); none when the text is
 * something else. Relative file names start at `folder`, the one of the resource.
 */
export function readSdsResource(text: string, folder: string): readonly SdsSecret[] {
  let document: unknown
  try {
    document = parse(text)
  } catch {
    return []
  }
  const parsed = discoveryResponse.safeParse(document)
  if (!parsed.success) return []
  return parsed.data.resources.map(({ name, tls_certificate: files }) => ({
    name,
    chainFile: path.resolve(folder, files.certificate_chain.filename),
    keyFile: path.resolve(folder, files.private_key.filename),
  }))
}
