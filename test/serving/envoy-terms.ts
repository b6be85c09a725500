import { Extension, KeyUsageFlags, KeyUsagesExtension } from '@peculiar/x509'
import t from 'tap'
import { refusedByEnvoy } from '../../src/serving/envoy-terms.ts'
import { makePair, type PairTerms } from '../certificate/fixtures/pairs.ts'

const { digitalSignature, keyAgreement, keyEncipherment } = KeyUsageFlags
const usage = (flags: number, critical: boolean) => ({
  extensions: [new KeyUsagesExtension(flags, critical)],
})
const mustStaple = new Extension('1.3.6.1.5.5.7.1.24', false, Buffer.from('3003020105', 'hex'))

const rows: { name: string; terms: PairTerms; why: RegExp | undefined }[] = [
  { name: 'as every CA issues it', terms: {}, why: undefined },
  { name: 'must-staple', terms: { extensions: [mustStaple] }, why: /must-staple/ },
  { name: 'may agree on keys only', terms: usage(keyAgreement, true), why: /digitalSignature/ },
  { name: 'the same, not critical', terms: usage(keyAgreement | keyEncipherment, false), why: /digitalSig/ },
  { name: 'may sign', terms: usage(digitalSignature | keyAgreement, true), why: undefined },
  {
    name: 'RSA that may encipher keys only: Envoy takes it',
    terms: { ...usage(keyEncipherment, true), keyType: 'rsa-2048' },
    why: undefined,
  },
]
for (const { name, terms, why } of rows)
  t.test(name, async (t) => {
    const refusal = refusedByEnvoy((await makePair(terms)).chainPem)
    if (why) t.match(refusal?.why, why)
    else t.equal(refusal, undefined)
  })

t.test('what does not parse is no news', async (t) => t.equal(refusedByEnvoy('no PEM'), undefined))
