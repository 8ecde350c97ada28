import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts';
import { type Clock, describeError, type Logger, Slots } from '#base';
import type { Cluster, SharedInformer } from '#kubernetes/cluster';
import { type Need, type Subject, subjectKey, type Trouble } from '../contract.ts';
import { type EvidenceDeps, gatherEvidence } from '../evidence.ts';
import { claimShares, eventShares } from './claims.ts';
import { findNeed, type Lead, leadsOf } from './needs.ts';
import { isPlausible } from './plausible.ts';
import { type ConfigData, configMapsOf, type HostReference, referencesOf } from './references.ts';
import { type DownService, ServiceStates, type Troubled } from './services.ts';

export interface DependenciesDeps {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Logger;
  readonly evidence: Pick<EvidenceDeps, 'storedLines'>;
  /** Told of troubles with what they need. */
  readonly hear: (subject: Subject, troubles: readonly Trouble[]) => void;
}

/** Troubles wait so long to hear what they need, ms; then they are told without. */
const patienceMs = 3000;
/** What a workload names, and what its last lines said, is asked for again after so long, ms. */
const referencesKeptMs = 5 * 60_000;
const leadsKeptMs = 60_000;
const maxKept = 500;
/** Objects whose troubles are looked at again when another Service is down. */
const maxWaiting = 2000;
/** Looks at once; troubles beyond what may wait for one are told at once. */
const maxLooks = 4;
const maxQueued = 100;
const maxLogLines = 50;
const maxPodBytes = 2 * 1024 * 1024;
const maxConfigMapBytes = 1024 * 1024;

interface Waiting {
  readonly subject: Subject;
  readonly troubles: readonly Trouble[];
}

interface Look {
  /** Objects whose troubles wait for it. */
  readonly subjects: Set<string>;
  isLate: boolean;
  readonly done: Promise<void>;
}

interface Kept<T> {
  readonly atMs: number;
  readonly value: T;
}

/**
 * Finds out what a workload in trouble needs and does not have: a Service that it names and that has
 * no ready pod, a claim that is not bound, a ConfigMap or Secret that its events name. The API server
 * is asked only while something is down, and of a workload once in a while.
 */
export class Dependencies implements Disposable {
  readonly #deps: DependenciesDeps;
  readonly #parts = new DisposableStack();
  readonly #settled: Promise<unknown>;
  readonly #states: ServiceStates;
  readonly #claims: SharedInformer<PersistentVolumeClaim>;
  readonly #troubled = new Map<string, Troubled & { readonly subjects: Set<string> }>();
  readonly #ownerOf = new Map<string, string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #references = new Map<string, Kept<readonly HostReference[]>>();
  readonly #leads = new Map<string, Kept<readonly Lead[]>>();
  readonly #looks = new Map<string, Look>();
  readonly #slots = new Slots(maxLooks);
  readonly #closing = new AbortController();
  #lastDown = '';

  constructor(deps: DependenciesDeps) {
    this.#deps = deps;
    const { cluster } = deps;
    const services = this.#parts.use(cluster.use('services'));
    const pods = this.#parts.use(cluster.use('pods'));
    const deployments = this.#parts.use(cluster.use('deployments'));
    this.#claims = this.#parts.use(cluster.use('persistentvolumeclaims'));
    const all = [services, pods, deployments, this.#claims];
    this.#settled = Promise.all(all.map(({ settled }) => settled));
    this.#states = new ServiceStates({
      services: services.store,
      pods: pods.store,
      deployments: deployments.store,
    });
  }

  /** Resolves when what is mirrored for it was listed, or cannot be. */
  async ready(): Promise<void> {
    await this.#settled;
  }

  /** What an object has now: passed on at once, or when it is known what it needs. */
  hear(subject: Subject, troubles: readonly Trouble[]): void {
    const key = subjectKey(subject);
    this.#note(key, troubles);
    this.#waiting.delete(key);
    const isWaiting = troubles.some(isPlausible) && this.#waiting.size < maxWaiting;
    if (isWaiting) this.#waiting.set(key, { subject, troubles });
    else this.#endWait(key);
    if (!isWaiting || !this.#look(key, troubles)) this.#pass(subject, troubles);
  }

  /** Another Service is down, or one no longer: what is in trouble may be so for want of it. */
  tick(): void {
    if (this.#waiting.size === 0) return;
    const down = this.#down()
      .map(({ service, workload }) => `${subjectKey(service)} ${subjectKey(workload)}`)
      .sort()
      .join('\n');
    if (down === this.#lastDown) return;
    this.#lastDown = down;
    this.again();
  }

  /** Looks again at all that may be a consequence of something. */
  again(): void {
    for (const { subject, troubles } of [...this.#waiting.values()]) this.hear(subject, troubles);
  }

  /** Resolves when the looks of this moment have ended. */
  async idle(): Promise<void> {
    await Promise.all([...this.#looks.values()].map(({ done }) => done));
  }

  /** Nobody waits any longer: what is not known yet follows. */
  hurry(): void {
    for (const look of this.#looks.values()) if (!look.isLate) this.#passAll(look);
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#parts.dispose();
  }

  #note(key: string, troubles: readonly Trouble[]): void {
    const before = this.#ownerOf.get(key);
    const owner = troubles[0]?.owner;
    const now = owner === undefined ? undefined : subjectKey(owner);
    if (before !== undefined && before !== now) {
      const known = this.#troubled.get(before);
      known?.subjects.delete(key);
      if (known?.subjects.size === 0) this.#troubled.delete(before);
      this.#ownerOf.delete(key);
    }
    if (owner === undefined || now === undefined) return;
    const known = this.#troubled.get(now);
    const labels = troubles.find(({ subject }) => subject.kind === 'Pod')?.labels ?? known?.labels;
    const subjects = known?.subjects ?? new Set();
    subjects.add(key);
    this.#ownerOf.set(key, now);
    this.#troubled.set(now, { owner, labels, subjects });
  }

  #down(): readonly DownService[] {
    return this.#states.down(this.#troubled.values(), this.#deps.clock.nowMs());
  }

  /** @returns whether the troubles wait for a look */
  #look(key: string, troubles: readonly Trouble[]): boolean {
    const trouble = troubles.find(isPlausible);
    if (trouble === undefined) return false;
    const owner = subjectKey(trouble.owner);
    const look = this.#looks.get(owner);
    if (look !== undefined) {
      if (!look.isLate) look.subjects.add(key);
      return !look.isLate;
    }
    const down = this.#otherDown(trouble);
    if (trouble.subject.kind !== 'Pod' || this.#slots.waiting >= maxQueued) return false;
    const isAsked = down.length > 0 || trouble.reason === 'PodPending';
    if (!isAsked || this.#isKnown(trouble) || this.#need(trouble, down) !== undefined) return false;
    this.#begin(owner, key, trouble);
    return true;
  }

  #isKnown(trouble: Trouble): boolean {
    const references = this.#fresh(this.#references, templateKey(trouble), referencesKeptMs);
    const leads = this.#fresh(this.#leads, subjectKey(trouble.owner), leadsKeptMs);
    return references !== undefined && leads !== undefined;
  }

  #begin(owner: string, key: string, trouble: Trouble): void {
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const look: Look = { subjects: new Set([key]), isLate: false, done };
    this.#looks.set(owner, look);
    const found = new AbortController();
    void this.#deps.clock.sleep(patienceMs, found.signal).then(
      () => this.#passAll(look),
      () => {},
    );
    const end = (): void => {
      found.abort();
      this.#looks.delete(owner);
      this.#passAll(look);
    };
    void this.#findInTurn(trouble).then(end).finally(resolve);
  }

  /** At its end, and before that when it takes too long: then who was told is linked at the end. */
  #passAll(look: Look): void {
    look.isLate = true;
    if (this.#closing.signal.aborted) return;
    for (const key of look.subjects) {
      const waiting = this.#waiting.get(key);
      if (waiting !== undefined) this.#pass(waiting.subject, waiting.troubles);
    }
  }

  /** What it waited for is over, or something else now. */
  #endWait(key: string): void {
    for (const { subjects } of this.#looks.values()) subjects.delete(key);
  }

  #pass(subject: Subject, troubles: readonly Trouble[]): void {
    this.#deps.hear(
      subject,
      troubles.map((trouble) => this.#withNeeds(trouble)),
    );
  }

  #withNeeds(trouble: Trouble): Trouble {
    const shares = [
      ...claimShares(trouble, this.#claims),
      ...(this.#leads.get(subjectKey(trouble.owner))?.value ?? []).flatMap(({ shares: of = [] }) =>
        trouble.reason === 'PodPending' ? of : [],
      ),
    ];
    const needs = isPlausible(trouble) ? this.#need(trouble, this.#otherDown(trouble)) : undefined;
    return {
      ...trouble,
      ...(shares.length === 0
        ? {}
        : { shares: [...new Set([...(trouble.shares ?? []), ...shares])] }),
      ...(needs === undefined ? {} : { needs }),
    };
  }

  #otherDown({ owner }: Trouble): readonly DownService[] {
    const own = subjectKey(owner);
    return this.#down().filter(({ workload }) => subjectKey(workload) !== own);
  }

  #need(trouble: Trouble, down: readonly DownService[]): Need | undefined {
    if (down.length === 0) return undefined;
    const { lines, owner } = trouble;
    const has = (namespace: string, name: string): boolean => this.#states.has(namespace, name);
    const leads =
      lines === undefined
        ? (this.#fresh(this.#leads, subjectKey(owner), leadsKeptMs) ?? [])
        : leadsOf({ events: [], log: lines.sample });
    const references = this.#fresh(this.#references, templateKey(trouble), referencesKeptMs) ?? [];
    return findNeed({
      namespace: owner.namespace,
      down,
      references,
      leads,
      has,
      namesBack: (service) => this.#namesBack(service, owner),
    });
  }

  /** Whether the workload behind a Service needs the owner in turn: then what it says itself counts. */
  #namesBack({ workload }: DownService, owner: Subject): boolean {
    const own = subjectKey(owner);
    const mine = this.#down().filter((one) => subjectKey(one.workload) === own);
    if (mine.length === 0) return false;
    const prefix = `${subjectKey(workload)} `;
    const has = (namespace: string, name: string): boolean => this.#states.has(namespace, name);
    const { namespace } = workload;
    return [...this.#references].some(
      ([key, { value }]) =>
        key.startsWith(prefix) &&
        findNeed({ namespace, down: mine, references: value, leads: [], has }) !== undefined,
    );
  }

  async #findInTurn(trouble: Trouble): Promise<void> {
    const { signal } = this.#closing;
    try {
      using _slot = await this.#slots.take(signal);
      await this.#find(trouble);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Reads what the workload names, and where that says nothing what its last lines say. */
  async #find(trouble: Trouble): Promise<void> {
    const { clock, log, cluster, evidence } = this.#deps;
    const nowMs = clock.nowMs();
    try {
      const key = templateKey(trouble);
      if (this.#fresh(this.#references, key, referencesKeptMs) === undefined) {
        keep(this.#references, key, { atMs: nowMs, value: await this.#read(trouble) });
      }
      await this.#readBack(trouble);
      const isPending = trouble.reason === 'PodPending';
      if (!isPending && this.#need(trouble, this.#otherDown(trouble)) !== undefined) return;
      const found = await gatherEvidence(
        trouble,
        { maxLogLines, includeEvents: true, includeLogs: !isPending },
        { client: cluster.client, clock, log, ...evidence },
      );
      const shares = eventShares(found.events, trouble.subject.namespace);
      const value = [...leadsOf(found), ...(shares.length === 0 ? [] : [{ shares }])];
      keep(this.#leads, subjectKey(trouble.owner), { atMs: nowMs, value });
    } catch (error) {
      // Gone meanwhile, or not to be read: it stays by itself.
      log.debug('What a workload needs is not known', { reason: describeError(error) });
      keep(this.#references, templateKey(trouble), { atMs: nowMs, value: [] });
      keep(this.#leads, subjectKey(trouble.owner), { atMs: nowMs, value: [] });
    }
  }

  /** Of those behind the Services that it may need: whether they need it. */
  async #readBack(trouble: Trouble): Promise<void> {
    const own = subjectKey(trouble.owner);
    if (!this.#down().some(({ workload }) => subjectKey(workload) === own)) return;
    for (const { workload } of this.#otherDown(trouble).slice(0, maxLooks)) {
      const subjects = this.#troubled.get(subjectKey(workload))?.subjects ?? [];
      const pod = [...subjects].find((key) => this.#waiting.get(key)?.subject.kind === 'Pod');
      const other = pod === undefined ? undefined : this.#waiting.get(pod)?.troubles[0];
      if (other === undefined) continue;
      const key = templateKey(other);
      if (this.#fresh(this.#references, key, referencesKeptMs) !== undefined) continue;
      keep(this.#references, key, {
        atMs: this.#deps.clock.nowMs(),
        value: await this.#read(other),
      });
    }
  }

  async #read({ subject }: Trouble): Promise<readonly HostReference[]> {
    if (subject.kind !== 'Pod') return [];
    const { client } = this.#deps.cluster;
    const signal = AbortSignal.timeout(patienceMs);
    const base = `/api/v1/namespaces/${encodeURIComponent(subject.namespace)}`;
    const pod = await client.json<Pod>({
      path: `${base}/pods/${encodeURIComponent(subject.name)}`,
      maxBytes: maxPodBytes,
      signal,
    });
    const maps: ConfigData = new Map(
      await Promise.all(
        configMapsOf(pod).map(async (name): Promise<[string, Readonly<Record<string, string>>]> => {
          const path = `${base}/configmaps/${encodeURIComponent(name)}`;
          const found = await client
            .json<{ data?: Record<string, string> }>({ path, maxBytes: maxConfigMapBytes, signal })
            .catch(() => ({ data: {} }));
          return [name, found.data ?? {}];
        }),
      ),
    );
    return referencesOf(pod, maps);
  }

  #fresh<T>(kept: Map<string, Kept<T>>, key: string, forMs: number): T | undefined {
    const found = kept.get(key);
    if (found === undefined || this.#deps.clock.nowMs() - found.atMs > forMs) return undefined;
    return found.value;
  }
}

/** Pods of one template name the same. */
function templateKey({ owner, labels, uid, subject }: Trouble): string {
  const hash = labels?.['pod-template-hash'] ?? labels?.['controller-revision-hash'];
  return `${subjectKey(owner)} ${hash ?? uid ?? subject.name}`;
}

function keep<T>(kept: Map<string, Kept<T>>, key: string, value: Kept<T>): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
}
