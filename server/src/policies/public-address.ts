/**
 * Which addresses a stranger's URL may lead to: public unicast ones and no others. Forms that carry an IPv4 address inside an IPv6 one are
 * judged by it when they are plain (`::ffff:a.b.c.d`) and refused when a gateway would unpack them (NAT64, 6to4, Teredo): what lies behind
 * a gateway is not ours to know.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Everything that is routed in the IPv6 internet today; ipaddr.js calls far more of it "unicast". */
const globalUnicastV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** Whether an address in canonical text form is public. Anything else (names, short, octal or hexadecimal forms) is not. */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 0) return false
  const address = ipaddr.parse(text)
  if (address.kind() === 'ipv4') return address.range() === 'unicast'
  const v6 = address as ipaddr.IPv6
  if (v6.isIPv4MappedAddress()) return v6.toIPv4Address().range() === 'unicast'
  return v6.range() === 'unicast' && v6.match(globalUnicastV6)
}
