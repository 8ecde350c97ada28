import { isIP } from 'node:net';

/** `host`, `host:port`, `[::1]:port` to the bare host name, lower case. */
export function hostNameOf(hostHeader: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(hostHeader);
  if (bracketed !== null) return bracketed[1]!.toLowerCase();
  return hostHeader.replace(/:\d+$/, '').toLowerCase();
}

/** True for addresses and names that never leave this machine. */
export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  if (isIP(host) === 4) return host.startsWith('127.');
  return isIP(host) === 6 && (host === '::1' || /^::ffff:127\./i.test(host));
}

/**
 * Against DNS rebinding: a page of a stranger whose name suddenly means 127.0.0.1 would otherwise
 * talk to a server without login. Such requests carry the stranger's name as Host.
 * `stream-` and `streaming-` before the name are what AWS clients put there for live tails.
 */
export function isTrustedHost(
  hostHeader: string | undefined,
  allowedHosts: ReadonlySet<string>,
): boolean {
  // Only HTTP/1.0 comes without; no browser does.
  if (hostHeader === undefined || hostHeader === '') return true;
  const host = hostNameOf(hostHeader);
  if (isLoopbackHost(host) || allowedHosts.has(host)) return true;
  const bare = host.replace(/^stream(?:ing)?-/, '');
  return bare !== host && (isLoopbackHost(bare) || allowedHosts.has(bare));
}

/**
 * Against forged requests: a browser names the page's origin on every cross-site request that can
 * change something. True when there is none (not a browser) or when it is this server.
 */
export function isTrustedOrigin(
  headers: {
    readonly origin?: string | undefined;
    readonly host?: string | undefined;
    readonly 'sec-fetch-site'?: string | string[] | undefined;
  },
  publicOrigin: string | undefined,
): boolean {
  const { origin, host } = headers;
  if (origin === undefined) {
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }
  if (origin === publicOrigin) return true;
  if (!URL.canParse(origin)) return false;
  return host !== undefined && new URL(origin).host === host.toLowerCase();
}
