import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, describeError, type Logger } from '#base';
import { isKubernetesError, type KubernetesClient, type ResourceType } from '#kubernetes/client';
import { makeServingCertificate, type ServingCertificate } from './certificate.ts';

const dayMs = 24 * 3600 * 1000;
export const lifetimeMs: number = 90 * dayMs;
/** Long before it ends: a cluster that is turned off for weeks comes back with a valid one. */
export const renewBeforeMs: number = 30 * dayMs;
/** Who else changes the APIService (an upgrade of the chart) is undone within this time. */
const checkMs = 60_000;

export interface KeeperOptions {
  /** JSON with the private key, readable for its owner only. */
  readonly path: string;
  readonly names: readonly [string, ...string[]];
  /** `namespace/name` of the Service that APIServices must name for us to touch them. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
  readonly apiServices: readonly string[];
}

export interface KeeperDeps {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: Logger;
}

const apiServiceType: ResourceType = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  resource: 'apiservices',
  namespaced: false,
};

interface ApiService {
  readonly spec?: {
    readonly caBundle?: string;
    readonly insecureSkipTLSVerify?: boolean;
    readonly service?: { readonly namespace?: string; readonly name?: string };
  };
}

/**
 * Makes the certificate of the API's port, keeps it across restarts, renews it, and tells the API
 * server whom to trust: the `caBundle` of our APIServices.
 */
export class CertificateKeeper {
  readonly #options: KeeperOptions;
  readonly #deps: KeeperDeps;
  readonly #onChange: (certificate: ServingCertificate) => void;
  #current: ServingCertificate;
  readonly #troubles = new Set<string>();

  private constructor(
    options: KeeperOptions,
    deps: KeeperDeps,
    current: ServingCertificate,
    onChange: (certificate: ServingCertificate) => void,
  ) {
    this.#options = options;
    this.#deps = deps;
    this.#current = current;
    this.#onChange = onChange;
  }

  /** @param onChange told of each certificate that follows the first */
  static async open(
    options: KeeperOptions,
    deps: KeeperDeps,
    onChange: (certificate: ServingCertificate) => void,
  ): Promise<CertificateKeeper> {
    const nowMs = deps.clock.nowMs();
    const saved = savedAt(options, nowMs);
    const keeper = new CertificateKeeper(options, deps, saved ?? make(options, nowMs), onChange);
    if (saved === undefined) await keeper.#save();
    return keeper;
  }

  get current(): ServingCertificate {
    return this.#current;
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#renew();
      for (const name of this.#options.apiServices) await this.#register(name, signal);
      await this.#deps.clock.sleep(checkMs, signal).catch(() => {});
    }
  }

  async #renew(): Promise<void> {
    const { clock, log } = this.#deps;
    if (this.#current.notAfterMs - clock.nowMs() > renewBeforeMs) return;
    this.#current = make(this.#options, clock.nowMs());
    await this.#save();
    this.#onChange(this.#current);
    log.info('Renewed the certificate of the metrics API', {
      until: new Date(this.#current.notAfterMs).toISOString(),
    });
  }

  async #save(): Promise<void> {
    const { path, names } = this.#options;
    await mkdir(dirname(path), { recursive: true });
    const text = JSON.stringify({ names, ...this.#current });
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  async #register(name: string, signal: AbortSignal): Promise<void> {
    const { client, log } = this.#deps;
    const { service } = this.#options;
    if (service === undefined) return;
    try {
      const options = { signal, timeoutMs: 10_000 };
      const found = await client.get<ApiService>(apiServiceType, name, options);
      const own = found.spec?.service;
      if (own?.namespace !== service.namespace || own?.name !== service.name) {
        this.#tellOnce(`${name} elsewhere`, 'Another service serves this API; it is left alone', {
          apiService: name,
          service: `${own?.namespace}/${own?.name}`,
        });
        return;
      }
      const caBundle = Buffer.from(this.#current.authority).toString('base64');
      if (found.spec?.caBundle === caBundle && found.spec.insecureSkipTLSVerify !== true) return;
      const spec = { caBundle, insecureSkipTLSVerify: null };
      await client.patch(apiServiceType, name, { spec }, { ...options, kind: 'merge' });
      log.info('Told the API server whom to trust', { apiService: name });
      this.#troubles.clear();
    } catch (error) {
      if (signal.aborted || (isKubernetesError(error) && error.status === 404)) return;
      this.#tellOnce(`${name} ${describeError(error)}`, 'Cannot register the metrics API', {
        apiService: name,
        err: describeError(error),
      });
    }
  }

  #tellOnce(key: string, message: string, fields: Readonly<Record<string, string>>): void {
    if (this.#troubles.has(key)) return;
    // What changes with each try is not remembered for ever.
    if (this.#troubles.size > 16) this.#troubles.clear();
    this.#troubles.add(key);
    this.#deps.log.warn(message, fields);
  }
}

const make = ({ names }: KeeperOptions, nowMs: number): ServingCertificate =>
  makeServingCertificate(names, lifetimeMs, nowMs);

/** Undefined: there is none, or it is for other names, or it ends soon. */
function savedAt({ path, names }: KeeperOptions, nowMs: number): ServingCertificate | undefined {
  try {
    const saved = JSON.parse(readFileSync(path, 'utf8')) as ServingCertificate & {
      readonly names?: readonly string[];
    };
    const isOurs = JSON.stringify(saved.names) === JSON.stringify(names);
    return isOurs && saved.notAfterMs - nowMs > renewBeforeMs ? saved : undefined;
  } catch {
    return undefined;
  }
}
