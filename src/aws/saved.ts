import { createHash } from 'node:crypto';
import type { Collection } from '#state';
import type { AwsDeps, MetricFilterDefinition, QueryDefinition } from './contract.ts';

type State = AwsDeps['state'];

/** By query definition id. The web UI's saved queries are the same objects. */
export const queryDefinitionsOf = (state: State): Collection<QueryDefinition> =>
  state.collection('aws-query-definitions');

/** What a filter of a log group is saved with. */
interface GroupOwned {
  readonly logGroupName: string;
  readonly filterName: string;
  readonly createdMs: number;
}

/** Filters of log groups: saved under hashes, as the two names together outgrow an id. */
export class GroupFilters<T extends GroupOwned> {
  readonly #collection: Collection<T>;
  readonly #store: Pick<AwsDeps['store'], 'group'>;

  constructor(collection: Collection<T>, store: Pick<AwsDeps['store'], 'group'>) {
    this.#collection = collection;
    this.#store = store;
  }

  async get(group: string, name: string): Promise<T | undefined> {
    const saved = await this.#collection.get(idOf(group, name));
    return saved !== undefined && this.#isAlive(saved.value) ? saved.value : undefined;
  }

  /** In ASCII order of filter names, then groups; of every group when none is named. */
  async list(group?: string): Promise<readonly T[]> {
    const prefix = group === undefined ? {} : { prefix: groupPrefix(group) };
    const saved = await this.#collection.list(prefix);
    const key = (filter: T): string => `${filter.filterName}\0${filter.logGroupName}`;
    return saved
      .map(({ value }) => value)
      .filter((filter) => this.#isAlive(filter))
      .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  async put(filter: T): Promise<void> {
    await this.#collection.put(idOf(filter.logGroupName, filter.filterName), filter);
  }

  async delete(group: string, name: string): Promise<boolean> {
    const alive = (await this.get(group, name)) !== undefined;
    await this.#collection.delete(idOf(group, name));
    return alive;
  }

  async deleteAll(group: string): Promise<void> {
    for (const { id } of await this.#collection.list({ prefix: groupPrefix(group) })) {
      await this.#collection.delete(id);
    }
  }

  /** A group may be deleted by others than us: its filters must not come back with its name. */
  #isAlive(filter: T): boolean {
    const group = this.#store.group(filter.logGroupName);
    return group !== undefined && filter.createdMs >= group.createdMs;
  }
}

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32);
const groupPrefix = (group: string): string => `${hashOf(group)}:`;
const idOf = (group: string, name: string): string => groupPrefix(group) + hashOf(name);

type FilterDeps = Pick<AwsDeps, 'state' | 'store'>;

/** The metric filters in force; also what the runner of metric filters reads. */
export const metricFiltersOf = ({
  state,
  store,
}: FilterDeps): GroupFilters<MetricFilterDefinition> =>
  new GroupFilters(state.collection<MetricFilterDefinition>('aws-metric-filters'), store);
