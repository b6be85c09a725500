/** The values that become port80.yaml, in the shapes of its own schema: the chart cannot fall behind it. Pure. */
import { configJsonSchema } from '../../src/config/settings.ts'
import { boolean, closed, oneOf, string, words, type Properties, type Schema } from './shapes.ts'

/** The shape at that place of the configuration. Throws Error when it is gone: then the chart has to follow. */
export function ofConfig(...path: string[]): Schema {
  let shape: Schema | undefined = configJsonSchema()
  for (const key of path) {
    const inner: Schema | undefined = key === '[]' ? shape.items : shape.properties?.[key]
    const named: Schema | undefined =
      typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined
    shape = inner ?? (key === '*' ? named : undefined)
    if (shape === undefined) throw new Error(`the configuration has no ${path.join('.')}`)
  }
  return withoutDefaults(shape)
}

/** Its defaults are those of port80.yaml; the chart's are in values.yaml. */
export function withoutDefaults(shape: Schema): Schema {
  return JSON.parse(
    JSON.stringify(shape, (key, value: unknown) =>
      key === 'default' && !isSchema(value) ? undefined : value,
    ),
  ) as Schema
}

/** A setting that is itself named default. */
export const isSchema = (value: unknown) => typeof value === 'object' && value !== null && 'type' in value

export const properties = (shape: Schema): Properties => shape.properties ?? {}

export function pick(from: Properties, ...keys: string[]): Properties {
  return Object.fromEntries(
    keys.map((key) => {
      const found = from[key]
      if (found === undefined) throw new Error(`the configuration has no ${key}`)
      return [key, found]
    }),
  )
}

export const gatewayOf = () =>
  properties(ofConfig('certificates', '[]', 'destinations', '[]', 'secret', 'gateway'))

function domainGateway(): Schema {
  const gateway = gatewayOf()
  const namespace = {
    ...gateway.namespaces?.items,
    description: 'Where its pods are; namespaces for several.',
  }
  return {
    ...closed({ namespace, ...gateway }),
    description: 'The gateway that serves it; what is left out is that of gateway.',
  }
}

export function domain(): Schema {
  const certificate = properties(ofConfig('certificates', '[]'))
  const secret = properties(ofConfig('certificates', '[]', 'destinations', '[]', 'secret'))
  return closed(
    {
      hosts: { ...certificate.domains, description: 'The names of the certificate.' },
      secretName: {
        ...secret.name,
        description: 'Name of the Secret: the credentialName of the 443 Gateway.',
      },
      name: {
        ...certificate.name,
        description: 'Name of the certificate in status, metrics and commands; secretName when left out.',
      },
      gateway: domainGateway(),
      ...pick(
        certificate,
        'issuer',
        'fallbackIssuer',
        'keyType',
        'reuseKey',
        'profile',
        'renewal',
        'redirect',
      ),
      takeOver: secret.takeOver ?? boolean,
      tlsGateway: {
        ...oneOf('create', 'none'),
        description:
          'create: also make the 443 Gateway of Istio for these hosts, NAME-tls beside the gateway.',
      },
    },
    ['hosts', 'secretName'],
  )
}

export function issuers(): Schema {
  const shape = ofConfig('issuers')
  const issuer = ofConfig('issuers', '*')
  const keyOf: Schema = closed({ name: string, key: string }, ['name', 'key'])
  const { description, ...policy } = ofConfig('issuers', '*', 'preflight')
  return {
    ...shape,
    additionalProperties: {
      ...issuer,
      properties: {
        ...properties(issuer),
        preflight: { ...offIsFalse(policy), description: description ?? '' },
        limits: limits(),
        caBundle: {
          ...closed({ configMap: keyOf, secret: keyOf }),
          minProperties: 1,
          maxProperties: 1,
          description:
            'Roots for talking to the CA itself: a key of a ConfigMap or Secret beside the release.',
        },
        externalAccount: {
          ...closed({ keyId: string, hmacKeySecret: keyOf }, ['keyId', 'hmacKeySecret']),
          description: 'External account binding; the HMAC key stands in a Secret beside the release.',
        },
      },
    },
  }
}

/** `off` is a value of the whole and of each bucket. */
function limits(): Schema {
  const { description, ...shape } = ofConfig('issuers', '*', 'limits')
  const anyOf = (shape.anyOf ?? []).map((each) =>
    each.properties
      ? {
          ...each,
          properties: Object.fromEntries(
            Object.entries(each.properties).map(([bucket, own]) => [
              bucket,
              own.anyOf ? { ...own, anyOf: [...own.anyOf, oneOf(false)] } : own,
            ]),
          ),
        }
      : each,
  )
  return { ...shape, anyOf: [...anyOf, oneOf(false)], description: description ?? '' }
}

export function discovery(): Schema {
  const shape = ofConfig('discovery')
  const gateway = ofConfig('discovery', 'gateway')
  const namespaces = { anyOf: [oneOf('all'), properties(gateway).namespaces ?? words] }
  return {
    ...shape,
    properties: {
      ...properties(shape),
      gateway: { ...gateway, properties: { ...properties(gateway), namespaces } },
    },
  }
}

/** `off` in a values file is YAML 1.1's false by the time that Helm has it. */
export function offIsFalse(shape: Schema): Schema {
  return { anyOf: [shape, oneOf(false)] }
}

export function selfCheck(): Schema {
  const look = ofConfig('selfCheck').anyOf?.find((each) => each.properties)
  const { url, timeout } = pick(properties(look ?? {}), 'url', 'timeout')
  return closed({
    through: oneOf('gateways', 'url', 'off', false),
    url: url ?? string,
    timeout: timeout ?? string,
  })
}

/** `off` alone was a value once, and is taken still. */
export function canary(): Schema {
  const look = ofConfig('canary').anyOf?.find((each) => each.properties)
  const { every } = pick(properties(look ?? {}), 'every')
  const table = closed({ enabled: oneOf(true, false, ''), every: { anyOf: [oneOf(''), every ?? string] } })
  return { anyOf: [table, oneOf('off', false)] }
}

/** Gateways are known by `domains`, so that an address of one has no place here. */
export function proof(): Schema {
  const look = ofConfig('proof').anyOf?.find((each) => each.properties)
  return closed({ enabled: boolean, ...pick(properties(look ?? {}), 'deadline', 'every') })
}

export function lint(): Schema {
  const look = ofConfig('lint').anyOf?.find((each) => each.properties)
  return closed({ enabled: boolean, ...pick(properties(look ?? {}), 'every') })
}
