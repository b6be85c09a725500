/** Link headers (RFC 8288): `alternate` chains, `help`, `next`, `terms-of-service` (RFC 8555 §7.1, §7.4.2). Pure. */

const link = /<([^<>]{0,2000})>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]+))?)*)/g
const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i
/** More than any CA sends; bounds what a hostile header can make us fetch. */
const most = 20

/** Absolute URLs of one relation, in the order of the header; relative ones are resolved against `base`. */
export function linksOf(header: string | undefined, rel: string, base: string): readonly string[] {
  const found: string[] = []
  for (const [, target, parameters] of (header ?? '').slice(0, 20_000).matchAll(link)) {
    const [, quoted, bare] = relation.exec(parameters ?? '') ?? []
    const relations = (quoted ?? bare ?? '').toLowerCase().split(/\s+/)
    if (found.length < most && relations.includes(rel) && URL.canParse(target ?? '', base)) {
      found.push(new URL(target ?? '', base).href)
    }
  }
  return found
}
