import { isIP } from 'node:net';
import type { ProxyConfig } from '#metrics/config';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for a URL; undefined: none. Source: Go's `http.ProxyFromEnvironment`. */
export function proxyFor(config: ProxyConfig, url: URL, env: Environment): URL | undefined {
  if (config.proxyUrl !== undefined) {
    return isExcluded(config.noProxy, url) ? undefined : new URL(config.proxyUrl);
  }
  if (!config.proxyFromEnvironment) return undefined;
  const named =
    url.protocol === 'https:'
      ? (env['HTTPS_PROXY'] ?? env['https_proxy'])
      : (env['HTTP_PROXY'] ?? env['http_proxy']);
  if (named === undefined || named === '') return undefined;
  if (isExcluded(env['NO_PROXY'] ?? env['no_proxy'] ?? '', url)) return undefined;
  const host = url.hostname;
  if (host === 'localhost' || /^127\./.test(host) || host === '[::1]') return undefined;
  const withScheme = /^\w+:\/\//.test(named) ? named : `http://${named}`;
  return URL.canParse(withScheme) ? new URL(withScheme) : undefined;
}

/** Names with all below them, `.name` for those below it only, addresses, networks, `*`. */
function isExcluded(list: string, url: URL): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return isInNetwork(host, entry);
      const match = /^(.*?)(?::(\d+))?$/.exec(entry);
      const [, name = '', wantedPort] = isIP(entry) === 6 ? [entry, entry] : (match ?? []);
      if (wantedPort !== undefined && wantedPort !== port) return false;
      if (name.startsWith('.')) return host.endsWith(name);
      const bare = name.replace(/^\*\./, '');
      return host === bare || host.endsWith(`.${bare}`);
    });
}

function isInNetwork(host: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  if (isIP(host) !== 4 || isIP(base) !== 4) return false;
  const shift = 32 - Number(bits);
  if (!(shift >= 0 && shift <= 32)) return false;
  const size = 2 ** shift;
  return Math.floor(addressNumber(host) / size) === Math.floor(addressNumber(base) / size);
}

const addressNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
