/** Labels, annotations and field manager that port80 uses on the objects it writes (docs/state.md lists the objects). Pure. */

/** Who writes, in `metadata.managedFields`. */
export const fieldManager = 'port80'

export const managedBy = 'app.kubernetes.io/managed-by'
/** What an object of ours is for: `challenge`, `state`. */
export const kindLabel = 'port80.io/kind'
/** On an object of kind `state`: `account`, `budget`, `certificate`, `holds`, `request`. */
export const stateKindLabel = 'port80.io/state-kind'
/** On an object of kind `state`: its key, since not every key is a name that Kubernetes takes. */
export const stateKeyAnnotation = 'port80.io/state-key'

/** On a Secret with a pair. */
export const pairAnnotations = {
  /** Set by a person: port80 may write this Secret although somebody else seems to own it. */
  adopt: 'port80.io/adopt',
  certificate: 'port80.io/certificate',
  /** Namespace of the port80 that writes it: two installations do not write one Secret. */
  instance: 'port80.io/instance',
  /** SHA-256 of the leaf that port80 wrote last: tells a pair of ours from one that somebody put there. */
  fingerprint: 'port80.io/fingerprint',
  names: 'port80.io/names',
  issuer: 'port80.io/issuer',
  notAfter: 'port80.io/not-after',
  status: 'port80.io/status',
  reason: 'port80.io/reason',
  renewalTime: 'port80.io/renewal-time',
} as const
