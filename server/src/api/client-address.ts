/**
 * The address that a request is counted under. Forwarded headers are believed only when the socket itself, and every hop between, belongs to
 * the operator's trusted proxies; the first address from the right that does not is the client.
 */
import ipaddr from 'ipaddr.js'

/** Addresses (`10.0.0.1`) or ranges (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` counts. */
export type TrustedProxies = readonly string[]

/** IPv4 as it is, IPv6 as its /64 (one household holds a whole one); `unknown` when the socket is gone. */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): string {
  const hops = [...(forwardedFor?.split(',').map((hop) => hop.trim()) ?? []), socketAddress ?? '']
  for (let i = hops.length - 1; i >= 0; i--) {
    const address = parseAddress(hops[i] ?? '')
    if (!address) return 'unknown'
    if (i === 0 || !isTrusted(address, trusted)) return networkOf(address)
  }
  return 'unknown'
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

const parseAddress = (text: string): Address | null => (ipaddr.isValid(text) ? ipaddr.process(text) : null)

const isTrusted = (address: Address, trusted: TrustedProxies): boolean =>
  trusted.some((entry) => {
    const [range, bits] = entry.includes('/')
      ? ipaddr.parseCIDR(entry)
      : ([ipaddr.process(entry), ipaddr.process(entry).kind() === 'ipv4' ? 32 : 128] as const)
    return range.kind() === address.kind() && (address as ipaddr.IPv6).match(range as ipaddr.IPv6, bits)
  })

function networkOf(address: Address): string {
  if (address.kind() === 'ipv4') return address.toString()
  const parts = (address as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16))
  return `${parts.join(':')}::/64`
}
