/**
 * charts/port80/values.schema.json: closed, so that a misspelt value is refused by its name. Pure.
 */
import {
  gatewayOf,
  ofConfig,
  canary,
  domain,
  issuers,
  discovery,
  offIsFalse,
  lint,
  proof,
  selfCheck,
} from './configured-values.ts'
import { podValues, routes, surroundings } from './cluster-values.ts'
import { closed, free, oneOf, type Schema } from './shapes.ts'
import type { ValueRow } from './values-comments.ts'

/** The whole schema, with the comments of values.yaml as descriptions. */
export function valuesSchema(rows: readonly ValueRow[]): Schema {
  const schema: Schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Values of the chart port80',
    ...closed({
      domains: { type: 'array', items: domain() },
      defaultIssuer: { anyOf: [oneOf(''), ofConfig('certificates', '[]', 'issuer')] },
      issuers: issuers(),
      gateway: closed(gatewayOf()),
      routes: routes(),
      redirect: ofConfig('redirect'),
      discovery: discovery(),
      selfCheck: selfCheck(),
      preflight: offIsFalse(ofConfig('preflight')),
      canary: canary(),
      proof: proof(),
      observe: ofConfig('observe'),
      lint: lint(),
      resolvers: { ...ofConfig('resolvers'), minItems: 0 },
      listeners: ofConfig('listeners'),
      worker: ofConfig('worker'),
      log: ofConfig('log'),
      clusterDomain: ofConfig('kubernetes', 'clusterDomain'),
      lease: ofConfig('store', 'kubernetes', 'lease'),
      ...podValues(),
      ...surroundings(),
      // Helm's own, for a chart that is a dependency of another.
      global: { ...free, description: 'Of a parent chart; not read.' },
    }),
  }
  // Parts stand in several places, and each is described for its own.
  const copied = JSON.parse(JSON.stringify(schema)) as Schema
  for (const row of rows) describe(copied, row)
  return copied
}

function describe(schema: Schema, { path, comment }: ValueRow): void {
  let at: Schema | undefined = schema
  for (const key of path) {
    const table: Schema | undefined = at?.properties ? at : at?.anyOf?.find((each) => each.properties)
    at = table?.properties?.[key]
  }
  if (at && comment !== '') at.description = comment
}
