import type { CronJob, Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Clock } from '#base';
import {
  type Cluster,
  controllerOf,
  inNamespace,
  onNode,
  ownedBy,
  type SharedInformer,
  timeMsOf,
} from '#kubernetes/cluster';
import type { WatchConfig } from './config/contract.ts';
import { type Member, type Subject, subjectKey, type Trouble } from './contract.ts';
import { findCronJobTroubles } from './detect/cron-jobs.ts';
import { findNodeTroubles } from './detect/nodes.ts';
import { findPodTroubles } from './detect/pods.ts';
import {
  autoscalerState,
  autoscalerTrouble,
  daemonSetTrouble,
  findDeploymentTroubles,
  findJobTroubles,
  isShort,
} from './detect/workloads.ts';

/** Told of all troubles that an object has; none when it is well, or gone. */
export type TroublesListener = (subject: Subject, troubles: readonly Trouble[]) => void;

export interface ObserverDeps {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** Of open incidents of an earlier run: what has lasted long enough then need not last again. */
  readonly known?: readonly Member[];
}

/** A rollout of a DaemonSet may take so long before pods that are missing are news. */
const daemonSetGraceMs = 15 * 60_000;
/** Pods of a node that was removed go by themselves within this time. */
const nodeGoneGraceMs = 60_000;

/**
 * Looks at each object when it changes, and again when time alone changes the answer. Says what is
 * wrong with it, and remembers nothing else.
 */
export class Observer implements Disposable {
  readonly #config: WatchConfig;
  readonly #deps: ObserverDeps;
  readonly #listener: TroublesListener;
  readonly #shares: SharedInformer<never>[] = [];
  readonly #ends: (() => void)[] = [];
  /** Objects to look at again, by the time at which. */
  readonly #again = new Map<string, { readonly atMs: number; readonly look: () => void }>();
  /** Since when a state lasts that must last for a while. */
  readonly #since = new Map<string, number>();
  /** Troubles of an earlier run, until the objects are looked at. */
  readonly #known = new Map<string, readonly Trouble[]>();
  /** From when on runs of a cron job count: since its object last became another one. */
  readonly #cronJobs = new Map<
    string,
    { readonly generation: number | undefined; readonly sinceMs: number | undefined }
  >();
  #pods: SharedInformer<Pod> | undefined;
  #jobs: SharedInformer<Job> | undefined;

  constructor(config: WatchConfig, deps: ObserverDeps, listener: TroublesListener) {
    this.#config = config;
    this.#deps = deps;
    this.#listener = listener;
    for (const { subject, troubles } of deps.known ?? []) {
      if (subject.kind !== 'Pod') this.#known.set(subjectKey(subject), troubles);
    }
  }

  /** Resolves when everything that may be read was looked at once. */
  async start(): Promise<void> {
    const { cluster } = this.#deps;
    const config = this.#config;
    const settled: Promise<void>[] = [];
    const watch = <P>(
      share: SharedInformer<P>,
      look: (object: P) => void,
      gone: (object: P) => void,
    ): void => {
      this.#shares.push(share as unknown as SharedInformer<never>);
      settled.push(share.settled);
      this.#ends.push(share.subscribe({ add: look, update: look, delete: gone }));
    };
    // Whose a pod is, is known of these.
    for (const name of ['replicasets', 'jobs'] as const) {
      const share = cluster.use(name);
      this.#shares.push(share as unknown as SharedInformer<never>);
      settled.push(share.settled);
    }
    await Promise.all(settled);
    const leave =
      (kind: string) => (object: { metadata?: { namespace?: string; name?: string } }) =>
        this.#forget(subjectOf(kind, object));
    // Known before their first objects are heard of: one is looked at beside the others.
    const pods = cluster.use('pods');
    const jobs = cluster.use('jobs');
    this.#pods = pods;
    this.#jobs = jobs;
    watch(pods, (pod) => this.#pod(pod), leave('Pod'));
    if (config.nodes.enabled) {
      watch(
        cluster.use('nodes'),
        (node) => this.#node(node),
        (node) => this.#nodeGone(node),
      );
    }
    if (config.rollouts.enabled) {
      watch(
        cluster.use('deployments'),
        (object) =>
          this.#tell(subjectOf('Deployment', object), findDeploymentTroubles(object, this.#now())),
        leave('Deployment'),
      );
    }
    if (config.daemonSets.enabled) {
      watch(
        cluster.use('daemonsets'),
        (object) => {
          const { generation } = object.metadata ?? {};
          // A rollout has a longer time, counted anew for each generation.
          const isRolling =
            (object.status?.updatedNumberScheduled ?? 0) <
            (object.status?.desiredNumberScheduled ?? 0);
          const afterMs = isRolling
            ? Math.max(daemonSetGraceMs, config.daemonSets.sustainedMs)
            : config.daemonSets.sustainedMs;
          this.#sustained(
            subjectOf('DaemonSet', object),
            isShort(object) ? `short ${isRolling ? generation : ''}` : undefined,
            { afterMs, trouble: (sinceMs) => daemonSetTrouble(object, sinceMs) },
          );
        },
        leave('DaemonSet'),
      );
    }
    // Whether they are looked at or not: pods that failed on the way to a success are no trouble.
    watch(jobs, (object) => this.#job(object), leave('Job'));
    if (config.cronJobs.enabled) {
      watch(cluster.use('cronjobs'), (object) => this.#cronJob(object), leave('CronJob'));
    }
    if (config.autoscalers.enabled) {
      watch(
        cluster.use('horizontalpodautoscalers'),
        (object) => {
          const state = autoscalerState(object);
          this.#sustained(subjectOf('HorizontalPodAutoscaler', object), state?.reason, {
            afterMs: config.autoscalers.sustainedMs,
            trouble: (sinceMs) =>
              autoscalerTrouble(object, state ?? { reason: '', message: '' }, sinceMs),
          });
        },
        leave('HorizontalPodAutoscaler'),
      );
    }
    await Promise.all(settled);
  }

  /** Looks at what time alone has changed. */
  tick(): void {
    const nowMs = this.#now();
    for (const [key, { atMs, look }] of this.#again) {
      if (atMs > nowMs) continue;
      this.#again.delete(key);
      look();
    }
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end();
    for (const share of this.#shares) share[Symbol.dispose]();
    this.#again.clear();
  }

  #now(): number {
    return this.#deps.clock.nowMs();
  }

  #pod(pod: Pod): void {
    const owner = this.#deps.cluster.workload(pod);
    const namespace = pod.metadata?.namespace ?? '';
    const subject = subjectOf('Pod', pod);
    const { troubles, nextMs } = findPodTroubles(
      pod,
      { kind: owner.kind, namespace, name: owner.name },
      this.#config.pods,
      this.#now(),
    );
    this.#lookAgain(subject, nextMs, () => {
      const current = this.#pods?.store.get(namespace, subject.name);
      if (current !== undefined) this.#pod(current);
    });
    this.#tell(subject, troubles.length > 0 && this.#isMadeUpFor(pod) ? [] : troubles);
  }

  /** A try of a job that has succeeded since, or of a cron job whose later run has. */
  #isMadeUpFor(pod: Pod): boolean {
    const reference = controllerOf(pod);
    if (reference?.kind !== 'Job') return false;
    const job = this.#jobs?.store.get(pod.metadata?.namespace, reference.name);
    if (job === undefined) return false;
    if (job.status?.completionTime !== undefined) return true;
    const owner = this.#deps.cluster.workload(job, 'Job');
    return owner.kind === 'CronJob' && this.#laterSuccess(job, owner.name);
  }

  #podsOf(job: Job): void {
    const { uid } = job.metadata ?? {};
    if (this.#pods === undefined || uid === undefined) return;
    for (const pod of [...ownedBy(this.#pods.store, uid)]) this.#pod(pod);
  }

  #node(node: Node): void {
    this.#tell(subjectOf('Node', node), findNodeTroubles(node, this.#now()));
  }

  /** Removed while pods ran on it: somebody has lost them. */
  #nodeGone(node: Node): void {
    const subject = subjectOf('Node', node);
    this.#forget(subject);
    const goneMs = this.#now();
    const look = (): void => {
      const pods = this.#pods;
      if (pods === undefined) return;
      const left = [...onNode(pods.store, subject.name)].filter(
        ({ metadata, status }) =>
          metadata?.deletionTimestamp === undefined &&
          (status?.phase === 'Running' || status?.phase === 'Pending'),
      );
      if (left.length === 0) {
        this.#tell(subject, []);
        return;
      }
      const message = `${left.length} pods are bound to a node that does not exist any more`;
      this.#tell(subject, [
        {
          reason: 'NodeGone',
          severity: 'critical',
          subject,
          owner: subject,
          node: subject.name,
          message,
          finding: { code: 'boundPods', parameters: [left.length] },
          sinceMs: goneMs,
        },
      ]);
      this.#lookAgain(subject, this.#now() + nodeGoneGraceMs, look);
    };
    this.#lookAgain(subject, goneMs + nodeGoneGraceMs, look);
  }

  #job(job: Job): void {
    const owner = this.#deps.cluster.workload(job, 'Job');
    const namespace = job.metadata?.namespace ?? '';
    const whose = { kind: owner.kind, namespace, name: owner.name };
    // A later run that went well makes up for one that failed.
    const isMadeUpFor = owner.kind === 'CronJob' && this.#laterSuccess(job, owner.name);
    const isQuiet = isMadeUpFor || !this.#config.jobs.enabled;
    this.#tell(subjectOf('Job', job), isQuiet ? [] : findJobTroubles(job, whose, this.#now()));
    if (job.status?.completionTime === undefined) return;
    this.#podsOf(job);
    if (owner.kind !== 'CronJob') return;
    for (const other of this.#runsOf(namespace, owner.name)) {
      if (other === job || createdMs(other) >= createdMs(job)) continue;
      this.#tell(subjectOf('Job', other), []);
      this.#podsOf(other);
    }
  }

  #laterSuccess(job: Job, cronJob: string): boolean {
    return this.#runsOf(job.metadata?.namespace ?? '', cronJob).some(
      (other) => other.status?.completionTime !== undefined && createdMs(other) > createdMs(job),
    );
  }

  #runsOf(namespace: string, cronJob: string): readonly Job[] {
    const jobs = this.#jobs;
    if (jobs === undefined) return [];
    return [...inNamespace(jobs.store, namespace)].filter(({ metadata }) =>
      metadata?.ownerReferences?.some(({ kind, name }) => kind === 'CronJob' && name === cronJob),
    );
  }

  #cronJob(cronJob: CronJob): void {
    const subject = subjectOf('CronJob', cronJob);
    const key = subjectKey(subject);
    const { generation } = cronJob.metadata ?? {};
    const known = this.#cronJobs.get(key);
    // Another schedule, or no longer suspended: it counts from now on.
    const sinceMs =
      known === undefined || known.generation === generation ? known?.sinceMs : this.#now();
    this.#cronJobs.set(key, { generation, sinceMs });
    const { troubles, nextMs } = findCronJobTroubles(cronJob, sinceMs, this.#now());
    this.#lookAgain(subject, nextMs, () => this.#cronJob(cronJob));
    this.#tell(subject, troubles);
  }

  /** @param state what lasts; another one begins anew; undefined: it is well */
  #sustained(
    subject: Subject,
    state: string | undefined,
    {
      afterMs,
      trouble,
    }: { readonly afterMs: number; readonly trouble: (sinceMs: number) => Trouble },
  ): void {
    const key = subjectKey(subject);
    const before = this.#known.get(key);
    this.#known.delete(key);
    for (const known of this.#since.keys()) {
      if (known.startsWith(`${key} `) && known !== `${key} ${state}`) this.#since.delete(known);
    }
    if (state === undefined) {
      this.#again.delete(key);
      this.#tell(subject, []);
      return;
    }
    const nowMs = this.#now();
    const known = before?.find(({ reason }) => reason === trouble(nowMs).reason);
    const sinceMs = this.#since.get(`${key} ${state}`) ?? known?.sinceMs ?? nowMs;
    this.#since.set(`${key} ${state}`, sinceMs);
    const tell = (): void => this.#tell(subject, [trouble(sinceMs)]);
    if (known !== undefined || nowMs - sinceMs >= afterMs) tell();
    else this.#lookAgain(subject, sinceMs + afterMs, tell);
  }

  #lookAgain(subject: Subject, atMs: number | undefined, look: () => void): void {
    const key = subjectKey(subject);
    if (atMs === undefined) this.#again.delete(key);
    else this.#again.set(key, { atMs, look });
  }

  #forget(subject: Subject): void {
    const key = subjectKey(subject);
    this.#again.delete(key);
    this.#cronJobs.delete(key);
    for (const known of this.#since.keys()) {
      if (known.startsWith(`${key} `)) this.#since.delete(known);
    }
    this.#tell(subject, []);
  }

  #tell(subject: Subject, troubles: readonly Trouble[]): void {
    this.#listener(subject, troubles);
  }
}

const subjectOf = (
  kind: string,
  {
    metadata,
  }: { metadata?: { namespace?: string | undefined; name?: string | undefined } | undefined },
): Subject => ({ kind, namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' });

const createdMs = ({ metadata }: Job): number => timeMsOf(metadata?.creationTimestamp) ?? 0;
