import t from 'tap'
import { nameSet, registeredDomain } from '../../src/budget/names.ts'

const rows = [
  ['www.example.com', 'example.com'],
  ['EXAMPLE.com', 'example.com'],
  ['new.blog.example.co.uk', 'example.co.uk'],
  ['a.b.github.io', 'b.github.io'],
  ['github.io', 'github.io'],
  ['co.uk', 'co.uk'],
  ['foo.internal', 'foo.internal'],
  ['localhost', 'localhost'],
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
] as const

for (const [name, domain] of rows) {
  t.test(`${name} counts for ${domain}`, async (t) => t.equal(registeredDomain(name), domain))
}

t.test('a set of names is one whatever its order and case, bounded, and legible', async (t) => {
  const many = Array.from({ length: 100 }, (_, index) => `n${index}.example.com`)
  t.equal(nameSet(['a.test']), 'a.test')
  t.equal(nameSet(many), nameSet(many.toReversed().map((name) => name.toUpperCase())))
  t.match(nameSet(many), /^n0\.example\.com \+99 [0-9a-f]{16}$/)
  t.not(nameSet(['a.test', 'b.test']), nameSet(['a.test', 'c.test']))
})
