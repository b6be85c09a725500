import fc from 'fast-check'
import t from 'tap'
import { identifierFault, isIpAddress } from '../../src/config/identifier.ts'

const rows: { text: string; says: string | undefined }[] = [
  { text: 'book.example.com', says: undefined },
  { text: 'a.b', says: undefined },
  { text: 'hello.localhost', says: undefined },
  { text: 'xn--bcher-kva.example', says: undefined },
  { text: '_under_score.example.com', says: undefined },
  { text: `${'a'.repeat(63)}.example`, says: undefined },
  { text: '192.0.2.1', says: undefined },
  { text: '2001:db8::1', says: undefined },
  { text: '::1', says: undefined },
  { text: '', says: 'names nothing; write a DNS name such as book.example.com' },
  { text: '*.example.com', says: 'is a wildcard, which HTTP-01 cannot validate; list each name instead' },
  { text: '*', says: 'is a wildcard, which HTTP-01 cannot validate; list each name instead' },
  { text: 'a.*.example.com', says: 'is a wildcard, which HTTP-01 cannot validate; list each name instead' },
  { text: 'Book.example.com', says: 'has capital letters; write it in lower case' },
  { text: '2001:DB8::1', says: 'has capital letters; write it in lower case' },
  {
    text: 'bücher.example',
    says: 'has characters that no DNS name has; write letters, digits, dots and hyphens (xn--… for others)',
  },
  {
    text: 'a b.example',
    says: 'has characters that no DNS name has; write letters, digits, dots and hyphens (xn--… for others)',
  },
  {
    text: 'a.example\n',
    says: 'has characters that no DNS name has; write letters, digits, dots and hyphens (xn--… for others)',
  },
  {
    text: 'https://book.example.com',
    says: 'is more than a name; leave out scheme, port, brackets and path',
  },
  { text: 'book.example.com:80', says: 'is more than a name; leave out scheme, port, brackets and path' },
  { text: 'book.example.com/x', says: 'is more than a name; leave out scheme, port, brackets and path' },
  { text: '[2001:db8::1]', says: 'is more than a name; leave out scheme, port, brackets and path' },
  { text: 'book.example.com.', says: 'ends with a dot; leave it out' },
  { text: '192.0.2.1.', says: 'ends with a dot; leave it out' },
  { text: `${'a.'.repeat(126)}ab`, says: 'is longer than 253 characters; write a shorter name' },
  { text: 'localhost', says: 'has no dot; write the full name, such as book.example.com' },
  {
    text: 'a..example',
    says: 'is no DNS name; write labels of 1 to 63 letters, digits and hyphens with dots between them',
  },
  {
    text: '-a.example',
    says: 'is no DNS name; write labels of 1 to 63 letters, digits and hyphens with dots between them',
  },
  {
    text: 'a-.example',
    says: 'is no DNS name; write labels of 1 to 63 letters, digits and hyphens with dots between them',
  },
  {
    text: `${'a'.repeat(64)}.example`,
    says: 'is no DNS name; write labels of 1 to 63 letters, digits and hyphens with dots between them',
  },
  {
    text: '192.0.2.256',
    says: 'is no DNS name; write labels of 1 to 63 letters, digits and hyphens with dots between them',
  },
  {
    text: '192.0.2',
    says: 'is no DNS name; write labels of 1 to 63 letters, digits and hyphens with dots between them',
  },
  { text: '2001:db8:0::1', says: 'is not the short form of the address; write 2001:db8::1' },
  { text: 'fe80::1%eth0', says: 'has a zone; write the address without it' },
]

for (const { text, says } of rows) {
  t.test(`${JSON.stringify(text.slice(0, 40))} ${says ?? 'is an identifier'}`, (t) => {
    t.equal(identifierFault(text), says)
    t.end()
  })
}

t.test('every IPv4 address is an identifier', (t) => {
  fc.assert(fc.property(fc.ipV4(), (text) => isIpAddress(text) && identifierFault(text) === undefined))
  t.end()
})

t.test('every IPv6 address is one, or is told its short form, which is one', (t) => {
  fc.assert(
    fc.property(fc.ipV6(), (written) => {
      const text = written.toLowerCase()
      const short = /write (\S+)$/.exec(identifierFault(text) ?? '')?.[1] ?? text
      return isIpAddress(text) && identifierFault(short) === undefined
    }),
  )
  t.end()
})

t.test('no text makes it throw, and what passes is lower case without spaces', (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => identifierFault(text) !== undefined || /^[0-9a-z:._-]+$/.test(text)),
  )
  t.end()
})
