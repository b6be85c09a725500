// The lint rules, and the list of pure files with the rule that keeps them pure (house rule 2).
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/**
 * Pure files: plain data in, plain data out. No clock, no randomness, no process, no network, no disk.
 * They may import pure files, types, and zod/node:crypto/node:net where parsing or hashing is a function of its input.
 */
export const pureFiles = [
  'src/reason.ts',
  'src/config/duration.ts',
  'src/config/identifier.ts',
  'src/config/fields.ts',
  'src/config/listeners-schema.ts',
  'src/config/schema.ts',
  'src/config/settings.ts',
  'src/config/fault.ts',
  'src/config/nearest.ts',
  'src/config/yaml.ts',
  'src/config/explain.ts',
  'src/config/sketch.ts',
  'src/config/cross-checks.ts',
  'src/config/issuer-checks.ts',
  'src/config/certificate-checks.ts',
  'src/config/process-checks.ts',
  'src/config/restart.ts',
  'src/acme/issuer.ts',
  'src/config/parse.ts',
  'src/config/known-issuers.ts',
  'src/state/records.ts',
  'src/state/state-key.ts',
  'src/status/snapshot.ts',
  'src/status/build.ts',
  'src/status/next.ts',
  'src/status/page.ts',
  'src/metrics/catalogue.ts',
  'src/metrics/exposition.ts',
  'src/metrics/samples.ts',
  'src/http/host.ts',
  'src/http/target.ts',
  'src/http/redirect.ts',
  'src/http/refusal.ts',
  'src/http/facts.ts',
  'src/http/silence.ts',
  'src/challenge/token.ts',
  'src/challenge/challenge-record.ts',
  'src/acme/problem.ts',
  'src/acme/failure.ts',
  'src/acme/chain.ts',
  'src/acme/renewal-info.ts',
  'src/acme/der.ts',
  'src/acme/failures-of-ca.ts',
  'src/acme/failures-of-ours.ts',
  'src/acme/link-header.ts',
  'src/acme/network-failure.ts',
  'src/acme/nonce-pool.ts',
  'src/acme/printable.ts',
  'src/acme/rate-limit.ts',
  'src/acme/resources.ts',
  'src/acme/retry-after.ts',
  'src/certificate/certificate.ts',
  'src/certificate/policy.ts',
  'src/certificate/schedule.ts',
  'src/certificate/plan.ts',
  'src/certificate/attempt.ts',
  'src/certificate/hold.ts',
  'src/certificate/desired.ts',
  'src/certificate/install.ts',
  'src/destination/envoy-sds.ts',
  'demo/ca/problem.ts',
  'demo/ca/identifier.ts',
  'demo/ca/jwk.ts',
  'demo/ca/jws.ts',
  'demo/ca/name-constraints.ts',
  'demo/ca/order-status.ts',
  'demo/ca/renewal-window.ts',
  'demo/ca/certificate-id.ts',
  'demo/gateway/pages.ts',
]

const impure = 'Pure files take `now`, randomness and data as arguments (house rule 2).'

export default defineConfig(
  globalIgnores(['dist/', 'node_modules/', '.tap/', '.port80/', 'bench/results/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 40, skipComments: true, skipBlankLines: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: pureFiles,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['node:*', '!node:crypto', '!node:net'], message: impure },
            { group: ['fastify', 'acme-client', 'prom-client', 'pino', 'yaml'], message: impure },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: impure },
        { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: impure },
        { selector: 'MemberExpression[object.name="Math"][property.name="random"]', message: impure },
        { selector: 'Identifier[name="process"]', message: impure },
        {
          selector: 'Identifier[name=/^(setTimeout|setInterval|fetch|performance|randomBytes|randomUUID)$/]',
          message: impure,
        },
      ],
    },
  },
  {
    // Tests are tables and walk-throughs: long bodies are rows, and tap's promises are awaited by tap.
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['src/cli/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts', 'docs/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
)
