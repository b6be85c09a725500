import t from 'tap'
import {
  readAuthorization,
  readDirectory,
  readOrder,
  readOrders,
  readOrdersUrl,
  readRenewalInfo,
  type Context,
} from '../../src/acme/resources.ts'
import { Port80Failure } from '../../src/reason.ts'

const now = Date.parse('2026-11-24T12:00:00Z')
const context: Context = { what: 'order', url: 'https://ca.example/order/1', now }
const url = (path: string) => `https://ca.example/${path}`

const directory = {
  newNonce: url('nonce'),
  newAccount: url('account'),
  newOrder: url('order'),
  revokeCert: url('revoke'),
  keyChange: url('key'),
}
const order = {
  status: 'pending',
  identifiers: [{ type: 'dns', value: 'A.example.com' }],
  authorizations: [url('authz/1')],
  finalize: url('finalize/1'),
}
const http01 = { type: 'http-01', url: url('challenge/1'), token: 'evaGxfADs6pSRb2LAv9IZ', status: 'pending' }
const authorization = {
  identifier: { type: 'dns', value: 'a.example.com' },
  status: 'pending',
  challenges: [{ type: 'dns-01', url: 7 }, http01],
}
const suggestedWindow = { start: '2026-11-24T12:00:00Z', end: '2026-11-25T12:00:00+00:00' }

const read: Record<string, readonly [() => unknown, unknown]> = {
  'a directory without anything optional': [
    () => readDirectory(directory, context),
    { ...directory, profiles: [], externalAccountRequired: false },
  ],
  'a directory with everything, and more than we know': [
    () =>
      readDirectory(
        {
          ...directory,
          renewalInfo: url('ari'),
          newAuthz: 7,
          meta: {
            profiles: { classic: 'the usual', shortlived: {} },
            externalAccountRequired: true,
            termsOfService: url('terms'),
            website: 'x',
          },
        },
        context,
      ),
    {
      ...directory,
      renewalInfo: url('ari'),
      profiles: ['classic', 'shortlived'],
      externalAccountRequired: true,
      termsOfService: url('terms'),
    },
  ],
  'optional members that are nonsense are as good as absent': [
    () => readDirectory({ ...directory, renewalInfo: 'ftp://x', meta: { profiles: 7 } }, context),
    { ...directory, profiles: [], externalAccountRequired: false },
  ],
  'a pending order': [
    () => readOrder(order, context),
    { ...order, url: context.url, identifiers: ['a.example.com'] },
  ],
  'an order with everything': [
    () =>
      readOrder(
        {
          ...order,
          status: 'invalid',
          expires: '2026-11-25T12:00:00Z',
          certificate: url('cert/1'),
          profile: 'classic',
          error: { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA forbids', status: 403 },
        },
        { ...context, retryAfterMs: 5 },
      ),
    {
      ...order,
      url: context.url,
      status: 'invalid',
      identifiers: ['a.example.com'],
      expires: now + 86_400_000,
      certificate: url('cert/1'),
      profile: 'classic',
      problem: { reason: 'AcmeCaa', detail: 'CAA forbids' },
      retryAfterMs: 5,
    },
  ],
  'a senseless expiry is as good as none': [
    () => readOrder({ ...order, expires: 'tomorrow', error: null }, context),
    { ...order, url: context.url, identifiers: ['a.example.com'] },
  ],
  'an authorization with our challenge among others': [
    () => readAuthorization(authorization, context),
    {
      url: context.url,
      identifier: 'a.example.com',
      wildcard: false,
      status: 'pending',
      http01: { url: http01.url, token: http01.token, status: 'pending' },
    },
  ],
  'an authorization without our challenge': [
    () => readAuthorization({ ...authorization, wildcard: true, challenges: [] }, context),
    { url: context.url, identifier: 'a.example.com', wildcard: true, status: 'pending' },
  ],
  'a challenge that failed': [
    () =>
      readAuthorization(
        {
          ...authorization,
          status: 'invalid',
          challenges: [
            {
              ...http01,
              status: 'invalid',
              error: { type: 'urn:ietf:params:acme:error:dns', detail: 'NXDOMAIN' },
            },
          ],
        },
        context,
      ),
    {
      url: context.url,
      identifier: 'a.example.com',
      wildcard: false,
      status: 'invalid',
      http01: {
        url: http01.url,
        token: http01.token,
        status: 'invalid',
        problem: { reason: 'AcmeDns', detail: 'NXDOMAIN' },
      },
    },
  ],
  'renewal information': [
    () => readRenewalInfo({ suggestedWindow, explanationURL: url('why') }, context),
    { window: { start: now, end: now + 86_400_000 }, explanationUrl: url('why') },
  ],
  'renewal information with a link that is not https': [
    () => readRenewalInfo({ suggestedWindow, explanationURL: 'javascript:alert(1)' }, context),
    { window: { start: now, end: now + 86_400_000 } },
  ],
  'a page of orders': [() => readOrders({ orders: [url('order/1')] }, context), [url('order/1')]],
  'an account that lists its orders': [
    () => readOrdersUrl({ orders: url('orders') }, context),
    url('orders'),
  ],
  'an account that does not': [() => readOrdersUrl({ status: 'valid' }, context), undefined],
}

for (const [name, [act, expected]] of Object.entries(read)) t.strictSame(act(), expected, name)

const refused: Record<string, readonly [() => unknown, string | RegExp]> = {
  'text for JSON': [() => readOrder('<html>', context), 'order: the answer is not JSON'],
  nothing: [() => readOrder(undefined, context), /^order: the answer is missing/],
  'a list for an object': [() => readOrder([], context), /^order: /],
  'a directory without newOrder': [
    () => readDirectory({ ...directory, newOrder: undefined }, context),
    /^order: newOrder is missing/,
  ],
  'a URL that is none': [
    () => readOrder({ ...order, finalize: '/finalize/1' }, context),
    /^order: finalize /,
  ],
  'a scheme that is not http': [
    () => readOrder({ ...order, authorizations: ['file:///etc/passwd'] }, context),
    /^order: authorizations\.0 /,
  ],
  'a token that could leave its path': [
    () => readAuthorization({ ...authorization, challenges: [{ ...http01, token: '../../x' }] }, context),
    /^order: token /,
  ],
  'a status of another version': [
    () => readAuthorization({ ...authorization, status: 'unknown' }, context),
    /^order: status /,
  ],
  'a window without an end': [
    () => readRenewalInfo({ suggestedWindow: { start: suggestedWindow.start } }, context),
    /^order: suggestedWindow\.end /,
  ],
  'a window of nonsense': [
    () => readRenewalInfo({ suggestedWindow: { start: 'a', end: 'b' } }, context),
    /^order: suggestedWindow\.start /,
  ],
}

for (const [name, [act, detail]] of Object.entries(refused)) {
  t.test(`refuses ${name}`, async (t) => {
    try {
      act()
      t.fail('was accepted')
    } catch (error) {
      t.ok(error instanceof Port80Failure)
      t.match(error, { failure: { reason: 'CaAnswerUnusable', detail } })
    }
  })
}
