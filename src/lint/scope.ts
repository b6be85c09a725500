/**
 * What lint takes for given: which hosts and Secrets are port80's, where its responder is, where policies are of the whole
 * mesh. Pure.
 *
 * In this order: the configuration that was named; ConfigMaps with a port80.yaml, as the chart makes them; Gateways that ask
 * for a certificate. Only where none of these says anything, and routes of challenges were seen, every Secret of a server on
 * https that no other tool writes is taken for port80's, with a remark.
 */
import type { Config } from '../config/schema.ts'
import type { GivenSettings } from './config-maps.ts'
import { askedFor, configuredCertificates, guessedCertificates, managedOf } from './managed.ts'
import type { LintScope, ManagedCertificate, MeshObjects, ObjectList } from './objects.ts'
import { findResponder, type Known } from './responder.ts'

export interface ScopeSources {
  /** Epoch milliseconds. */
  readonly now: number
  /** Of the file; undefined where nobody named one. */
  readonly config: Config | undefined
  readonly objects: MeshObjects
  readonly given: GivenSettings
  /** Of the context or of the pod, where the cluster was read: that of a port80 whose configuration names none. */
  readonly namespace?: string
  readonly whole: ReadonlySet<ObjectList>
}

export interface ScopeAndRemarks {
  readonly scope: LintScope
  readonly remarks: readonly string[]
}

/** Where Istio's own policies are unless its MeshConfig says otherwise. */
const usualRoot = 'istio-system'

export function lintScope(sources: ScopeSources): ScopeAndRemarks {
  const { now, objects, given, whole } = sources
  const configs = sources.config ? [sources.config] : given.configs.map(({ config }) => config)
  const instance = instanceOf(sources)
  const known = { ...instance, ...headlessOf(configs) }
  const responder = findResponder(objects, known)
  const found = certificatesOf(objects, configs, responder !== undefined)
  return {
    scope: {
      ...{ now, whole, managed: managedOf(found.certificates) },
      ...(responder && { responder }),
      ...(instance.namespace !== undefined
        ? { instance: instance.namespace }
        : responder && configs.length === 0 && { instance: responder.namespace }),
      rootNamespace: given.rootNamespace ?? usualRoot,
    },
    remarks: found.remarks,
  }
}

function certificatesOf(
  objects: MeshObjects,
  configs: readonly Config[],
  routed: boolean,
): { certificates: readonly (readonly ManagedCertificate[])[]; remarks: readonly string[] } {
  const asked = (configs.length === 0 ? [undefined] : configs).map((config) => askedFor(objects, config))
  const certificates = [...configs.map(configuredCertificates), ...asked.map((each) => each.certificates)]
  const remarks = [...new Set(asked.flatMap((each) => each.remarks))]
  if (configs.length > 0 || certificates.flat().length > 0) return { certificates, remarks }
  const guessed = routed ? guessedCertificates(objects) : []
  const why =
    guessed.length === 0
      ? 'no host is known to be managed: name the configuration with --config FILE'
      : `no configuration was named or found: the certificates of ${guessed.length} Secrets of Gateways are taken for port80's; --config FILE says which are`
  return { certificates: [guessed], remarks: [...remarks, why] }
}

/** Undefined where several are found: whose Secret is whose cannot be told then. */
function instanceOf({ config, given, namespace }: ScopeSources): Pick<Known, 'namespace'> {
  const names = config
    ? [config.store.kubernetes?.namespace ?? namespace]
    : given.configs.map((each) => each.config.store.kubernetes?.namespace ?? each.namespace)
  const [only, other] = [...new Set(names)]
  return only === undefined || other !== undefined ? {} : { namespace: only }
}

function headlessOf(configs: readonly Config[]): Pick<Known, 'headless'> {
  const service = configs.flatMap(({ responders }) => (responders ? [responders.service] : []))[0]
  return service === undefined ? {} : { headless: service }
}
