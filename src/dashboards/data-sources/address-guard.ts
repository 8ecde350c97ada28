import { BlockList, isIP } from 'node:net';
import type { AddressCheck } from '#metrics/http';
import { dataError } from './errors.ts';

/** Where a data source may connect to, the wider including the narrower. */
export type Reach =
  /** The internet. */
  | 'public'
  /** And networks of one's own: RFC 1918, unique local, shared address space. */
  | 'private'
  /** And this machine. */
  | 'loopback';

/** Cloud metadata answers here: whoever reaches it gets the machine's credentials. */
const linkLocal = blockList(
  ['169.254.0.0', 16],
  ['fe80::', 10],
  // AWS: metadata and DNS over IPv6, within the unique local range.
  ['fd00:ec2::', 32],
  // Not unicast, or nobody's.
  ['0.0.0.0', 8],
  ['192.0.0.0', 24],
  ['224.0.0.0', 3],
  ['ff00::', 8],
);
const loopback = blockList(['127.0.0.0', 8], ['::1', 128], ['::', 128]);
const privateNetworks = blockList(
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['198.18.0.0', 15],
  ['fc00::', 7],
  ['fec0::', 10],
);

/**
 * Refuses addresses beyond the reach of a data source, unless the configuration names them. Checked
 * are the addresses themselves, so that no name and no redirect leads around it.
 */
export function addressGuard(
  reach: (host: string) => Reach,
  allowedNetworks: () => readonly string[],
): AddressCheck {
  return (host, address) => {
    const plain = withoutMapping(address);
    const kind = kindOf(plain);
    const wanted = reach(host);
    const isReached =
      kind === 'public' ||
      (kind === 'private' && wanted !== 'public') ||
      (kind === 'loopback' && wanted === 'loopback');
    if (isReached || isInNetworks(plain, allowedNetworks())) return;
    const where = host === address ? address : `${host} (${address})`;
    throw dataError(
      'DATA_SOURCE_ADDRESS_REFUSED',
      `${where} is a ${kind} address, which this data source may not connect to`,
      {
        hint: 'An administrator may allow it in nunchi.yaml: dashboards.dataSources.allowedNetworks',
        details: { host, kind },
      },
    );
  };
}

function kindOf(address: string): 'public' | 'private' | 'loopback' | 'link-local' {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (linkLocal.check(address, family)) return 'link-local';
  if (loopback.check(address, family)) return 'loopback';
  return privateNetworks.check(address, family) ? 'private' : 'public';
}

/** `::ffff:169.254.169.254`, NAT64 and 6to4 carry an IPv4 address: that is what counts. */
function withoutMapping(address: string): string {
  if (isIP(address) !== 6) return address;
  const words = ipv6Words(address);
  const [high, low] = [words[6]!, words[7]!];
  const isMapped = words.slice(0, 5).every((word) => word === 0) && [0, 0xffff].includes(words[5]!);
  const isNat64 = words[0] === 0x64 && words[1] === 0xff9b;
  const isSixToFour = words[0] === 0x2002;
  if (isMapped && (high !== 0 || low > 1)) return ipv4Of(high, low);
  if (isNat64) return ipv4Of(high, low);
  return isSixToFour ? ipv4Of(words[1]!, words[2]!) : address;
}

const ipv4Of = (high: number, low: number): string =>
  [high >> 8, high & 255, low >> 8, low & 255].join('.');

function ipv6Words(address: string): number[] {
  // The URL parser writes the address in its canonical form, without dots.
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [left = '', right] = canonical.split('::');
  const words = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const [start, end] = [words(left), words(right ?? '')];
  const gap = right === undefined ? 0 : 8 - start.length - end.length;
  return [...start, ...new Array<number>(Math.max(0, gap)).fill(0), ...end];
}

function isInNetworks(address: string, networks: readonly string[]): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return networks.some((network) => {
    const [base = '', bits] = network.split('/');
    const kind = isIP(base);
    if (kind === 0) return false;
    const list = new BlockList();
    const width = kind === 6 ? 128 : 32;
    const prefix = bits === undefined ? width : Number(bits);
    if (!(prefix >= 0 && prefix <= width)) return false;
    list.addSubnet(base, prefix, kind === 6 ? 'ipv6' : 'ipv4');
    return list.check(address, family);
  });
}

function blockList(...networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [base, prefix] of networks) {
    list.addSubnet(base, prefix, isIP(base) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
