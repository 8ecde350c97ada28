import {
  backoffMs,
  type Clock,
  type Counter,
  describeError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import { type KubernetesObject, objectKey, resources } from '#kubernetes/client';
import {
  type Cluster,
  type ClusterObjects,
  type SharedInformer,
  timeMsOf,
} from '#kubernetes/cluster';
import { SectionBuilder } from '#logs/batch';
import type { LogStore } from '#logs/store';
import type { StateStore } from '#state';
import { hasManager, managerOf } from './changed-by.ts';
import { compareFacts, createdDraft, type Draft, deletedDraft } from './compare.ts';
import { createdMs, type Facts, factsOf, kindOf, type TrackedName, trackedNames } from './facts.ts';
import { FactsMemory } from './memory.ts';
import { podDrafts } from './pods.ts';
import { Quieter } from './quiet.ts';
import { type ChangedBy, type ChangeRecord, changesLogGroup, parseChangeRecord } from './record.ts';

export interface ChangeRecorderOptions {
  readonly clusterName: string;
  /** From a change to its record. */
  readonly flushEveryMs?: number;
}

export interface ChangeRecorderDeps {
  readonly cluster: Cluster;
  readonly store: LogStore;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** What is older has been told, or is told no more: a pod tells its last restart for ever. */
const lookBackMs = 24 * 60 * 60_000;
const lookAheadMs = 60 * 60_000;
/** Ids that are kept to tell nothing twice. */
const maxIds = 50_000;
/** Changes that wait for the log store; beyond it they are dropped and counted. */
const maxPending = 20_000;
/** Of one write. */
const maxBatch = 500;
/** Objects that are asked for who wrote them, of one write. */
const maxAsked = 20;
const askTimeoutMs = 5000;
/** An autoscaler that has scaled says so within this time. */
const autoscalerMs = 120_000;
/** From its scaling to its word about it. */
const autoscalerWordMs = 1500;
/** Few questions, each of some megabytes. */
const pageEvents = 20_000;
const retry = { baseMs: 500, maxMs: 15_000 };

interface Pending {
  readonly draft: Draft;
  readonly name: TrackedName | 'pods';
  readonly object: KubernetesObject;
  readonly seenMs: number;
  readonly isLate: boolean;
  readonly times: number;
}

/**
 * Writes down what changes in a cluster. What is known of objects is saved: at a start, objects are
 * compared with what they were when Nunchi was stopped. Each change has an id which is the same
 * whenever it is seen, and is stored once.
 */
export class ChangeRecorder implements AsyncDisposable {
  readonly #options: Required<ChangeRecorderOptions>;
  readonly #deps: ChangeRecorderDeps;
  readonly #group: string;
  readonly #stored: Counter;
  readonly #dropped: Counter;
  readonly #failures: Counter;
  readonly #stopping = new AbortController();
  readonly #shares = new Map<string, SharedInformer<KubernetesObject>>();
  readonly #ids = new Set<string>();
  readonly #quieter = new Quieter<Pending>();
  #pending: Pending[] = [];
  #memory: FactsMemory | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ChangeRecorderOptions, deps: ChangeRecorderDeps) {
    this.#options = { flushEveryMs: 1000, ...options };
    this.#deps = deps;
    this.#group = changesLogGroup(options.clusterName);
    const { metrics } = deps;
    this.#stored = metrics.counter(
      'nunchi_kubernetes_changes_stored_total',
      'Changes of the cluster that were stored, by kind of change',
    );
    this.#dropped = metrics.counter(
      'nunchi_kubernetes_changes_dropped_total',
      'Changes of the cluster that were dropped as the log store did not take them',
    );
    this.#failures = metrics.counter(
      'nunchi_kubernetes_changes_failures_total',
      'Times that changes of the cluster could not be stored; they are tried again',
    );
    metrics.collected(
      'nunchi_kubernetes_changes_pending',
      'Changes that wait for the log store, or for the end of a time of quiet',
      'gauge',
      () => [{ value: this.#pending.length + this.#quieter.waiting }],
    );
    metrics.collected(
      'nunchi_kubernetes_changes_tracked',
      'Objects whose last state is known',
      'gauge',
      () => [{ value: this.#memory?.size ?? 0 }],
    );
  }

  start(): this {
    this.#running ??= this.#run().catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      this.#deps.log.error('Changes of the cluster are no longer recorded', {
        err: describeError(error),
      });
    });
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('Changes are no longer recorded', 'AbortError'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { clock, state } = this.#deps;
    await this.#untilDone(async () => {
      this.#memory = await FactsMemory.open(state, this.#options.clusterName);
      await this.#rememberIds();
    });
    if (signal.aborted || this.#memory === undefined) return;
    using parts = new DisposableStack();
    for (const name of trackedNames) this.#track(name, this.#memory, parts);
    this.#watchPods(parts);
    while (!signal.aborted) {
      await clock.sleep(this.#options.flushEveryMs, signal).catch(() => {});
      // At the end nothing waits for its time any more.
      const dueMs = signal.aborted ? Number.POSITIVE_INFINITY : clock.monotonicMs();
      await this.#untilDone(() => this.#flush(dueMs));
    }
  }

  /** Tries again until it is done, or once more at the end. */
  async #untilDone(act: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    for (let tries = 0; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (signal.aborted) return;
        this.#failures.add(1);
        if (tries === 0) {
          this.#deps.log.warn('Changes of the cluster could not be stored, trying again', {
            err: describeError(error),
          });
        }
        await this.#deps.clock.sleep(backoffMs(tries, retry), signal).catch(() => {});
      }
    }
  }

  async #rememberIds(): Promise<void> {
    const { store, clock } = this.#deps;
    if (store.group(this.#group) === undefined) return;
    const nowMs = clock.nowMs();
    let after: { readonly timestampMs: number; readonly sequence: number } | undefined;
    const ids: string[] = [];
    do {
      const page = await store.readEvents(
        {
          groups: [this.#group],
          fromMs: nowMs - lookBackMs,
          toMs: nowMs + lookAheadMs,
          direction: 'backward',
          maxEvents: pageEvents,
          ...(after === undefined ? {} : { after }),
        },
        this.#stopping.signal,
      );
      for (const { message } of page.events) {
        const record = parseChangeRecord(message);
        if (record !== undefined) ids.push(record.id);
      }
      after = page.next;
    } while (after !== undefined && ids.length < maxIds);
    // The oldest are forgotten first.
    for (const id of ids.reverse()) this.#ids.add(id);
  }

  #track(name: TrackedName, memory: FactsMemory, parts: DisposableStack): void {
    const share = parts.use<SharedInformer<KubernetesObject>>(this.#deps.cluster.use(name));
    this.#shares.set(name, share);
    let isLate = true;
    const seen = (object: KubernetesObject): void => this.#seen(name, object, memory, isLate);
    share.subscribe({
      add: seen,
      update: seen,
      delete: (object) => this.#gone(name, object, memory, isLate),
    });
    void share.synced.then(() => {
      if (this.#stopping.signal.aborted) return;
      for (const key of memory.keys(name)) {
        const [first = '', second] = key.split('/');
        const [namespace, own] = second === undefined ? [undefined, first] : [first, second];
        if (share.store.get(namespace, own) !== undefined) continue;
        const metadata = namespace === undefined ? { name: own } : { namespace, name: own };
        this.#gone(name, { metadata }, memory, true);
      }
      memory.setKnown(name);
      isLate = false;
    });
  }

  #seen(name: TrackedName, object: KubernetesObject, memory: FactsMemory, isLate: boolean): void {
    const { namespace, name: own = '' } = object.metadata ?? {};
    const key = objectKey(namespace, own);
    const read = factsOf[name] as (
      object: KubernetesObject,
    ) => ReturnType<(typeof factsOf)[TrackedName]>;
    const after = read(object);
    const before = memory.get(name, key);
    if (before === undefined || before.uid !== after.uid) {
      memory.set(name, key, after);
      // The first list of all is what there is, not what has changed.
      if (!memory.isKnown(name)) return;
      if (before !== undefined) this.#delete(name, object, before, isLate);
      const draft = createdDraft(name, object, after, createdMs(object));
      this.#add(draft, name, object, isLate);
      return;
    }
    const { drafts, facts } = compareFacts(name, object, before, after);
    memory.set(name, key, facts);
    for (const draft of drafts) this.#add(draft, name, object, isLate);
  }

  #gone(name: TrackedName, object: KubernetesObject, memory: FactsMemory, isLate: boolean): void {
    const { namespace, name: own = '' } = object.metadata ?? {};
    const key = objectKey(namespace, own);
    const facts = memory.get(name, key);
    if (facts === undefined) return;
    memory.delete(name, key);
    this.#delete(name, object, facts, isLate);
  }

  /** Under its name may be another object by now. */
  #delete(name: TrackedName, { metadata }: KubernetesObject, facts: Facts, isLate: boolean): void {
    const gone = { metadata: { ...metadata, uid: facts.uid } };
    this.#add(deletedDraft(name, gone, facts), name, gone, isLate);
  }

  #watchPods(parts: DisposableStack): void {
    const share = parts.use(this.#deps.cluster.use('pods'));
    const seen = (pod: ClusterObjects['pods'], previous?: ClusterObjects['pods']): void => {
      for (const draft of podDrafts(pod, previous)) this.#add(draft, 'pods', pod, false);
    };
    share.subscribe({ add: (pod) => seen(pod), update: seen });
    // Whom objects belong to is known of those that are mirrored.
    parts.use(this.#deps.cluster.use('replicasets'));
    parts.use(this.#deps.cluster.use('jobs'));
  }

  #add(
    draft: Draft | undefined,
    name: Pending['name'],
    object: KubernetesObject,
    isLate: boolean,
  ): void {
    const seenMs = this.#deps.clock.nowMs();
    if (draft === undefined || this.#ids.has(draft.id)) return;
    if (seenMs - (draft.atMs ?? seenMs) > lookBackMs) return;
    this.#remember(draft.id);
    const pending: Pending = { draft, name, object, seenMs, isLate, times: 1 };
    const isWrite = draft.change === 'config' && draft.before !== undefined;
    const atMs = this.#deps.clock.monotonicMs();
    if (isWrite && !this.#quieter.accept(draft.id.split(':')[1] ?? '', pending, atMs)) return;
    this.#push(pending);
  }

  #push(pending: Pending): void {
    if (this.#pending.length >= maxPending) {
      this.#dropped.add(1);
      return;
    }
    this.#pending.push(pending);
  }

  #remember(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size <= maxIds) return;
    const [oldest] = this.#ids;
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  /** @param dueMs of the monotonic clock */
  async #flush(dueMs: number): Promise<void> {
    const { store } = this.#deps;
    const memory = this.#memory;
    if (memory === undefined) return;
    for (const { draft, times } of this.#quieter.due(dueMs)) {
      this.#push({ ...draft, times });
    }
    await this.#hearAutoscalers(this.#pending);
    // What is known is saved after what it was told of, and never before.
    const batch = this.#pending.slice();
    const dirty = memory.takeDirty();
    for (let from = 0; from < batch.length; from += maxBatch) {
      const part = batch.slice(from, from + maxBatch);
      await store.append({ sections: await this.#sections(part) }).catch((error: unknown) => {
        memory.markDirty(dirty.keys());
        throw error;
      });
      this.#pending.splice(0, part.length);
      for (const { draft } of part) this.#stored.add(1, { change: draft.change });
    }
    await memory.save(dirty);
  }

  /** An autoscaler scales first and says so afterwards. */
  async #hearAutoscalers(batch: readonly Pending[]): Promise<void> {
    const { clock } = this.#deps;
    const isScaled = batch.some(
      ({ draft, name, object, isLate }) =>
        draft.change === 'scaling' &&
        !isLate &&
        name !== 'pods' &&
        !this.#autoscalersOf(name, object).next().done,
    );
    if (isScaled) await clock.sleep(autoscalerWordMs, this.#stopping.signal).catch(() => {});
  }

  async #sections(batch: readonly Pending[]): Promise<ReturnType<SectionBuilder['finish']>[]> {
    const byStream = new Map<string, SectionBuilder>();
    let asked = 0;
    for (const pending of batch) {
      const mayAsk = hasManager(pending.draft.change) && !pending.isLate && asked < maxAsked;
      if (mayAsk) asked++;
      const record = this.#record(pending, await this.#changedBy(pending, mayAsk));
      const stream = record.object.namespace ?? 'cluster';
      const section = byStream.get(stream) ?? new SectionBuilder(this.#group, stream);
      byStream.set(stream, section);
      section.add(timeOf(pending), JSON.stringify(record));
    }
    return [...byStream.values()].map((section) => section.finish());
  }

  #record(pending: Pending, by: ChangedBy | undefined): ChangeRecord {
    const { draft, name, object, isLate, times } = pending;
    const { atMs, ...told } = draft;
    const { namespace, name: own = '', uid = '' } = object.metadata ?? {};
    const kind = name === 'pods' ? 'Pod' : kindOf[name];
    const reference = { kind, namespace, name: own };
    const found =
      name === 'pods'
        ? this.#deps.cluster.owners(object)
        : this.#deps.cluster.ownersByName(reference);
    const owners = found.map((one) => ({ kind: one.kind, name: one.name }));
    return {
      ...told,
      object: { ...reference, uid },
      owners,
      workload: owners.at(-1) ?? { kind, name: own },
      by,
      late: isLate && atMs === undefined ? true : undefined,
      times: times > 1 ? times : undefined,
    };
  }

  async #changedBy(
    { draft, name, object }: Pending,
    mayAsk: boolean,
  ): Promise<ChangedBy | undefined> {
    const told = mayAsk && name !== 'pods' ? await this.#manager(draft, name, object) : undefined;
    if (draft.change !== 'scaling' || name === 'pods') return told;
    // Older API servers keep no books of scaling: what an autoscaler says of itself comes first.
    for (const { metadata, status } of this.#autoscalersOf(name, object)) {
      const scaledMs = timeMsOf(status?.lastScaleTime) ?? 0;
      const isRecent = this.#deps.clock.nowMs() - scaledMs < autoscalerMs;
      const hasScaled = isRecent && status?.desiredReplicas === draft.after?.['replicas'];
      if (!hasScaled && told?.actor !== 'controller') continue;
      return { ...told, actor: 'autoscaler', name: metadata?.name };
    }
    return told;
  }

  /** The API server keeps books of who wrote which field; they are not mirrored. */
  async #manager(
    { change }: Draft,
    name: TrackedName,
    { metadata }: KubernetesObject,
  ): Promise<ChangedBy | undefined> {
    const { cluster } = this.#deps;
    try {
      const type = await cluster.discovery.find(resources[name]);
      if (type === undefined) return undefined;
      const found = await cluster.client.get<KubernetesObject>(type, metadata?.name ?? '', {
        ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }),
        metadataOnly: true,
        timeoutMs: askTimeoutMs,
        signal: this.#stopping.signal,
      });
      return managerOf(change, found.metadata?.managedFields);
    } catch {
      // It is gone, or may not be read: then nobody knows.
      return undefined;
    }
  }

  *#autoscalersOf(
    name: TrackedName,
    { metadata }: KubernetesObject,
  ): Generator<ClusterObjects['horizontalpodautoscalers']> {
    const share = this.#shares.get('horizontalpodautoscalers');
    for (const object of share?.store.values() ?? []) {
      const autoscaler = object as ClusterObjects['horizontalpodautoscalers'];
      const target = autoscaler.spec?.scaleTargetRef;
      if (autoscaler.metadata?.namespace !== metadata?.namespace) continue;
      if (target?.kind === kindOf[name] && target.name === metadata?.name) yield autoscaler;
    }
  }
}

const timeOf = ({ draft, seenMs }: Pending): number => {
  const { atMs } = draft;
  return atMs === undefined || atMs < 0 || atMs > seenMs ? seenMs : atMs;
};
