import { describe, expect, it } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import { mayReach, resolvePinned } from '../../src/alerts/deliveries/address-policy.js';
import { endpointUrl } from '../../src/alerts/deliveries/subscriptions.js';

/** Networks that are not the public internet (IANA's special-purpose registries), and an address in the middle of each. */
const INSIDE = [
  ...['0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.0.0.8', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'ff02::1', '2001:db8::1', '100::1'],
];
const OUTSIDE = ['8.8.8.8', '93.184.216.34', '172.15.0.1', '172.32.0.1', '192.167.255.255', '2a00:1450::1'];

/** The same IPv4 address as URLs may spell it. */
function spellings(address: string): string[] {
  const [a, b, c, d] = ipaddr.IPv4.parse(address).octets;
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (n: number) => `0x${n.toString(16)}`;
  const octal = (n: number) => `0${n.toString(8)}`;
  return [
    ...[address, `${address}.`, String(number), hex(number), octal(number)],
    ...[[a, b, c, d].map(hex).join('.'), [a, b, c, d].map(octal).join('.')],
    ...[`${a}.${(b * 256 + c) * 256 + d}`, `${a}.${b}.${c * 256 + d}`, `${hex(a)}.${b}.${octal(c)}.${d}`],
    ...[`[::ffff:${address}]`, `[::ffff:${hex(a * 256 + b).slice(2)}:${hex(c * 256 + d).slice(2)}]`],
    ...[`[64:ff9b::${address}]`, `[2002:${hex(a * 256 + b).slice(2)}:${hex(c * 256 + d).slice(2)}::1]`],
    ...[`user@${address}`, `${address}:8443`, encodeURIComponent(address), address.replaceAll('.', '。')],
    [...address].map((c) => (/\d/.test(c) ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : c)).join(''),
  ];
}

const HOSTS = INSIDE.flatMap((address) => (address.includes(':') ? [`[${address}]`] : spellings(address)));

describe('what no webhook may reach', () => {
  it(`${HOSTS.length} spellings of addresses inside are refused, over https and http`, async () => {
    expect(HOSTS.length).toBeGreaterThan(300);
    const reached: string[] = [];
    for (const url of HOSTS.flatMap((host) => [`https://${host}/`, `http://${host}/`])) {
      if (!URL.canParse(url)) continue;
      await resolvePinned(new URL(url), []).then(
        ({ address }) => reached.push(`${url} → ${address}`),
        () => {},
      );
    }
    expect(reached).toEqual([]);
  });

  it.each(OUTSIDE)('%s may be reached', (address) => expect(mayReach(address, [])).toBe(true));

  it('names of this machine resolve to what is refused', async () => {
    await expect(resolvePinned(new URL('https://localhost/'), [])).rejects.toThrow('may not be reached');
  });

  it('a network of ours is let through, and nothing beside it', async () => {
    const allowed = ['10.20.0.0/16', 'fd00::/8'];
    expect(mayReach('10.20.3.4', allowed)).toBe(true);
    expect(mayReach('10.21.3.4', allowed)).toBe(false);
    expect(mayReach('::ffff:10.20.3.4', allowed)).toBe(true);
    expect(mayReach('fd12::1', allowed)).toBe(true);
    await expect(resolvePinned(new URL('http://10.20.3.4/'), allowed)).resolves.toEqual({
      address: '10.20.3.4',
      family: 4,
    });
  });

  it('plain http is for networks of ours, even to a public address', async () => {
    await expect(resolvePinned(new URL('http://8.8.8.8/'), ['10.20.0.0/16'])).rejects.toThrow('over http');
  });
});

describe('what may be an endpoint', () => {
  it.each([
    ['https://example.org/hook?x=1', []],
    ['http://10.20.0.9:8080/hook', ['10.20.0.0/16']],
  ])('%s', (url, allowed) => expect(endpointUrl(url, allowed).href).toBe(url));

  it.each([
    ['http://example.org/', []],
    ['http://10.21.0.9/', ['10.20.0.0/16']],
    ['https://user:word@example.org/', []],
    ['https://example.org/#part', []],
    ['ftp://example.org/', []],
    ['file:///etc/passwd', []],
    ['example.org', []],
  ])('not %s', (url, allowed) => {
    expect(() => endpointUrl(url, allowed)).toThrow(/no address|An endpoint/);
  });
});
