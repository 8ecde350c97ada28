import type { AddressCheck } from '#metrics/http';
import { addressGuard, type Reach } from '../address-guard.ts';
import type { DataSource } from '../contract.ts';
import { dataError, invalidKey } from '../errors.ts';

type Settings = Pick<DataSource, 'url' | 'jsonData'>;

/**
 * Hosts that a data source names: that of its URL and `allowedHosts`, names or URLs, `*.example.com`
 * for all below it. Empty: it names none.
 */
export function namedHosts({ url, jsonData }: Settings): readonly string[] {
  const given = jsonData['allowedHosts'];
  const hosts = Array.isArray(given) ? given.map(String) : [];
  return [url, ...hosts].map(hostOf).filter((host) => host !== '');
}

/** @throws {AppError} DATA_SOURCE_INVALID */
export function checkAllowedHosts(jsonData: DataSource['jsonData']): void {
  const given = jsonData['allowedHosts'];
  if (given === undefined || given === null) return;
  const isList =
    Array.isArray(given) && given.every((one) => typeof one === 'string' && hostOf(one) !== '');
  if (isList) return;
  throw invalidKey(
    'DATA_SOURCE_INVALID',
    'jsonData.allowedHosts',
    'is no list of hosts',
    'api.github.com, *.example.com, https://example.com',
  );
}

function hostOf(text: string): string {
  const given = text.trim().toLowerCase();
  if (URL.canParse(given) && /^https?:/.test(given))
    return new URL(given).hostname.replace(/^\[|\]$/g, '');
  return /^(\*\.)?[\w.:-]+$/.test(given) ? given.replace(/:\d+$/, '') : '';
}

export function isNamed(hosts: readonly string[], host: string): boolean {
  const name = host.toLowerCase();
  return hosts.some((one) => (one.startsWith('*.') ? name.endsWith(one.slice(1)) : name === one));
}

export interface HostGuard {
  readonly checkHost: (host: string) => void;
  readonly checkAddress: AddressCheck;
}

/**
 * Where requests and their redirects may go: to named hosts only, where there are any, in networks of
 * one's own too; else to the internet.
 */
export function hostGuard(source: Settings, allowedNetworks: () => readonly string[]): HostGuard {
  const hosts = namedHosts(source);
  const reach = (host: string): Reach => (isNamed(hosts, host) ? 'private' : 'public');
  return {
    checkHost: (host) => {
      if (hosts.length === 0 || isNamed(hosts, host)) return;
      throw dataError(
        'DATA_SOURCE_ADDRESS_REFUSED',
        `${host} is none of the allowed hosts of this data source`,
        { hint: `Allowed are ${hosts.join(', ')}` },
      );
    },
    checkAddress: addressGuard(reach, allowedNetworks),
  };
}
