import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';

/** Networks, as CIDR, that may be reached although they are not public. */
export type AllowedNetworks = readonly string[];

/** The endpoint's address is one that we do not connect to. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

/** Whether a request may go to the address: public unicast, or in a network of ours. */
export function mayReach(address: string, allowed: AllowedNetworks): boolean {
  // An IPv4 address in IPv6 clothes is judged as what it is.
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' || isAllowed(parsed, allowed);
}

/** Whether the address is in a network of ours, where plain http may be spoken too. */
export function isOurs(address: string, allowed: AllowedNetworks): boolean {
  return isAllowed(ipaddr.process(address), allowed);
}

/**
 * The one address to connect to: resolved here, once, and handed to the socket, so that a name can not be public when it
 * is looked at and private when it is used.
 * @throws AddressRefusedError when any of the name's addresses is refused: a name that has both is a trick or a mistake
 */
export async function resolvePinned(
  { hostname, protocol }: URL,
  allowed: AllowedNetworks,
): Promise<LookupAddress> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const addresses = await lookup(host, { all: true, verbatim: true });
  const fits = protocol === 'https:' ? mayReach : isOurs;
  if (addresses.length === 0 || !addresses.every(({ address }) => fits(address, allowed)))
    throw new AddressRefusedError(`${host} may not be reached over ${protocol.slice(0, -1)}`);
  return addresses[0];
}

function isAllowed(address: ipaddr.IPv4 | ipaddr.IPv6, allowed: AllowedNetworks): boolean {
  return allowed.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === address.kind() && address.match(base, bits);
  });
}
