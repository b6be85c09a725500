import t from 'tap'
import { foreignSecret } from '../../../src/lint/rules/foreign-secret.ts'
import { day, now } from '../../certificate/fixtures/builders.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import {
  accusedIn,
  commandOf,
  findingsIn,
  pairData,
  scopeWith,
  secretYaml,
  type RuleRow,
  type SecretMore,
} from '../fixtures/judged.ts'

const empty = { 'tls.crt': '', 'tls.key': '' }
const valid = pairData(await makePair({ notBefore: now - day, notAfter: now + 60 * day }))
const expired = pairData(await makePair({ notBefore: now - 90 * day, notAfter: now - day }))
const certManager = { 'cert-manager.io/certificate-name': 'web' }
const owned = (metadata: object, more: SecretMore = {}) => secretYaml(empty, { metadata, ...more })
const manager = (tool: string) => owned({ labels: { 'app.kubernetes.io/managed-by': tool } })

const rows: readonly RuleRow[] = [
  {
    name: 'cert-manager',
    yaml: owned({ annotations: certManager }),
    accused: ['Secret edge/book metadata.annotations["cert-manager.io/certificate-name"]'],
  },
  {
    name: 'another tool',
    yaml: manager('external-secrets'),
    accused: ['Secret edge/book metadata.labels["app.kubernetes.io/managed-by"]'],
  },
  {
    name: 'an owner',
    yaml: owned({ ownerReferences: [{ kind: 'SealedSecret', name: 'book' }] }),
    accused: ['Secret edge/book metadata.ownerReferences[0]'],
  },
  {
    name: 'another port80',
    yaml: owned({ annotations: { 'port80.io/instance': 'elsewhere' } }),
    accused: ['Secret edge/book metadata.annotations["port80.io/instance"]'],
  },
  {
    name: 'a valid pair that somebody put there',
    yaml: secretYaml(valid),
    accused: ['Secret edge/book data["tls.crt"]'],
  },
  {
    name: 'a type that holds no certificate',
    yaml: secretYaml({ '.dockerconfigjson': '{}' }, { type: 'kubernetes.io/dockerconfigjson' }),
    accused: ['Secret edge/book type'],
  },
  {
    name: 'immutable',
    yaml: secretYaml(empty, { immutable: true }),
    accused: ['Secret edge/book immutable'],
  },
  {
    name: 'mended: with consent',
    yaml: owned({ annotations: { ...certManager, 'port80.io/adopt': 'true' } }),
    accused: [],
  },
  { name: 'Helm does not fight for it', yaml: manager('Helm'), accused: [] },
  { name: 'a pair that ran out', yaml: secretYaml(expired), accused: [] },
  { name: 'an empty one', yaml: secretYaml(empty), accused: [] },
  { name: 'generic keys are another finding', yaml: secretYaml({ cert: 'a', key: 'b' }), accused: [] },
  {
    name: 'one that port80 does not want',
    yaml: owned({ annotations: certManager }, { name: 'shop' }),
    accused: [],
  },
  {
    name: 'another instance, where nobody says which is ours',
    yaml: owned({ annotations: { 'port80.io/instance': 'elsewhere' } }),
    accused: [],
    scope: { instance: undefined } as never,
  },
]

for (const row of rows)
  t.test(row.name, async (t) => t.strictSame(accusedIn(foreignSecret, row), row.accused))

t.test('takeOver of the configuration is consent', async (t) => {
  t.strictSame(findingsIn(foreignSecret, secretYaml(valid), scopeWith({}, { takeOver: true })), [])
})

t.test('the command is the consent, and names of files do not run', async (t) => {
  const [found] = findingsIn(foreignSecret, manager('flux'))
  t.equal(commandOf(found), 'kubectl -n edge annotate secret book port80.io/adopt=true --overwrite')
  const odd = owned({ annotations: certManager }, { name: 'x; id' })
  const [quoted] = findingsIn(foreignSecret, odd, scopeWith({}, { name: 'x; id' }))
  t.match(commandOf(quoted), / secret 'x; id' /)
})
