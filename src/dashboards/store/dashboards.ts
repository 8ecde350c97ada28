import type { Clock } from '#base';
import type { Collection, StateStore } from '#state';
import type {
  DashboardDocument,
  DashboardEntry,
  DashboardLimits,
  DashboardVersion,
  Provenance,
  ProvisionDashboard,
  SaveDashboard,
  StoredDashboard,
} from './contract.ts';
import { factsOf, keptDocument, mustFit, uidFor } from './document.ts';
import { storeError } from './errors.ts';
import type { Folders } from './folders.ts';
import { numericId } from './identity.ts';
import { allOf, type Serial } from './serial.ts';
import { Versions } from './versions.ts';

/** What is saved; the rest of an entry is read of the document. */
interface DashboardRecord
  extends Pick<
    DashboardEntry,
    'folderUid' | 'version' | 'createdMs' | 'createdBy' | 'updatedMs' | 'updatedBy'
  > {
  readonly document: DashboardDocument;
  readonly provisioned?: Provenance;
}

interface Write {
  readonly uid: string;
  readonly held: DashboardEntry | undefined;
  readonly document: DashboardDocument;
  readonly folderUid: string;
  readonly by: string;
  readonly message: string;
  readonly restoredFrom: number;
  readonly provisioned: Provenance | undefined;
}

export interface DashboardsDeps {
  readonly serial: Serial;
  readonly clock: Clock;
  readonly limits: DashboardLimits;
  readonly folders: Folders;
}

/** Dashboards with their history. What is known of them is in memory, their documents are on disk. */
export class Dashboards {
  readonly #collection: Collection<DashboardRecord>;
  readonly #versions: Versions;
  readonly #entries = new Map<string, DashboardEntry>();
  readonly #deps: DashboardsDeps;

  private constructor(state: StateStore, deps: DashboardsDeps) {
    this.#collection = state.collection('dashboards');
    this.#versions = new Versions(state, deps.limits.maxVersions);
    this.#deps = deps;
  }

  static async open(state: StateStore, deps: DashboardsDeps): Promise<Dashboards> {
    const dashboards = new Dashboards(state, deps);
    for await (const { id, value } of allOf(dashboards.#collection)) dashboards.#keep(id, value);
    return dashboards;
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): MapIterator<DashboardEntry> {
    return this.#entries.values();
  }

  entry(uid: string): DashboardEntry | undefined {
    return this.#entries.get(uid);
  }

  byId(id: number): DashboardEntry | undefined {
    return this.entries().find((entry) => entry.id === id);
  }

  /** @throws {AppError} DASHBOARD_NOT_FOUND */
  mustHave(uid: string): DashboardEntry {
    const entry = this.#entries.get(uid);
    if (entry === undefined) throw storeError('DASHBOARD_NOT_FOUND', { details: { uid } });
    return entry;
  }

  async get(uid: string): Promise<StoredDashboard | undefined> {
    const saved = await this.#collection.get(uid);
    if (saved === undefined) return undefined;
    const { value } = saved;
    return { entry: entryOf(uid, value), document: value.document };
  }

  /**
   * @throws {AppError} DASHBOARD_TITLE_EMPTY, DASHBOARD_INVALID, UID_…, FOLDER_NOT_FOUND,
   *   DASHBOARD_CHANGED (the document's `version` is not the one held), DASHBOARD_TITLE_EXISTS,
   *   DASHBOARD_EXISTS and DASHBOARD_NOT_FOUND (`only`), DASHBOARD_PROVISIONED, QUOTA_REACHED
   */
  save(input: SaveDashboard): Promise<StoredDashboard> {
    return this.#deps.serial.run(async () => {
      const { overwrite = false, only } = input;
      const facts = factsOf(input.document);
      const given = facts.uid === undefined ? undefined : this.entry(facts.uid);
      const folderUid = input.folderUid ?? given?.folderUid ?? '';
      if (folderUid !== '') this.#deps.folders.mustHave(folderUid);
      let held = given;
      if (given === undefined) {
        const same = this.#withTitle(facts.title, folderUid);
        if (same !== undefined && !overwrite) throw storeError('DASHBOARD_TITLE_EXISTS');
        // Whoever names no uid means the dashboard of this name.
        if (facts.uid === undefined) held = same;
      } else if (!overwrite && input.document['version'] !== given.version) {
        if (only === 'create') throw storeError('DASHBOARD_EXISTS');
        throw storeError('DASHBOARD_CHANGED');
      }
      if (only === 'create' && held !== undefined) throw storeError('DASHBOARD_EXISTS');
      if (only === 'update' && held === undefined) throw storeError('DASHBOARD_NOT_FOUND');
      if (held?.provisioned?.allowUiUpdates === false) throw storeError('DASHBOARD_PROVISIONED');
      return this.#write({
        uid: held?.uid ?? uidFor(facts),
        held,
        document: input.document,
        folderUid,
        by: input.by,
        message: input.message ?? '',
        restoredFrom: input.restoredFrom ?? 0,
        provisioned: held?.provisioned,
      });
    });
  }

  /**
   * Keeps what a file or an object says: it wins over what people saved.
   * @returns whether something was written. @throws {AppError} as `save`
   */
  provision({ document, uid, folderUid, provenance }: ProvisionDashboard): Promise<boolean> {
    return this.#deps.serial.run(async () => {
      const facts = factsOf(document);
      const own = facts.uid ?? uid;
      const held = this.entry(own);
      const known = held?.provisioned;
      const isSame =
        known?.checksum === provenance.checksum &&
        known.source === provenance.source &&
        known.externalId === provenance.externalId &&
        known.allowUiUpdates === provenance.allowUiUpdates;
      // With `allowUiUpdates` people may have moved it meanwhile.
      if (isSame && (held?.folderUid === folderUid || provenance.allowUiUpdates)) return false;
      await this.#write({
        uid: own,
        held,
        document,
        folderUid,
        by: provenance.source,
        message: '',
        restoredFrom: 0,
        provisioned: provenance,
      });
      return true;
    });
  }

  /** From now on it belongs to people. */
  release(uid: string): Promise<void> {
    return this.#deps.serial.run(async () => {
      const saved = await this.#collection.get(uid);
      if (saved === undefined) return;
      const { provisioned: _provisioned, ...record } = saved.value;
      await this.#collection.put(uid, record);
      this.#keep(uid, record);
    });
  }

  /**
   * With its history, for who holds the store's lock.
   * @throws {AppError} DASHBOARD_NOT_FOUND, DASHBOARD_PROVISIONED_DELETE unless `force`
   */
  async removeUnguarded(
    uid: string,
    { force = false }: { readonly force?: boolean },
  ): Promise<DashboardEntry> {
    const held = this.mustHave(uid);
    if (held.provisioned !== undefined && !force) throw storeError('DASHBOARD_PROVISIONED_DELETE');
    await this.#collection.delete(uid);
    this.#entries.delete(uid);
    await this.#versions.removeAll(uid);
    return held;
  }

  /** The newest first. @throws {AppError} DASHBOARD_NOT_FOUND */
  async versions(uid: string): Promise<readonly DashboardVersion[]> {
    return this.#versions.list(uid, this.mustHave(uid).version);
  }

  /** @throws {AppError} DASHBOARD_NOT_FOUND, DASHBOARD_VERSION_NOT_FOUND */
  async version(uid: string, version: number): Promise<DashboardVersion> {
    const { version: current } = this.mustHave(uid);
    const found = version <= current ? await this.#versions.get(uid, version) : undefined;
    if (found === undefined) throw storeError('DASHBOARD_VERSION_NOT_FOUND');
    return found;
  }

  /** Saves an old version anew. @throws {AppError} as `version` and `save` */
  async restore(uid: string, version: number, by: string): Promise<StoredDashboard> {
    const { document } = await this.version(uid, version);
    return this.save({
      // Its uid and title may have been others then.
      document: { ...document, uid },
      message: `Restored from version ${version}`,
      restoredFrom: version,
      overwrite: true,
      only: 'update',
      by,
    });
  }

  #withTitle(title: string, folderUid: string): DashboardEntry | undefined {
    return this.entries().find((one) => one.folderUid === folderUid && one.title === title);
  }

  async #write({ uid, held, document, folderUid, by, ...rest }: Write): Promise<StoredDashboard> {
    const { limits, clock } = this.#deps;
    if (held === undefined && this.size >= limits.maxCount) throw storeError('QUOTA_REACHED');
    const nowMs = clock.nowMs();
    const version = (held?.version ?? 0) + 1;
    const kept = keptDocument(document, uid, version);
    mustFit(kept, limits.maxSizeBytes);
    const record: DashboardRecord = {
      document: kept,
      folderUid,
      version,
      createdMs: held?.createdMs ?? nowMs,
      createdBy: held?.createdBy ?? by,
      updatedMs: nowMs,
      updatedBy: by,
      ...(rest.provisioned === undefined ? {} : { provisioned: rest.provisioned }),
    };
    // The history first: after a crash in between it has a version that nobody was told of, and that
    // the next save replaces. The other way round one would be missing.
    await this.#versions.write(uid, {
      version,
      parentVersion: held?.version ?? 0,
      restoredFrom: rest.restoredFrom,
      createdMs: nowMs,
      createdBy: by,
      message: rest.message,
      document: kept,
    });
    await this.#collection.put(uid, record);
    const entry = this.#keep(uid, record);
    await this.#versions.prune(uid, version);
    return { entry, document: kept };
  }

  #keep(uid: string, record: DashboardRecord): DashboardEntry {
    const entry = entryOf(uid, record);
    this.#entries.set(uid, entry);
    return entry;
  }
}

function entryOf(
  uid: string,
  { document, provisioned, ...record }: DashboardRecord,
): DashboardEntry {
  const { title, description, tags, libraryPanels } = factsOf(document);
  const id = numericId('dashboard', uid);
  return { ...record, uid, id, title, description, tags, libraryPanels, provisioned };
}
