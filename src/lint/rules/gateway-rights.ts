/**
 * P80-210: the ServiceAccount of gateway pods may not list Secrets, which istiod asks before it sends them one. Pure. Only
 * for Gateways of Istio.
 */
import type { Finding } from '../../finding/finding.ts'
import { credentialUses } from '../credential-uses.ts'
import { applied } from '../kubectl-command.ts'
import { hasLabels } from '../managed-secrets.ts'
import type { BindingFacts, LintScope, MeshObjects, RoleFacts } from '../objects.ts'

export function gatewayRights(objects: MeshObjects, scope: LintScope): Finding[] {
  if (!(['pods', 'roles', 'bindings'] as const).every((kind) => scope.whole.has(kind))) return []
  const selectors = credentialUses(objects, scope).flatMap(({ kind, selector }) =>
    kind === 'Gateway' && Object.keys(selector).length > 0 ? [selector] : [],
  )
  const accounts = objects.pods
    .filter((pod) => selectors.some((selector) => hasLabels(pod, selector)))
    .map(({ ref, serviceAccount }) => ({ namespace: ref.namespace, name: serviceAccount }))
  const distinct = new Map(accounts.map((account) => [`${account.namespace}/${account.name}`, account]))
  return [...distinct.values()]
    .filter((account) => !mayList(account, objects))
    .map((account) => ({
      code: 'P80-210',
      object: { kind: 'ServiceAccount', ...account },
      seen: `no role lets it list secrets in ${account.namespace}`.slice(0, 300),
      fix: { do: 'run', command: granted(account) },
    }))
}

interface Account {
  readonly namespace: string
  readonly name: string
}

function mayList(account: Account, { roles, bindings }: MeshObjects): boolean {
  return bindings.some((binding) => {
    if (binding.ref.kind === 'RoleBinding' && binding.ref.namespace !== account.namespace) return false
    if (!binding.subjects.some((subject) => isMeant(subject, account, binding))) return false
    const namespace = binding.role.kind === 'Role' ? binding.ref.namespace : ''
    const role = roles.find(
      ({ ref }) =>
        ref.kind === binding.role.kind &&
        ref.name === binding.role.name &&
        (namespace === '' || ref.namespace === namespace),
    )
    return role !== undefined && listsSecrets(role)
  })
}

function isMeant(
  { kind, name, namespace }: BindingFacts['subjects'][number],
  account: Account,
  { ref }: BindingFacts,
): boolean {
  switch (kind) {
    case 'ServiceAccount':
      return name === account.name && (namespace || ref.namespace) === account.namespace
    case 'User':
      return name === `system:serviceaccount:${account.namespace}:${account.name}`
    case 'Group':
      return [
        'system:authenticated',
        'system:serviceaccounts',
        `system:serviceaccounts:${account.namespace}`,
      ].includes(name)
    default:
      return false
  }
}

/** istiod asks for the list of all: a right to some by name is none. */
function listsSecrets({ rules }: RoleFacts): boolean {
  return rules.some(
    ({ apiGroups, resources, resourceNames, verbs }) =>
      resourceNames.length === 0 && has(apiGroups, '') && has(resources, 'secrets') && has(verbs, 'list'),
  )
}

const has = (words: readonly string[], word: string) => words.includes(word) || words.includes('*')

/** One object after the other, each as it should be whether it is there already or not. */
function granted({ namespace, name }: Account): string {
  const rbac = 'rbac.authorization.k8s.io'
  const metadata = { name: `${name}-secrets`.slice(-63), namespace }
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }]
  const role = { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules }
  const binding = {
    ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata },
    roleRef: { apiGroup: rbac, kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  }
  return `${applied(role)} && ${applied(binding)}`
}
