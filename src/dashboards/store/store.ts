import type { Clock } from '#base';
import type { StateStore } from '#state';
import { Annotations } from './annotations.ts';
import { PreferenceStore, Stars } from './choices.ts';
import type {
  DashboardEntry,
  DashboardLimits,
  FolderCounts,
  FolderGuests,
  SearchHit,
  SearchQuery,
  TagCount,
} from './contract.ts';
import { Dashboards } from './dashboards.ts';
import { storeError } from './errors.ts';
import { Folders } from './folders.ts';
import { Library } from './library.ts';
import { search, tagCounts } from './search.ts';
import { Serial } from './serial.ts';

/** The parts of what people keep, and what concerns several of them. */
export class DashboardStore {
  readonly dashboards: Dashboards;
  readonly folders: Folders;
  readonly library: Library;
  readonly annotations: Annotations;
  readonly stars: Stars;
  readonly preferences: PreferenceStore;
  readonly #serial: Serial;

  #guests: FolderGuests | undefined;

  constructor(
    parts: Pick<
      DashboardStore,
      'dashboards' | 'folders' | 'library' | 'annotations' | 'stars' | 'preferences'
    >,
    serial: Serial,
  ) {
    this.dashboards = parts.dashboards;
    this.folders = parts.folders;
    this.library = parts.library;
    this.annotations = parts.annotations;
    this.stars = parts.stars;
    this.preferences = parts.preferences;
    this.#serial = serial;
  }

  /** Who else keeps things in folders. */
  setFolderGuests(guests: FolderGuests): void {
    this.#guests = guests;
  }

  search(query: SearchQuery): readonly SearchHit[] {
    return search(this.dashboards.entries(), this.folders.all(), query);
  }

  /** Tags of dashboards. */
  tags(): readonly TagCount[] {
    return tagCounts(this.dashboards.entries());
  }

  /** What is in a folder, at any depth. */
  folderCounts(uid: string): FolderCounts {
    const within = this.folders.within(uid);
    return {
      dashboards: this.#dashboardsIn(within).length,
      folders: within.length - 1,
      libraryPanels: this.#libraryIn(within).length,
      alertRules: this.#guests?.count(within) ?? 0,
    };
  }

  /**
   * With what is in it; with alert rules only where they are to be deleted too.
   * @throws {AppError} FOLDER_NOT_FOUND; FOLDER_HAS_RULES, DASHBOARD_PROVISIONED_DELETE and
   *   LIBRARY_ELEMENT_CONNECTED for what is in it: then nothing was deleted
   */
  removeFolder(
    uid: string,
    rules: { readonly deleteRules?: boolean; readonly by?: string } = {},
  ): Promise<void> {
    return this.#serial.run(async () => {
      this.folders.mustHave(uid);
      const within = this.folders.within(uid);
      const guests = this.#guests?.count(within) ?? 0;
      if (guests > 0 && rules.deleteRules !== true) {
        throw storeError('FOLDER_HAS_RULES', {
          hint: 'With forceDeleteRules=true they are deleted too',
          details: { alertRules: guests },
        });
      }
      const dashboards = this.#dashboardsIn(within);
      if (dashboards.some(({ provisioned }) => provisioned !== undefined)) {
        throw storeError('DASHBOARD_PROVISIONED_DELETE');
      }
      const elements = this.#libraryIn(within);
      const gone = new Set(dashboards.map((dashboard) => dashboard.uid));
      if (
        elements.some((element) => this.connections(element.uid).some((one) => !gone.has(one.uid)))
      ) {
        throw storeError('LIBRARY_ELEMENT_CONNECTED');
      }
      // They may be others' to delete: first, while nothing else is gone.
      if (guests > 0) await this.#guests?.remove(within, rules.by ?? '');
      for (const dashboard of dashboards) await this.#removeDashboard(dashboard.uid, false);
      for (const element of elements) await this.library.removeUnguarded(element.uid);
      // The innermost first: after a crash nothing hangs in the air.
      for (const folder of within.toReversed()) await this.folders.removeUnguarded(folder);
    });
  }

  /**
   * With its history and its annotations.
   * @throws {AppError} DASHBOARD_NOT_FOUND, DASHBOARD_PROVISIONED_DELETE unless `force`
   */
  removeDashboard(
    uid: string,
    { force = false }: { readonly force?: boolean } = {},
  ): Promise<DashboardEntry> {
    return this.#serial.run(() => this.#removeDashboard(uid, force));
  }

  /** Dashboards that show a library element. */
  connections(elementUid: string): readonly DashboardEntry[] {
    return [...this.dashboards.entries()].filter(({ libraryPanels }) =>
      libraryPanels.includes(elementUid),
    );
  }

  /** The folder with these titles from the top on; made as far as it is not there. `''` for none. */
  folderOfPath(titles: readonly string[], by: string): Promise<string> {
    return this.#serial.run(async () => {
      let parentUid = '';
      for (const title of titles) {
        const held = this.folders.children(parentUid).find((one) => one.title === title.trim());
        parentUid = (held ?? (await this.folders.createUnguarded({ title, parentUid, by }))).uid;
      }
      return parentUid;
    });
  }

  async #removeDashboard(uid: string, force: boolean): Promise<DashboardEntry> {
    const entry = await this.dashboards.removeUnguarded(uid, { force });
    await this.annotations.removeOfDashboard(uid);
    return entry;
  }

  #dashboardsIn(folders: readonly string[]): readonly DashboardEntry[] {
    return [...this.dashboards.entries()].filter(({ folderUid }) => folders.includes(folderUid));
  }

  #libraryIn(folders: readonly string[]): ReturnType<Library['all']> {
    return this.library.all().filter(({ folderUid }) => folders.includes(folderUid));
  }
}

/** Reads what is there: all but the documents and their history stays in memory. */
export async function openDashboardStore(
  limits: DashboardLimits,
  { state, clock }: { readonly state: StateStore; readonly clock: Clock },
): Promise<DashboardStore> {
  const serial = new Serial();
  const folders = await Folders.open(state, { serial, clock, limits });
  const deps = { serial, clock, limits, folders };
  return new DashboardStore(
    {
      folders,
      dashboards: await Dashboards.open(state, deps),
      library: await Library.open(state, deps),
      annotations: await Annotations.open(state, deps),
      stars: new Stars(state, serial),
      preferences: new PreferenceStore(state, serial),
    },
    serial,
  );
}
