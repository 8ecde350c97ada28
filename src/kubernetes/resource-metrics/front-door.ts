import { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { DetailedPeerCertificate } from 'node:tls';
import { type Clock, describeError, type Logger } from '#base';
import { isKubernetesError, type KubernetesClient, resources } from '#kubernetes/client';
import type { AccessQuestion, Identity, KubernetesIdentity } from '#kubernetes/identity';

export const anonymous: Identity = {
  user: 'system:anonymous',
  uid: undefined,
  groups: ['system:unauthenticated'],
  extra: {},
};

/** How the API server proves itself to the servers behind it. */
interface Trust {
  /** Of the front proxy: who shows a certificate of these may say for whom it speaks. */
  readonly proxyAuthorities: readonly X509Certificate[];
  /** Common names of those; empty: any. */
  readonly proxyNames: readonly string[];
  /** Of clients that come by themselves. */
  readonly clientAuthorities: readonly X509Certificate[];
  readonly userHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraPrefixes: readonly string[];
}

const nothing: Trust = {
  proxyAuthorities: [],
  proxyNames: [],
  clientAuthorities: [],
  userHeaders: [],
  groupHeaders: [],
  extraPrefixes: [],
};

const trustNamespace = 'kube-system';
const trustName = 'extension-apiserver-authentication';
/** Authorities are changed by hand, and the old one lives on for a while. */
const trustLifetimeMs = 60_000;
const trustRetryMs = 5000;
/** Leaf, two intermediates and some: a longer chain is no chain of a cluster's. */
const maxChain = 5;

export interface FrontDoorDeps {
  readonly client: KubernetesClient;
  readonly identity: KubernetesIdentity;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Says who asks and whether they may, as every server behind the API server must. */
export class FrontDoor {
  readonly #deps: FrontDoorDeps;
  #trust: Promise<Trust> | undefined;
  #lastTrust: Trust = nothing;
  #readAtMs = 0;
  #hasWarned = false;

  constructor(deps: FrontDoorDeps) {
    this.#deps = deps;
  }

  /** @returns undefined for wrong credentials; {@link anonymous} where there are none */
  async identify(
    headers: IncomingHttpHeaders,
    peer: DetailedPeerCertificate | undefined,
  ): Promise<Identity | undefined> {
    if (peer?.raw !== undefined) {
      const trust = await this.#currentTrust();
      const chain = chainOf(peer);
      const name = peer.subject?.CN?.toString() ?? '';
      const isProxy =
        isIssuedBy(chain, trust.proxyAuthorities, this.#deps.clock.nowMs()) &&
        (trust.proxyNames.length === 0 || trust.proxyNames.includes(name));
      if (isProxy) {
        const spokenFor = ofProxy(headers, trust);
        if (spokenFor !== undefined) return spokenFor;
      } else if (isIssuedBy(chain, trust.clientAuthorities, this.#deps.clock.nowMs())) {
        const groups = [peer.subject?.O ?? []].flat().map(String);
        return {
          user: name,
          uid: undefined,
          groups: [...groups, 'system:authenticated'],
          extra: {},
        };
      }
    }
    const token = /^bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return anonymous;
    return this.#deps.identity.ofToken(token);
  }

  /** @throws {KubernetesError} when the API server cannot be asked */
  async mayAccess(identity: Identity, question: AccessQuestion): Promise<boolean> {
    // The API server lets them do everything, without a rule.
    if (identity.groups.includes('system:masters')) return true;
    const { allowed } = await this.#deps.identity.mayAccess(identity, question);
    return allowed;
  }

  #currentTrust(): Promise<Trust> {
    const nowMs = this.#deps.clock.monotonicMs();
    const lifetimeMs = this.#lastTrust === nothing ? trustRetryMs : trustLifetimeMs;
    if (this.#trust === undefined || nowMs - this.#readAtMs > lifetimeMs) {
      this.#readAtMs = nowMs;
      this.#trust = this.#readTrust();
    }
    return this.#trust;
  }

  /** What was known stays in force while it cannot be read. */
  async #readTrust(): Promise<Trust> {
    try {
      const map = await this.#deps.client.get<{ data?: Record<string, string> }>(
        resources.configmaps[0],
        trustName,
        { namespace: trustNamespace, timeoutMs: 10_000 },
      );
      this.#lastTrust = trustOf(map.data ?? {});
      this.#hasWarned = false;
    } catch (error) {
      if (!this.#hasWarned) {
        this.#hasWarned = true;
        const isForbidden = isKubernetesError(error) && error.status === 403;
        this.#deps.log.warn('The authorities of the API server cannot be read', {
          configMap: `${trustNamespace}/${trustName}`,
          err: describeError(error),
          ...(isForbidden
            ? {
                hint: `Bind the role extension-apiserver-authentication-reader of ${trustNamespace}`,
              }
            : {}),
        });
      }
    }
    return this.#lastTrust;
  }
}

function trustOf(data: Readonly<Record<string, string>>): Trust {
  const list = (key: string): string[] => {
    try {
      const values: unknown = JSON.parse(data[key] ?? '[]');
      return Array.isArray(values) ? values.map(String) : [];
    } catch {
      return [];
    }
  };
  return {
    proxyAuthorities: certificatesOf(data['requestheader-client-ca-file']),
    proxyNames: list('requestheader-allowed-names'),
    clientAuthorities: certificatesOf(data['client-ca-file']),
    userHeaders: list('requestheader-username-headers'),
    groupHeaders: list('requestheader-group-headers'),
    extraPrefixes: list('requestheader-extra-headers-prefix'),
  };
}

function certificatesOf(bundle = ''): X509Certificate[] {
  const found = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.flatMap((pem) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      return [];
    }
  });
}

function ofProxy(headers: IncomingHttpHeaders, trust: Trust): Identity | undefined {
  const first = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = headers[name.toLowerCase()];
      if (value !== undefined && value !== '') return String(value);
    }
    return undefined;
  };
  const user = first(trust.userHeaders);
  if (user === undefined) return undefined;
  // Node joins what comes several times; a group has no comma in its name.
  const groups = trust.groupHeaders
    .flatMap((name) => String(headers[name.toLowerCase()] ?? '').split(', '))
    .filter((group) => group !== '');
  const extra: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    const prefix = trust.extraPrefixes.find((each) => name.startsWith(each.toLowerCase()));
    if (prefix === undefined || value === undefined) continue;
    extra[decodeKey(name.slice(prefix.length))] = [value].flat();
  }
  return { user, uid: undefined, groups, extra };
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** The certificate that was shown, and those that came with it. */
function chainOf(peer: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = peer;
  while (next?.raw !== undefined && chain.length < maxChain) {
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}

function isIssuedBy(
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  nowMs: number,
): boolean {
  const isInTime = ({ validFromDate, validToDate }: X509Certificate): boolean =>
    nowMs >= validFromDate.getTime() && nowMs <= validToDate.getTime();
  for (const [index, certificate] of chain.entries()) {
    if (!isInTime(certificate) || (index > 0 && !certificate.ca)) return false;
    if (authorities.some((authority) => isInTime(authority) && hasSigned(authority, certificate))) {
      return true;
    }
    const issuer = chain[index + 1];
    if (issuer === undefined || !hasSigned(issuer, certificate)) return false;
  }
  return false;
}

const hasSigned = (issuer: X509Certificate, certificate: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
