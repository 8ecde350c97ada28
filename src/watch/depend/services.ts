import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectStore } from '#kubernetes/client';
import { inNamespace, matchesSelector } from '#kubernetes/cluster';
import { type Subject, subjectKey } from '../contract.ts';

/** A Service without a pod that is ready, because of a workload that is in trouble. */
export interface DownService {
  readonly service: Subject;
  /** Virtual addresses of it. */
  readonly addresses: readonly string[];
  readonly workload: Subject;
  /** It resolves the names of the cluster. */
  readonly isDns: boolean;
}

/** A workload with troubles: the labels of one of its pods, or of the workload itself. */
export interface Troubled {
  readonly owner: Subject;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Objects of it that are in trouble. */
  readonly subjects: { readonly size: number };
}

export interface ServiceStores {
  readonly services: ObjectStore<Service>;
  readonly pods: ObjectStore<Pod>;
  readonly deployments: ObjectStore<Deployment>;
}

interface Looked {
  readonly atMs: number;
  readonly count: number;
  readonly isReady: boolean;
}

interface Chosen {
  readonly atMs: number;
  readonly labels: Troubled['labels'];
  readonly services: readonly Service[];
}

/** Which Services choose the pods of a workload is looked up again after so long, ms. */
const chosenKeptMs = 5000;
/** A look over the pods of a namespace holds for so long, ms. */
const keptMs = 1000;
/** Workloads in trouble that are looked at; in a greater outage a node or the cluster is the cause. */
const maxWorkloads = 500;
const maxDown = 200;

/** Which Services nobody answers for, by the mirrors of Services and pods. */
export class ServiceStates {
  readonly #stores: ServiceStores;
  readonly #ready = new Map<string, Looked>();
  /** Services that choose the pods of a workload. */
  readonly #behind = new Map<string, Chosen>();

  constructor(stores: ServiceStores) {
    this.#stores = stores;
  }

  has(namespace: string, name: string): boolean {
    return this.#stores.services.get(namespace, name) !== undefined;
  }

  down(troubled: Iterable<Troubled>, nowMs: number): readonly DownService[] {
    const found = new Map<string, DownService>();
    let looked = 0;
    for (const { owner, labels, subjects } of troubled) {
      if (++looked > maxWorkloads || found.size >= maxDown) break;
      for (const service of this.#servicesOf(owner, labels, nowMs)) {
        const subject = subjectOf(service);
        const key = subjectKey(subject);
        if (found.has(key) || this.#hasReady(key, service, { nowMs, count: subjects.size }))
          continue;
        const { clusterIP, clusterIPs } = service.spec ?? {};
        const addresses = [...new Set([...(clusterIPs ?? []), clusterIP ?? ''])].filter(
          (address) => address !== '' && address !== 'None',
        );
        found.set(key, { service: subject, addresses, workload: owner, isDns: isDns(service) });
      }
    }
    return [...found.values()];
  }

  #servicesOf(owner: Subject, labels: Troubled['labels'], nowMs: number): readonly Service[] {
    const key = subjectKey(owner);
    const known = this.#behind.get(key);
    const isFresh = known !== undefined && Math.abs(nowMs - known.atMs) < chosenKeptMs;
    if (isFresh && known.labels === labels) return known.services;
    if (this.#behind.size > maxWorkloads) this.#behind.clear();
    const services = [...this.#choosing(owner, labels)];
    this.#behind.set(key, { atMs: nowMs, labels, services });
    return services;
  }

  *#choosing({ kind, namespace, name }: Subject, labels: Troubled['labels']): Iterable<Service> {
    const { services, deployments } = this.#stores;
    const template =
      kind === 'Deployment'
        ? deployments.get(namespace, name)?.spec?.template.metadata?.labels
        : undefined;
    const has = template ?? labels;
    if (has === undefined || namespace === '') return;
    for (const service of inNamespace(services, namespace)) {
      const { selector, type } = service.spec ?? {};
      // Without a selector somebody else writes the endpoints.
      if (selector === undefined || Object.keys(selector).length === 0) continue;
      if (type !== 'ExternalName' && matchesSelector({ matchLabels: selector }, has)) yield service;
    }
  }

  /** @param count of pods in trouble: with another one the answer may be another */
  #hasReady(
    key: string,
    service: Service,
    { nowMs, count }: { readonly nowMs: number; readonly count: number },
  ): boolean {
    const known = this.#ready.get(key);
    const isFresh = known !== undefined && Math.abs(nowMs - known.atMs) < keptMs;
    if (isFresh && known.count === count) return known.isReady;
    if (this.#ready.size > maxDown) this.#ready.clear();
    const selector = { matchLabels: service.spec?.selector ?? {} };
    let isReady = false;
    for (const pod of inNamespace(this.#stores.pods, service.metadata?.namespace ?? '')) {
      if (!isPodReady(pod) || !matchesSelector(selector, pod.metadata?.labels)) continue;
      isReady = true;
      break;
    }
    this.#ready.set(key, { atMs: nowMs, count, isReady });
    return isReady;
  }
}

const isPodReady = ({ metadata, status }: Pod): boolean =>
  metadata?.deletionTimestamp === undefined &&
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

const subjectOf = ({ metadata }: Service): Subject => ({
  kind: 'Service',
  namespace: metadata?.namespace ?? '',
  name: metadata?.name ?? '',
});

const isDns = ({ metadata }: Service): boolean =>
  metadata?.namespace === 'kube-system' &&
  (metadata.labels?.['k8s-app'] === 'kube-dns' ||
    metadata.name === 'kube-dns' ||
    metadata.name === 'coredns');
