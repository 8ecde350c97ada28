import { type Clock, describeError, type Logger } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import { readVolumeUsage, type VolumeUsage } from '#kubernetes/usage';
import type { Queryable } from '#metrics/model';
import type { Member, Trouble } from '../contract.ts';
import { type VolumeRules, volumeTrouble } from '../detect/volumes.ts';
import type { TroublesListener } from '../observer.ts';
import { readVolumeSummaries } from './volume-summaries.ts';

export interface VolumeLookDeps {
  readonly metricStore: Queryable;
  readonly clock: Clock;
  readonly log: Logger;
  readonly cluster: Cluster;
  readonly hear: TroublesListener;
}

/** Looks at how full volumes are, as the kubelets' newest series have it. */
export class VolumeLook {
  readonly #rules: VolumeRules;
  readonly #deps: VolumeLookDeps;
  #isDeaf = false;
  /** What is wrong with those that are too full. */
  #high = new Map<string, Trouble>();

  /** @param known of claims that were too full when the program ended: so they are until they are measured */
  constructor(rules: VolumeRules, known: readonly Trouble[], deps: VolumeLookDeps) {
    this.#rules = rules;
    this.#deps = deps;
    for (const trouble of known) {
      this.#high.set(keyOf(trouble), trouble);
      deps.hear(trouble.subject, [trouble]);
    }
  }

  async look(signal: AbortSignal): Promise<void> {
    const { metricStore, clock, cluster, hear } = this.#deps;
    const scraped = await readVolumeUsage(metricStore, clock, signal);
    const usage = scraped.size > 0 ? scraped : await this.#ask(signal);
    using claims = cluster.use('persistentvolumeclaims');
    using pods = cluster.use('pods');
    await Promise.all([claims.settled, pods.settled]);
    const users = new Map<string, { readonly name: string; readonly node: string | undefined }>();
    for (const { metadata, spec } of pods.store.values()) {
      for (const { persistentVolumeClaim } of spec?.volumes ?? []) {
        if (persistentVolumeClaim === undefined) continue;
        const key = `${metadata?.namespace ?? ''}/${persistentVolumeClaim.claimName}`;
        users.set(key, { name: metadata?.name ?? '', node: spec?.nodeName });
      }
    }
    const nowMs = clock.nowMs();
    const high = new Map<string, Trouble>();
    for (const [key, { usedBytes, capacityBytes }] of usage) {
      if (usedBytes === undefined || capacityBytes === undefined) continue;
      const [namespace = '', claim = ''] = key.split('/');
      const user = users.get(key);
      const trouble = volumeTrouble(
        {
          namespace,
          claim,
          volume: claims.store.get(namespace, claim)?.spec?.volumeName ?? '',
          pod: user?.name ?? '',
          node: user?.node,
          usedBytes,
          capacityBytes,
        },
        this.#rules,
        this.#high.has(key),
        nowMs,
      );
      const subject = { kind: 'PersistentVolumeClaim', namespace, name: claim };
      if (trouble !== undefined) high.set(key, trouble);
      hear(subject, trouble === undefined ? [] : [trouble]);
    }
    for (const [key, trouble] of this.#high) {
      const { subject } = trouble;
      if (high.has(key) || usage.has(key)) continue;
      // Not measured: unmounted or gone, or its kubelet is silent, which makes no room in it.
      const claim = claims.store.get(subject.namespace, subject.name);
      if (claim !== undefined && users.has(key)) {
        high.set(key, trouble);
        hear(subject, [trouble]);
      } else hear(subject, []);
    }
    this.#high = high;
  }

  /** Kubelets that do not answer are told once, and again when some did meanwhile. */
  async #ask(signal: AbortSignal): Promise<Map<string, VolumeUsage>> {
    const { cluster, log } = this.#deps;
    const { usage, errors } = await readVolumeSummaries(cluster, signal);
    const [first] = errors;
    if (first !== undefined && !this.#isDeaf) {
      log.warn('How full volumes are is not known: no series of kubelets, and they do not answer', {
        kubelets: errors.length,
        reason: describeError(first),
        hint: 'Let agents scrape the kubelets, or allow get of nodes/proxy',
      });
    }
    this.#isDeaf = first !== undefined;
    return usage;
  }
}

const keyOf = ({ subject: { namespace, name } }: Trouble): string => `${namespace}/${name}`;

/** Troubles of objects of a kind among the members of incidents. */
export const troublesOf = (kind: string, members: readonly Member[]): readonly Trouble[] =>
  members.filter(({ subject }) => subject.kind === kind).flatMap(({ troubles }) => troubles);
