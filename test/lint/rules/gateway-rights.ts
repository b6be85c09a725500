import t from 'tap'
import { gatewayRights } from '../../../src/lint/rules/gateway-rights.ts'
import { documents, gatewayYaml, podYaml } from '../fixtures/gateway-yaml.ts'
import { accusedIn, commandOf, findingsIn, scopeWith, type RuleRow } from '../fixtures/judged.ts'

const scope = { whole: new Set(['pods', 'roles', 'bindings'] as const) }
const rbac = 'rbac.authorization.k8s.io'
const secrets = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }
const role = (rule: object = {}, kind = 'Role', namespace = 'edge') =>
  JSON.stringify({
    ...{ apiVersion: `${rbac}/v1`, kind, metadata: { name: 'reader', namespace } },
    rules: [{ ...secrets, ...rule }],
  })
const binding = (subject: object = {}, more: { kind?: string; roleKind?: string; namespace?: string } = {}) =>
  JSON.stringify({
    ...{ apiVersion: `${rbac}/v1`, kind: more.kind ?? 'RoleBinding' },
    metadata: { name: 'reader', namespace: more.namespace ?? 'edge' },
    roleRef: { apiGroup: rbac, kind: more.roleKind ?? 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'gateway', namespace: 'edge', ...subject }],
  })
const mesh = documents(gatewayYaml(), podYaml())
const accused = ['ServiceAccount edge/gateway']
const wholeCluster = { kind: 'ClusterRoleBinding', roleKind: 'ClusterRole' }

const rows: readonly RuleRow[] = [
  { name: 'no role at all', yaml: mesh, accused, scope },
  {
    name: 'a role for other things',
    yaml: documents(mesh, role({ resources: ['pods'] }), binding()),
    accused,
    scope,
  },
  {
    name: 'a right to some by name',
    yaml: documents(mesh, role({ resourceNames: ['book'] }), binding()),
    accused,
    scope,
  },
  { name: 'another account', yaml: documents(mesh, role(), binding({ name: 'shop' })), accused, scope },
  {
    name: 'in another namespace',
    yaml: documents(mesh, role({}, 'Role', 'shop'), binding({}, { namespace: 'shop' })),
    accused,
    scope,
  },
  { name: 'mended', yaml: documents(mesh, role(), binding()), accused: [], scope },
  {
    name: 'by a ClusterRole',
    yaml: documents(mesh, role({ verbs: ['*'] }, 'ClusterRole'), binding({}, { roleKind: 'ClusterRole' })),
    accused: [],
    scope,
  },
  {
    name: 'as one of all accounts of its namespace',
    yaml: documents(
      mesh,
      role({}, 'ClusterRole'),
      binding({ kind: 'Group', name: 'system:serviceaccounts:edge', namespace: '' }, wholeCluster),
    ),
    accused: [],
    scope,
  },
  { name: 'not all roles were read', yaml: mesh, accused: [] },
  { name: 'pods of no Gateway', yaml: podYaml(), accused: [], scope },
]

for (const row of rows)
  t.test(row.name, async (t) => t.strictSame(accusedIn(gatewayRights, row), row.accused))

t.test('the command makes a role and its binding, or brings them to that state', async (t) => {
  const [found] = findingsIn(gatewayRights, mesh, scopeWith(scope))
  t.match(
    commandOf(found),
    /^echo '{.*"kind":"Role".*' \| kubectl apply -f - && echo '{.*"kind":"RoleBinding"/,
  )
})
