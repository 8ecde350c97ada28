import { type Clock, describeError, type Logger } from '#base';
import type { KubeApi } from './api.ts';
import { asMap, asTexts } from './pod.ts';

export interface ServiceAssociation {
  readonly service: string | undefined;
  readonly environment: string | undefined;
  readonly nameSource: string | undefined;
}

const refreshMs = 60_000;

/** Which service a pod belongs to, as the CloudWatch agent tells it; fetched in the background. */
export class PodAssociations {
  readonly #api: KubeApi;
  readonly #url: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #known: ReadonlyMap<string, ServiceAssociation> = new Map();
  #nextMs = Number.NEGATIVE_INFINITY;
  #loading = false;

  constructor(api: KubeApi, url: string, clock: Clock, log: Logger) {
    this.#api = api;
    this.#url = url;
    this.#clock = clock;
    this.#log = log;
  }

  of(pod: string): ServiceAssociation | undefined {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#nextMs && !this.#loading) {
      this.#nextMs = nowMs + refreshMs;
      this.#loading = true;
      void this.#load().finally(() => {
        this.#loading = false;
      });
    }
    return this.#known.get(pod);
  }

  async #load(): Promise<void> {
    try {
      const known = new Map<string, ServiceAssociation>();
      for (const [pod, value] of Object.entries(asMap(await this.#api.get(this.#url)))) {
        const fields = asTexts(value);
        known.set(pod, {
          service: fields['ServiceName'] ?? fields['serviceName'],
          environment: fields['Environment'] ?? fields['environment'],
          nameSource: fields['ServiceNameSource'] ?? fields['serviceNameSource'],
        });
      }
      this.#known = known;
    } catch (error) {
      this.#log.debug('Pod associations cannot be read', {
        url: this.#url,
        reason: describeError(error),
      });
    }
  }
}
