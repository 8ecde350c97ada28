import type { Collection, StateStore } from '#state';
import type { DashboardVersion } from './contract.ts';

/** Versions of one dashboard stand together, in their order. */
const idOf = (uid: string, version: number): string =>
  `${uid}/${String(version).padStart(10, '0')}`;

/** What dashboards were: each version as a document of its own. */
export class Versions {
  readonly #collection: Collection<DashboardVersion>;
  readonly #maxVersions: number;

  constructor(state: StateStore, maxVersions: number) {
    this.#collection = state.collection('dashboard-versions');
    this.#maxVersions = maxVersions;
  }

  async write(uid: string, version: DashboardVersion): Promise<void> {
    await this.#collection.put(idOf(uid, version.version), version);
  }

  /**
   * The newest first.
   * @param current what is newer was written before a crash and never became the dashboard
   */
  async list(uid: string, current: number): Promise<readonly DashboardVersion[]> {
    const saved = await this.#collection.list({ prefix: `${uid}/` });
    return saved
      .map(({ value }) => value)
      .filter(({ version }) => version <= current)
      .reverse();
  }

  async get(uid: string, version: number): Promise<DashboardVersion | undefined> {
    return (await this.#collection.get(idOf(uid, version)))?.value;
  }

  /** Deletes what is older than the newest `maxVersions`. */
  async prune(uid: string, current: number): Promise<void> {
    // One comes with each save, so that one goes; more only after the limit was lowered.
    for (let version = current - this.#maxVersions; version > 0; version--) {
      if (!(await this.#collection.delete(idOf(uid, version)))) return;
    }
  }

  async removeAll(uid: string): Promise<void> {
    for (const { id } of await this.#collection.list({ prefix: `${uid}/` })) {
      await this.#collection.delete(id);
    }
  }
}
