import { describeError, type Logger, type MetricsRegistry } from '#base';
import type { DashboardEntry, DashboardStore } from '#dashboards/store';
import type {
  FolderChoice,
  Provided,
  ProvisioningProblem,
  SourceContent,
  SourceStatus,
} from './contract.ts';

export interface ProvisionerDeps {
  readonly store: DashboardStore;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** Makes the store hold what sources provide, and says what it could not take. */
export class Provisioner {
  readonly #store: DashboardStore;
  readonly #log: Logger;
  readonly #statuses = new Map<string, SourceStatus>();
  readonly #told = new Set<string>();

  constructor({ store, log, metrics }: ProvisionerDeps) {
    this.#store = store;
    this.#log = log;
    metrics.collected(
      'nunchi_dashboard_provisioning_problems',
      'Provided dashboards that are not taken, by source',
      'gauge',
      () =>
        [...this.#statuses.values()].map(({ source, problems }) => ({
          labels: { source },
          value: problems.length,
        })),
    );
  }

  statuses(): readonly SourceStatus[] {
    return [...this.#statuses.values()];
  }

  /** @param found what is wrong already: files that cannot be read */
  async apply(content: SourceContent, found: readonly ProvisioningProblem[]): Promise<void> {
    const { source } = content;
    const problems = [...found];
    const present = new Set<string>();
    for (const provided of content.provided) {
      try {
        const problem = await this.#provide(provided, content, present);
        if (problem !== undefined) problems.push({ place: provided.externalId, message: problem });
      } catch (error) {
        present.add(provided.uid);
        problems.push({ place: provided.externalId, message: describeError(error) });
      }
    }
    for (const entry of this.#entriesOf(source)) {
      const { externalId } = entry.provisioned!;
      if (!present.has(entry.uid) && !content.isUnreadable(externalId)) {
        await this.#removed(entry, content.keepsRemoved);
      }
    }
    this.report(source, problems);
  }

  /** What is wrong with a source of which nothing else is known. */
  report(source: string, problems: readonly ProvisioningProblem[]): void {
    const before = this.#statuses.get(source)?.problems ?? [];
    for (const { place, message } of before) {
      const isStillThere = problems.some((one) => one.place === place && one.message === message);
      if (!isStillThere) this.#told.delete(`${place}\0${message}`);
    }
    for (const { place, message } of problems) {
      const key = `${place}\0${message}`;
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      this.#log.warn('A provided dashboard is not taken', { source, place, reason: message });
    }
    const dashboards = this.#entriesOf(source).length;
    this.#statuses.set(source, { source, dashboards, problems });
  }

  /** Sources that are no more: their dashboards are deleted, or belong to people from now on. */
  async forget(isGone: (source: string) => boolean, keepsRemoved: boolean): Promise<void> {
    for (const source of [...this.#statuses.keys()]) {
      if (isGone(source)) this.#statuses.delete(source);
    }
    for (const entry of [...this.#store.dashboards.entries()]) {
      const { provisioned } = entry;
      if (provisioned !== undefined && isGone(provisioned.source)) {
        await this.#removed(entry, keepsRemoved);
      }
    }
  }

  async #provide(
    provided: Provided,
    { source, allowUiUpdates }: SourceContent,
    present: Set<string>,
  ): Promise<string | undefined> {
    const { uid, externalId, checksum } = provided;
    if (present.has(uid)) {
      return `its uid "${uid}" is that of ${this.#store.dashboards.entry(uid)?.provisioned?.externalId} too: only that one is taken`;
    }
    const held = this.#store.dashboards.entry(uid)?.provisioned;
    if (held !== undefined && held.source !== source) {
      return `its uid "${uid}" is that of ${held.externalId} (${held.source}), which stays`;
    }
    present.add(uid);
    const folderUid = await this.#folder(provided.folder, source);
    const provenance = { source, externalId, checksum, allowUiUpdates };
    const isSame =
      held?.checksum === checksum &&
      held.externalId === externalId &&
      held.allowUiUpdates === allowUiUpdates &&
      (allowUiUpdates || this.#store.dashboards.entry(uid)?.folderUid === folderUid);
    if (isSame) return undefined;
    const document = await provided.load();
    await this.#store.dashboards.provision({ document, uid, folderUid, provenance });
    this.#log.debug('A dashboard was provided', { source, externalId, uid });
    return undefined;
  }

  async #folder(choice: FolderChoice, source: string): Promise<string> {
    if ('path' in choice) return this.#store.folderOfPath(choice.path, source);
    const { uid, title } = choice;
    if (this.#store.folders.get(uid) === undefined) {
      await this.#store.folders.create({ uid, title, by: source });
    }
    return uid;
  }

  async #removed({ uid, provisioned }: DashboardEntry, keepsRemoved: boolean): Promise<void> {
    if (keepsRemoved) await this.#store.dashboards.release(uid);
    else await this.#store.removeDashboard(uid, { force: true });
    this.#log.info(
      keepsRemoved ? 'A dashboard is no longer provided' : 'A provided dashboard went',
      {
        uid,
        source: provisioned?.source,
        externalId: provisioned?.externalId,
      },
    );
  }

  #entriesOf(source: string): readonly DashboardEntry[] {
    return [...this.#store.dashboards.entries()].filter(
      ({ provisioned }) => provisioned?.source === source,
    );
  }
}
