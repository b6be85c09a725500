/** Small pieces of JSON Schema for values.schema.json. Pure. */

export interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  required?: string[]
  enum?: unknown[]
  anyOf?: Schema[]
  title?: string
  description?: string
  default?: unknown
  pattern?: string
  minimum?: number
  maximum?: number
  minItems?: number
  [other: string]: unknown
}

export type Properties = Record<string, Schema>

export const string: Schema = { type: 'string' }
export const boolean: Schema = { type: 'boolean' }
export const words: Schema = { type: 'array', items: string }
export const labels: Schema = { type: 'object', additionalProperties: string }
/** Kubernetes' own objects: checked by the API server. */
export const free: Schema = { type: 'object', additionalProperties: true }
export const freeList: Schema = { type: 'array', items: free }
export const portNumber: Schema = { type: 'integer', minimum: 1, maximum: 65_535 }
export const replicas: Schema = { type: 'integer', minimum: 0 }

export const oneOf = (...values: unknown[]): Schema => ({ enum: values })
export const closed = (properties: Properties, required: string[] = []): Schema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...(required.length > 0 && { required }),
})
