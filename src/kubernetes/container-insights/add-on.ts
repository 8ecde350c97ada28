import { randomUUID } from 'node:crypto';
import { AppError, type Clock, isAppError } from '#base';
import type { Degradation } from '#kubernetes/cluster';
import type { Collection, Saved, StateStore } from '#state';

/** EKS keeps a history too; older updates are forgotten. */
const maxUpdates = 20;
const maxTries = 5;

/** Container Insights as EKS shows it: an add-on of the cluster. */
export interface InsightsAddOn {
  readonly id: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly tags: Readonly<Record<string, string>>;
  /** As the caller gave it; nothing here asks AWS for anything. */
  readonly serviceAccountRoleArn: string | undefined;
  readonly updates: readonly AddOnUpdate[];
  /** Why it does not see what it should; empty: all is well. */
  readonly issues: readonly AddOnIssue[];
}

export interface AddOnUpdate {
  readonly id: string;
  readonly createdMs: number;
  /** What the request had, by EKS's name. */
  readonly params: readonly { readonly type: string; readonly value: string }[];
}

export interface AddOnIssue {
  readonly code: 'ClusterUnreachable' | 'AccessDenied';
  readonly message: string;
  /** `pods`, `nodes`. */
  readonly resources: readonly string[];
}

export interface AddOnSettings {
  /** Of the caller: the same one again gives the same add-on again. */
  readonly token?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly serviceAccountRoleArn?: string | undefined;
}

type Installed = Omit<InsightsAddOn, 'issues'> & Pick<AddOnSettings, 'token'>;

interface SavedAddOn {
  /** Absent: it was deleted. */
  readonly installed?: Installed;
  /** Deleted with `preserve`: events are written as before. */
  readonly isPreserved: boolean;
}

/** Without these the events of Container Insights lack what they tell of. */
const needed: ReadonlySet<string> = new Set(['pods', 'nodes', 'namespaces', 'services']);

/**
 * The switch of Container Insights that the API of EKS has: while the add-on is there, performance log
 * events are written. It is there from the start where the configuration has Container Insights on, and
 * what was switched outlives restarts. Errors: ADD_ON_EXISTS, ADD_ON_NOT_FOUND, ADD_ON_OFF.
 */
export class ContainerInsightsAddOn {
  readonly clusterName: string;
  readonly #isEnabled: boolean;
  readonly #degraded: () => readonly Degradation[];
  readonly #clock: Clock;
  readonly #saved: Collection<SavedAddOn>;

  /**
   * @param options.isEnabled whether the configuration has Container Insights on; off, it stays off
   * @param deps.degraded what is wrong with the cluster that it is about
   */
  constructor(
    options: { readonly clusterName: string; readonly isEnabled: boolean },
    deps: {
      readonly state: Pick<StateStore, 'collection'>;
      readonly clock: Clock;
      readonly degraded: () => readonly Degradation[];
    },
  ) {
    this.clusterName = options.clusterName;
    this.#isEnabled = options.isEnabled;
    this.#degraded = deps.degraded;
    this.#clock = deps.clock;
    this.#saved = deps.state.collection('container-insights-add-on');
  }

  /** Whether events are to be written. */
  async isOn(): Promise<boolean> {
    if (!this.#isEnabled) return false;
    const { value } = await this.#record();
    return value.installed !== undefined || value.isPreserved;
  }

  /** Undefined: it is not installed. */
  async find(): Promise<InsightsAddOn | undefined> {
    if (!this.#isEnabled) return undefined;
    return this.#shown((await this.#record()).value);
  }

  /** @throws {AppError} ADD_ON_EXISTS, ADD_ON_OFF */
  async create(settings: AddOnSettings): Promise<InsightsAddOn> {
    if (!this.#isEnabled) {
      throw new AppError(
        'ADD_ON_OFF',
        'Container Insights is off in the configuration of Nunchi: kubernetes.containerInsights.enabled is false',
      );
    }
    const changed = await this.#change((value) => {
      const { installed } = value;
      if (installed === undefined) return { isPreserved: false, installed: this.#fresh(settings) };
      if (settings.token !== undefined && installed.token === settings.token) return value;
      throw new AppError('ADD_ON_EXISTS', 'Addon already exists.');
    });
    return this.#shown(changed) as InsightsAddOn;
  }

  /** @throws {AppError} ADD_ON_NOT_FOUND */
  async update(
    settings: Pick<AddOnSettings, 'serviceAccountRoleArn'>,
    params: AddOnUpdate['params'],
  ): Promise<AddOnUpdate> {
    const nowMs = this.#clock.nowMs();
    const update: AddOnUpdate = { id: randomUUID(), createdMs: nowMs, params };
    await this.#change((value) => {
      const installed = this.#installed(value);
      const { serviceAccountRoleArn = installed.serviceAccountRoleArn } = settings;
      const updates = [update, ...installed.updates].slice(0, maxUpdates);
      return {
        ...value,
        installed: { ...installed, serviceAccountRoleArn, updates, modifiedMs: nowMs },
      };
    });
    return update;
  }

  /**
   * @param isPreserved events go on; only the add-on is no longer shown
   * @throws {AppError} ADD_ON_NOT_FOUND
   */
  async remove(isPreserved: boolean): Promise<void> {
    await this.#change((value) => {
      this.#installed(value);
      return { isPreserved };
    });
  }

  #installed({ installed }: SavedAddOn): Installed {
    if (installed !== undefined && this.#isEnabled) return installed;
    throw new AppError('ADD_ON_NOT_FOUND', 'The add-on is not installed');
  }

  #fresh({ tags = {}, serviceAccountRoleArn, token }: AddOnSettings): Installed {
    const nowMs = this.#clock.nowMs();
    return {
      id: randomUUID(),
      createdMs: nowMs,
      modifiedMs: nowMs,
      tags,
      serviceAccountRoleArn,
      updates: [],
      token,
    };
  }

  /** @param change gives the new record, or the same */
  async #change(change: (value: SavedAddOn) => SavedAddOn): Promise<SavedAddOn> {
    for (let tries = 1; ; tries++) {
      const { value, version } = await this.#record();
      const changed = change(value);
      try {
        if (changed !== value) {
          await this.#saved.put(this.clusterName, changed, { ifVersion: version });
        }
        return changed;
      } catch (error) {
        if (!isAppError(error, 'STATE_CONFLICT') || tries === maxTries) throw error;
      }
    }
  }

  async #record(): Promise<Saved<SavedAddOn>> {
    const saved = await this.#saved.get(this.clusterName);
    if (saved !== undefined) return saved;
    const first: SavedAddOn = { isPreserved: false, installed: this.#fresh({}) };
    try {
      return await this.#saved.put(this.clusterName, first, { ifVersion: 0 });
    } catch (error) {
      const now = await this.#saved.get(this.clusterName);
      if (isAppError(error, 'STATE_CONFLICT') && now !== undefined) return now;
      throw error;
    }
  }

  #shown({ installed }: SavedAddOn): InsightsAddOn | undefined {
    if (installed === undefined) return undefined;
    const { token: _, ...addOn } = installed;
    return { ...addOn, issues: this.#issues() };
  }

  #issues(): readonly AddOnIssue[] {
    return this.#degraded().flatMap(({ resource, reason, message }): AddOnIssue[] => {
      if (reason === 'unreachable') return [{ code: 'ClusterUnreachable', message, resources: [] }];
      if (reason !== 'forbidden' || !needed.has(resource)) return [];
      return [{ code: 'AccessDenied', message, resources: [resource] }];
    });
  }
}
