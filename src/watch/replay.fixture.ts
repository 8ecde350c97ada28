import { type Clock, ManualClock, silentLogger } from '#base';
import type { KubernetesObject, ObjectStore, ResourceName } from '#kubernetes/client';
import type { Cluster } from '#kubernetes/cluster';
import { eventually } from '../../test/eventually.ts';
import {
  answer,
  type FakeApi,
  type FakeObject,
  openApi,
  openCluster,
  paths,
  refusal,
} from '../../test/kubernetes-api.ts';
import { readKwatchConfig } from './config/kwatch.ts';
import type { Incident, IncidentChange } from './contract.ts';
import { Dependencies } from './depend/dependencies.ts';
import { IncidentEngine } from './incidents/engine.ts';
import { Observer } from './observer.ts';

const generousMs = 60_000;
export const replayStartMs: number = Date.parse('2026-03-01T10:00:00Z');

/** Names that the cluster's mirrors have for them. */
const mirrors = {
  pods: 'pods',
  nodes: 'nodes',
  services: 'services',
  configmaps: 'configmaps',
  claims: 'persistentvolumeclaims',
  deployments: 'deployments',
  replicasets: 'replicasets',
  daemonsets: 'daemonsets',
  jobs: 'jobs',
  cronjobs: 'cronjobs',
} as const;
type Mirrored = keyof typeof mirrors;
type Stores = ReadonlyMap<Mirrored, Pick<ObjectStore<KubernetesObject>, 'get'>>;

/** A course of objects over an API server in memory, and the incidents that the watch makes of it. */
export class Replay implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly told: string[] = [];
  /** What `kubectl logs` says, by the name of the pod. */
  readonly logs: Map<string, string>;
  engine: IncidentEngine;
  readonly #api: FakeApi;
  readonly #cluster: Cluster;
  readonly #parts: AsyncDisposableStack;
  readonly #stores: Stores;
  readonly #config = readKwatchConfig('config.yaml', '');
  #ids = 0;
  #step = 0;
  #observer: Observer | undefined;
  #dependencies: Dependencies | undefined;
  #running = new DisposableStack();

  private constructor(
    api: FakeApi,
    cluster: Cluster,
    parts: AsyncDisposableStack,
    logs: Map<string, string>,
  ) {
    this.#api = api;
    this.#cluster = cluster;
    this.#parts = parts;
    this.logs = logs;
    this.clock = new ManualClock(replayStartMs);
    const names = Object.keys(mirrors) as Mirrored[];
    this.#stores = new Map(
      names.map((name) => [name, parts.use(cluster.use<ResourceName>(mirrors[name])).store]),
    );
    this.engine = this.#newEngine();
  }

  static async open(): Promise<Replay> {
    await using parts = new AsyncDisposableStack();
    const api = parts.use(await openApi());
    const logs = new Map<string, string>();
    const { intercept } = api;
    api.intercept = (seen, response) => {
      const [, pod] = /\/pods\/([^/]+)\/log$/.exec(seen.path) ?? [];
      const [, namespace, resource, name] =
        /^\/api\/v1\/namespaces\/([^/]+)\/(pods|configmaps)\/([^/]+)$/.exec(seen.path) ?? [];
      if (pod !== undefined) {
        const text = logs.get(pod);
        if (text === undefined) answer(response, 404, refusal(404, 'NotFound', 'no log'));
        else answer(response, 200, text);
        return true;
      }
      if (resource === undefined) return intercept?.(seen, response) ?? false;
      const found = api
        .objects(paths[resource as 'pods' | 'configmaps'])
        .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
      if (found === undefined) answer(response, 404, refusal(404, 'NotFound', 'not there'));
      else answer(response, 200, found);
      return true;
    };
    const cluster = parts.use(openCluster(api));
    return new Replay(api, cluster, parts.move(), logs);
  }

  /** Puts an object, and waits until the watch has heard of it. */
  async put(resource: Mirrored, object: FakeObject): Promise<void> {
    const step = String(++this.#step);
    const { metadata } = object;
    const labels = { ...metadata.labels, step };
    this.#api.put(paths[resource], { ...object, metadata: { ...metadata, labels } });
    const store = this.#stores.get(resource);
    await eventually(
      () =>
        store?.get(metadata.namespace ?? '', metadata.name)?.metadata?.labels?.['step'] === step
          ? true
          : undefined,
      generousMs,
    );
    await this.#dependencies?.idle();
  }

  async remove(resource: Mirrored, name: string, namespace = 'shop'): Promise<void> {
    this.#api.remove(paths[resource], name, namespace);
    const store = this.#stores.get(resource);
    await eventually(
      () => (store?.get(namespace, name) === undefined ? true : undefined),
      generousMs,
    );
    await this.#dependencies?.idle();
  }

  /** The watch comes up: after what was put before. */
  async begin(): Promise<void> {
    const clock: Clock = this.clock;
    const dependencies = this.#running.use(
      new Dependencies({
        ...{ cluster: this.#cluster, clock, log: silentLogger },
        evidence: {},
        hear: (subject, troubles) => this.#take(this.engine.set(subject, troubles, clock.nowMs())),
      }),
    );
    const observer = this.#running.use(
      new Observer(
        this.#config,
        {
          ...{ cluster: this.#cluster, clock },
          known: this.engine.open().flatMap(({ members }) => members),
        },
        (subject, troubles) => dependencies.hear(subject, troubles),
      ),
    );
    await observer.start();
    await dependencies.ready();
    await dependencies.idle();
    dependencies.again();
    await dependencies.idle();
    dependencies.hurry();
    this.#take(this.engine.begin(clock.nowMs()));
    this.#observer = observer;
    this.#dependencies = dependencies;
  }

  /** The server goes and comes again; what it kept is what it had. */
  async restart(whileAway: () => Promise<void> = async () => {}): Promise<void> {
    const saved = this.engine.open();
    this.#running.dispose();
    this.#running = new DisposableStack();
    this.#observer = undefined;
    this.#dependencies = undefined;
    await whileAway();
    this.engine = this.#newEngine();
    this.engine.restore(saved);
    await this.begin();
  }

  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left--) {
      await this.clock.advance(1000);
      this.#observer?.tick();
      this.#dependencies?.tick();
      this.#take(this.engine.tick(this.clock.nowMs()));
    }
    await this.#dependencies?.idle();
  }

  /** `orders: orders-1, web-1`, by the owner. */
  get open(): readonly string[] {
    return this.engine.open().map(textOf).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running.dispose();
    await this.#parts.disposeAsync();
  }

  #newEngine(): IncidentEngine {
    const newId = (): string => `i${++this.#ids}`;
    return new IncidentEngine({ ...this.#config.incidents, maxOpen: 2000 }, { newId });
  }

  #take(changes: readonly IncidentChange[]): void {
    for (const change of changes) {
      if (change.kind === 'noted') continue;
      if (change.kind === 'resolved' && change.isQuiet) continue;
      const why = change.kind === 'updated' ? ` ${change.why}` : '';
      const of = 'incident' in change ? change.incident.owner.name : change.incidents.length;
      this.told.push(`${change.kind}${why} ${of}`);
    }
  }
}

const textOf = ({ owner, members, causedBy }: Incident): string => {
  const who = members.map(({ subject }) => subject.name).sort();
  const why = causedBy === undefined ? '' : ` <- ${causedBy.owner.name}`;
  return `${owner.name}: ${who.join(', ')}${why}`;
};

export interface PodPlan {
  readonly ready?: boolean;
  readonly phase?: string;
  readonly state?: object;
  readonly lastState?: object;
  readonly restarts?: number;
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly metadata?: object;
  readonly status?: object;
  /** Kind of its owner; a Deployment unless given. */
  readonly owner?: 'Deployment' | 'Job' | 'DaemonSet' | 'StatefulSet';
  readonly hash?: string;
}

export const running = (at = '2026-03-01T09:00:00Z'): object => ({ running: { startedAt: at } });
export const crashed = (at = '2026-03-01T10:00:00Z', exitCode = 1): object => ({
  terminated: { exitCode, reason: 'Error', finishedAt: at },
});

/** A pod of an app: `orders-1` of the Deployment `orders`. */
export function podOf(app: string, number: number | string, plan: PodPlan = {}): FakeObject {
  const { ready = false, owner = 'Deployment', hash = 'abc' } = plan;
  const isDeployment = owner === 'Deployment';
  const reference = isDeployment
    ? { kind: 'ReplicaSet', name: `${app}-${hash}` }
    : { kind: owner, name: app };
  const state = plan.state ?? (ready ? running() : crashed());
  return {
    metadata: {
      name: `${app}-${number}`,
      namespace: 'shop',
      uid: `${app}-${number}`,
      creationTimestamp: '2026-03-01T09:00:00Z',
      labels: { app, ...(isDeployment ? { 'pod-template-hash': hash } : {}) },
      ownerReferences: [{ ...reference, uid: `${app}-${hash}`, controller: true }],
      ...plan.metadata,
    },
    spec: {
      nodeName: plan.node ?? 'node-1',
      containers: [
        {
          name: 'main',
          image: `shop/${app}:1`,
          env: Object.entries(plan.env ?? {}).map(([name, value]) => ({ name, value })),
        },
      ],
      ...plan.spec,
    },
    status: {
      phase: plan.phase ?? 'Running',
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: '2026-03-01T10:00:00Z',
        },
      ],
      containerStatuses: [
        {
          name: 'main',
          image: `shop/${app}:1`,
          ready,
          restartCount: plan.restarts ?? 0,
          state,
          ...(plan.lastState === undefined ? {} : { lastState: plan.lastState }),
        },
      ],
      ...plan.status,
    },
  };
}

export const serviceOf = (app: string, more: object = {}): FakeObject => ({
  metadata: { name: app, namespace: 'shop' },
  spec: { selector: { app }, clusterIP: '10.96.3.4', ...more },
});
