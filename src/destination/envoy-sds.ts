/**
 * Envoy's file-SDS resource of one certificate. Pure.
 *
 * The resource names files and does not change on renewal. What makes Envoy read the files again is the
 * `watched_directory`: any *move into* that folder (inotify IN_MOVED_TO; writing in place or making a link is not
 * noticed). On it Envoy reads chain and key until two readings agree, and only then swaps both.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret#key-rotation
 */

/** First line of the file: tells ours from one that somebody wrote by hand. */
export const resourceMark = '# Written by port80.'

/**
 * A DiscoveryResponse with one Secret, as YAML (Envoy goes by the ending of the file name). `folder` is the absolute path
 * of the certificate's folder as the gateway sees it; the secret is called as the certificate is.
 */
export function envoySdsResource(certificateName: string, folder: string): string {
  const at = (file: string) => quoted(`${folder.replace(/\/+$/, '')}${file}`)
  return `${resourceMark} Use it as sds_config.path_config_source.path of the secret ${certificateName}.
resources:
  - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
    name: ${quoted(certificateName)}
    tls_certificate:
      certificate_chain: { filename: ${at('/tls.crt')} }
      private_key: { filename: ${at('/tls.key')} }
      watched_directory: { path: ${at('')} }
`
}

/** A JSON string is a YAML double-quoted scalar (YAML 1.2 §1.3): paths may hold blanks, colons, hashes. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
