/** Whose a Secret seems to be, by its metadata. Pure. */
import { z } from 'zod'
import type { Leaf } from '../certificate/certificate.ts'
import { fieldManager, managedBy, pairAnnotations as annotation } from './names.ts'

export interface OwnerMarks {
  /** Somebody said that port80 may write it. */
  readonly adopt: boolean
  /** `port80.io/instance`: namespace of the port80 that writes it. */
  readonly instance?: string
  /** `cert-manager.io/certificate-name`. */
  readonly certManager?: string
  readonly owner?: { readonly kind: string; readonly name: string }
  /** `app.kubernetes.io/managed-by`. */
  readonly managedBy?: string
  /** port80 wrote the leaf that is in it, by its own annotation or by the API server's records. */
  readonly writtenByPort80: boolean
}

interface Metadata {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[]
  readonly managedFields?: readonly { readonly manager?: string; readonly fieldsV1?: unknown }[]
}

/** `leaf` is the certificate that is in the Secret. */
export function marksOf(metadata: Metadata, leaf: Pick<Leaf, 'fingerprint'> | undefined): OwnerMarks {
  const { annotations = {}, labels = {}, ownerReferences = [], managedFields = [] } = metadata
  const instance = annotations[annotation.instance]
  const certManager = annotations['cert-manager.io/certificate-name']
  const owner = ownerReferences[0]
  const tool = labels[managedBy]
  return {
    adopt: annotations[annotation.adopt] === 'true',
    ...(instance !== undefined && { instance }),
    ...(certManager !== undefined && { certManager }),
    ...(owner && { owner: { kind: owner.kind, name: owner.name } }),
    ...(tool !== undefined && { managedBy: tool }),
    writtenByPort80:
      (leaf !== undefined && annotations[annotation.fingerprint] === leaf.fingerprint) ||
      managedFields.some(({ manager, fieldsV1 }) => manager === fieldManager && setsChain(fieldsV1)),
  }
}

/** Annotations can get lost to a tool that resets them; who wrote `tls.crt` last, the API server itself remembers. */
function setsChain(fields: unknown): boolean {
  const parsed = z.object({ 'f:data': z.record(z.string(), z.unknown()) }).safeParse(fields)
  return parsed.success && 'f:tls.crt' in parsed.data['f:data']
}
