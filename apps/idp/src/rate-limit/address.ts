import ipaddr from 'ipaddr.js';

/** What one guesser can hold: an IPv4 address, or the /64 a single IPv6 connection gets to choose from. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address); // ::ffff:192.0.2.1 is 192.0.2.1
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${new ipaddr.IPv6(parsed.parts).toNormalizedString()}/64`).toString()}/64`;
}
