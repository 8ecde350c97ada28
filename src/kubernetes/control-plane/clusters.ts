import { randomUUID } from 'node:crypto';
import { AppError, isAppError } from '#base';
import type { Collection, Saved } from '#state';
import type {
  ControlPlaneCluster,
  ControlPlaneDeps,
  ControlPlaneSwitches,
  LoggingChange,
  LoggingUpdate,
} from './contract.ts';
import {
  type ControlPlaneLogType,
  clusterNamePattern,
  controlPlaneGroup,
  controlPlaneLogTypes,
} from './names.ts';
import { Watchers } from './watchers.ts';

/** Agents may name clusters; not without end. */
const maxClusters = 100;
/** EKS keeps a history too; older updates are forgotten. */
const maxUpdates = 100;
export const maxTags = 50;
const maxTries = 5;

type SavedCluster = Omit<ControlPlaneCluster, 'name' | 'createdMs'>;
type SavedUpdate = Omit<LoggingUpdate, 'status' | 'createdMs'> & {
  readonly revision: number;
  readonly token: string | undefined;
};

const nothing: SavedCluster = { enabled: [], switchedMs: {}, revision: 0, tags: {} };

/**
 * Which logs of which control plane are wanted: the switches of EKS, kept in the state store. Errors:
 * CLUSTER_NOT_FOUND, LOGGING_UNCHANGED, LOGGING_UPDATE_RUNNING, LOGGING_UPDATE_NOT_FOUND, TAGS_INVALID.
 */
export class ControlPlaneClusters {
  readonly #deps: ControlPlaneDeps;
  readonly #clusters: Collection<SavedCluster>;
  readonly #updates: Collection<SavedUpdate>;
  readonly #watchers: Watchers;

  private constructor(deps: ControlPlaneDeps) {
    this.#deps = deps;
    this.#clusters = deps.state.collection('control-plane-clusters');
    this.#updates = deps.state.collection('control-plane-updates');
    this.#watchers = new Watchers(deps.clock);
  }

  /** @param names clusters that are there from the start */
  static async open(
    names: readonly string[],
    deps: ControlPlaneDeps,
  ): Promise<ControlPlaneClusters> {
    const clusters = new ControlPlaneClusters(deps);
    for (const name of names) await clusters.#ensure(name);
    deps.metrics.collected(
      'nunchi_control_plane_agents',
      'Agents that read logs of a control plane, by cluster',
      'gauge',
      () => clusters.#watchers.counts().map(([cluster, value]) => ({ labels: { cluster }, value })),
    );
    return clusters;
  }

  /** In ASCII order of names. */
  async list(): Promise<readonly ControlPlaneCluster[]> {
    return (await this.#clusters.list()).map(clusterOf);
  }

  /** @throws {AppError} CLUSTER_NOT_FOUND */
  async get(name: string): Promise<ControlPlaneCluster> {
    return clusterOf(await this.#saved(name));
  }

  /** A cluster of which nobody has heard is taken in. @throws {AppError} CLUSTERS_FULL */
  async isOn(name: string, type: ControlPlaneLogType): Promise<boolean> {
    return (await this.#ensure(name)).value.enabled.includes(type);
  }

  /** True while agents still have to take over the last change. */
  async isUpdating(name: string): Promise<boolean> {
    const [last] = await this.updates(name);
    return last?.status === 'in-progress';
  }

  /**
   * Switches types; what is not named stays as it is.
   * @param request for the update's history, JSON
   * @param token of the caller: the same one again gives the same update again
   */
  async update(
    name: string,
    changes: readonly LoggingChange[],
    { request, token }: { readonly request: string; readonly token?: string | undefined },
  ): Promise<LoggingUpdate> {
    const cluster = await this.#saved(name);
    const updates = await this.#updatesOf(name);
    const same =
      token === undefined ? undefined : updates.find(({ value }) => value.token === token);
    if (same !== undefined) return this.#updateOf(same);
    const last = updates.at(0);
    if (last !== undefined && this.#updateOf(last).status === 'in-progress') {
      throw new AppError(
        'LOGGING_UPDATE_RUNNING',
        `Cluster ${name} currently has update ${last.value.id} in progress`,
      );
    }
    const { enabled } = cluster.value;
    const wanted = new Set(enabled);
    for (const { types, isEnabled } of changes) {
      for (const type of types) isEnabled ? wanted.add(type) : wanted.delete(type);
    }
    const changed = controlPlaneLogTypes.filter(
      (type) => wanted.has(type) !== enabled.includes(type),
    );
    if (changed.length === 0) {
      throw new AppError('LOGGING_UNCHANGED', 'No changes needed for the logging config provided');
    }
    const group = controlPlaneGroup(name);
    if (wanted.size > 0 && this.#deps.store.group(group) === undefined) {
      await this.#createGroup(group);
    }
    const nowMs = this.#deps.clock.nowMs();
    const revision = cluster.value.revision + 1;
    await this.#clusters.put(
      name,
      {
        ...cluster.value,
        enabled: controlPlaneLogTypes.filter((type) => wanted.has(type)),
        switchedMs: {
          ...cluster.value.switchedMs,
          ...Object.fromEntries(changed.map((type) => [type, nowMs])),
        },
        revision,
      },
      { ifVersion: cluster.version },
    );
    const id = randomUUID();
    const saved = await this.#updates.put(`${name}/${id}`, {
      id,
      cluster: name,
      request,
      revision,
      token,
    });
    for (const old of updates.slice(maxUpdates - 1)) await this.#updates.delete(old.id);
    this.#watchers.notify(name);
    return { ...this.#updateOf(saved), status: 'in-progress' };
  }

  /** Newest first. @throws {AppError} CLUSTER_NOT_FOUND */
  async updates(name: string): Promise<readonly LoggingUpdate[]> {
    await this.#saved(name);
    return (await this.#updatesOf(name)).map((saved) => this.#updateOf(saved));
  }

  /** @throws {AppError} CLUSTER_NOT_FOUND, LOGGING_UPDATE_NOT_FOUND */
  async findUpdate(name: string, id: string): Promise<LoggingUpdate> {
    await this.#saved(name);
    const saved = await this.#updates.get(`${name}/${id}`);
    if (saved !== undefined) return this.#updateOf(saved);
    throw new AppError('LOGGING_UPDATE_NOT_FOUND', `No update found for ID: ${id}`);
  }

  /** @throws {AppError} CLUSTER_NOT_FOUND, TAGS_INVALID */
  async changeTags(
    name: string,
    change: (tags: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      const saved = await this.#saved(name);
      const tags = change(saved.value.tags);
      if (Object.keys(tags).length > maxTags) {
        throw new AppError('TAGS_INVALID', `A cluster has at most ${maxTags} tags`);
      }
      try {
        await this.#clusters.put(name, { ...saved.value, tags }, { ifVersion: saved.version });
        return;
      } catch (error) {
        if (!isAppError(error, 'STATE_CONFLICT') || tries === maxTries) throw error;
      }
    }
  }

  /**
   * What an agent asks: resolves when the switches are others than `revision`, or after `waitMs`. The
   * revision that an agent names is the one it works by, which is how an update learns that it has
   * arrived. A cluster of which nobody has heard is taken in.
   */
  async watch(
    question: {
      readonly cluster: string;
      readonly agent: string;
      readonly revision: number;
      readonly waitMs: number;
    },
    signal: AbortSignal,
  ): Promise<ControlPlaneSwitches> {
    const { cluster, agent, revision, waitMs } = question;
    const startMs = this.#deps.clock.monotonicMs();
    const early = new AbortController();
    // Before the switches are read: what changes just then must not be missed.
    const either = AbortSignal.any([signal, early.signal]);
    const changed = this.#watchers.wait(cluster, waitMs, either);
    try {
      let saved = await this.#ensure(cluster);
      this.#watchers.seen(cluster, agent, revision);
      if (saved.value.revision === revision) {
        await changed;
        saved = await this.#ensure(cluster);
      }
      return this.#switchesOf(saved, this.#deps.clock.monotonicMs() - startMs);
    } finally {
      early.abort();
    }
  }

  #switchesOf({ id, value }: Saved<SavedCluster>, waitedMs: number): ControlPlaneSwitches {
    const nowMs = this.#deps.clock.nowMs();
    const entries = controlPlaneLogTypes.map((type) => {
      const switchedMs = value.switchedMs[type];
      const ageMs = switchedMs === undefined ? null : Math.max(0, nowMs - switchedMs);
      return [type, { isOn: value.enabled.includes(type), ageMs }] as const;
    });
    return {
      group: controlPlaneGroup(id),
      revision: value.revision,
      waitedMs,
      types: Object.fromEntries(entries) as ControlPlaneSwitches['types'],
    };
  }

  async #saved(name: string): Promise<Saved<SavedCluster>> {
    const saved = await this.#clusters.get(name);
    if (saved !== undefined) return saved;
    throw new AppError('CLUSTER_NOT_FOUND', `No cluster found for name: ${name}.`);
  }

  async #ensure(name: string): Promise<Saved<SavedCluster>> {
    const saved = await this.#clusters.get(name);
    if (saved !== undefined) return saved;
    if (!clusterNamePattern.test(name)) {
      throw new AppError('INVALID_CLUSTER_NAME', `"${name}" cannot be the name of a cluster`, {
        hint: 'Letters, digits, dots, - and _, at most 100, beginning with a letter or digit',
      });
    }
    if ((await this.#clusters.list({ limit: maxClusters })).length >= maxClusters) {
      throw new AppError('CLUSTERS_FULL', `There are ${maxClusters} clusters already`);
    }
    try {
      return await this.#clusters.put(name, nothing, { ifVersion: 0 });
    } catch (error) {
      const now = await this.#clusters.get(name);
      if (isAppError(error, 'STATE_CONFLICT') && now !== undefined) return now;
      throw error;
    }
  }

  /** Newest first. */
  async #updatesOf(name: string): Promise<readonly Saved<SavedUpdate>[]> {
    const all = await this.#updates.list({ prefix: `${name}/` });
    return all.toSorted((a, b) => b.value.revision - a.value.revision);
  }

  #updateOf({ value, createdMs }: Saved<SavedUpdate>): LoggingUpdate {
    const { id, cluster, request, revision } = value;
    const isDone = this.#watchers.haveTaken(cluster, revision, createdMs);
    return { id, cluster, request, createdMs, status: isDone ? 'successful' : 'in-progress' };
  }

  async #createGroup(group: string): Promise<void> {
    try {
      await this.#deps.store.createGroup(group);
    } catch (error) {
      if (!isAppError(error, 'LOG_GROUP_EXISTS')) throw error;
    }
  }
}

const clusterOf = ({ id, createdMs, value }: Saved<SavedCluster>): ControlPlaneCluster => ({
  name: id,
  createdMs,
  ...value,
});
