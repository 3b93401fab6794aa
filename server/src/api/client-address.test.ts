import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

test.each([
  ['a direct client', '203.0.113.9', undefined, [], '203.0.113.9'],
  ['a header that nobody vouches for', '203.0.113.9', '10.1.1.1', [], '203.0.113.9'],
  ['a trusted proxy', '10.0.0.1', '203.0.113.9', ['10.0.0.1'], '203.0.113.9'],
  [
    'a client that writes the header itself, through a trusted proxy',
    '10.0.0.1',
    '1.2.3.4, 203.0.113.9',
    ['10.0.0.0/8'],
    '203.0.113.9',
  ],
  ['two trusted proxies', '10.0.0.1', '203.0.113.9, 10.0.0.2', ['10.0.0.0/8'], '203.0.113.9'],
  ['proxies all the way', '10.0.0.1', '10.0.0.3', ['10.0.0.0/8'], '10.0.0.3'],
  ['IPv4 written as IPv6', '::ffff:203.0.113.9', undefined, [], '203.0.113.9'],
  ['a proxy written as IPv6', '::ffff:10.0.0.1', '203.0.113.9', ['10.0.0.1'], '203.0.113.9'],
  ['IPv6: the whole /64', '2001:db8:1:2:3:4:5:6', undefined, [], '2001:db8:1:2::/64'],
  ['nonsense in the header', '10.0.0.1', 'for=unknown', ['10.0.0.1'], 'unknown'],
  ['no socket', undefined, undefined, [], 'unknown'],
])('%s', (_, socket, forwarded, trusted, expected) => {
  expect(clientAddress(socket, forwarded, trusted)).toBe(expected)
})
