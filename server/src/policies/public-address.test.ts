import { expect, test } from 'vitest'
import { isPublicAddress } from './public-address.ts'

test('EG1: public addresses pass', () => {
  for (const address of ['1.1.1.1', '140.82.121.4', '2606:4700::1111', '::ffff:1.1.1.1', '::ffff:0101:0101']) {
    expect(isPublicAddress(address), address).toBe(true)
  }
})

test('EG1: loopback, private, link-local, shared, reserved, multicast and gateway forms do not', () => {
  const refused = [
    ...[
      '127.0.0.1',
      '127.1.2.3',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
    ],
    ...[
      '0.0.0.0',
      '0.1.2.3',
      '192.0.0.1',
      '192.0.2.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '240.0.0.1',
    ],
    ...['255.255.255.255', '::', '::1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '2001:db8::1', '::ffff:127.0.0.1'],
    ...[
      '::ffff:10.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b:1::1',
      '2002:7f00:1::',
      '2001:0:53aa:64c:0:7fff:80ff:fffe',
      '::7f00:1',
      '100::1',
    ],
    ...['fec0::1', '4000::1', 'localhost', '', '1.1.1', '0x7f.1'],
  ]
  for (const address of refused) expect(isPublicAddress(address), address).toBe(false)
})
