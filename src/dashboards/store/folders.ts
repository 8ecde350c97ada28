import type { Clock } from '#base';
import { newUid } from '#dashboards/model';
import type { Collection, StateStore } from '#state';
import type { DashboardLimits, Folder } from './contract.ts';
import { storeError } from './errors.ts';
import { mustBeUid, numericId } from './identity.ts';
import { allOf, type Serial } from './serial.ts';

type FolderRecord = Omit<Folder, 'uid' | 'id'>;

/** Levels of folders. */
const maxDepth = 8;

export interface FolderInput {
  readonly title: string;
  readonly description?: string | undefined;
  readonly parentUid?: string | undefined;
  readonly uid?: string | undefined;
  readonly by: string;
}

export interface FolderChange {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** The one that the caller has read; undefined: whichever is there. */
  readonly version?: number | undefined;
  readonly by: string;
}

interface FoldersDeps {
  readonly serial: Serial;
  readonly clock: Clock;
  readonly limits: DashboardLimits;
}

/** Folders, which may be within folders. All of them are in memory; what is acknowledged is on disk. */
export class Folders {
  readonly #collection: Collection<FolderRecord>;
  readonly #folders = new Map<string, Folder>();
  readonly #serial: Serial;
  readonly #clock: Clock;
  readonly #limits: DashboardLimits;

  private constructor(state: StateStore, deps: FoldersDeps) {
    this.#collection = state.collection('dashboard-folders');
    this.#serial = deps.serial;
    this.#clock = deps.clock;
    this.#limits = deps.limits;
  }

  static async open(state: StateStore, deps: FoldersDeps): Promise<Folders> {
    const folders = new Folders(state, deps);
    for await (const { id, value } of allOf(folders.#collection)) folders.#keep(id, value);
    return folders;
  }

  get(uid: string): Folder | undefined {
    return this.#folders.get(uid);
  }

  byId(id: number): Folder | undefined {
    return this.all().find((folder) => folder.id === id);
  }

  all(): readonly Folder[] {
    return [...this.#folders.values()];
  }

  /** Directly within another; `''` for the top. */
  children(parentUid: string): readonly Folder[] {
    return this.all().filter((folder) => folder.parentUid === parentUid);
  }

  /** From the top to the folder itself. */
  path(uid: string): readonly Folder[] {
    const found: Folder[] = [];
    let folder = this.get(uid);
    while (folder !== undefined && found.length < maxDepth * 2) {
      found.unshift(folder);
      folder = this.get(folder.parentUid);
    }
    return found;
  }

  /** The folder and all that are within it. */
  within(uid: string): readonly string[] {
    const found = [uid];
    for (const one of found) found.push(...this.children(one).map((child) => child.uid));
    return found;
  }

  /** @throws {AppError} FOLDER_NOT_FOUND */
  mustHave(uid: string): Folder {
    const folder = this.get(uid);
    if (folder === undefined) throw storeError('FOLDER_NOT_FOUND', { details: { uid } });
    return folder;
  }

  /**
   * @throws {AppError} FOLDER_TITLE_EMPTY, FOLDER_EXISTS, FOLDER_TITLE_EXISTS, FOLDER_NOT_FOUND (the
   *   parent), FOLDER_TOO_DEEP, UID_…, QUOTA_REACHED
   */
  create(input: FolderInput): Promise<Folder> {
    return this.#serial.run(() => this.createUnguarded(input));
  }

  /** As `create`, for who holds the store's lock already. */
  async createUnguarded({
    title,
    description = '',
    parentUid = '',
    uid = '',
    by,
  }: FolderInput): Promise<Folder> {
    const own = uid === '' ? newUid() : uid;
    mustBeUid(own);
    if (this.#folders.has(own) || own === 'general') throw storeError('FOLDER_EXISTS');
    if (this.#folders.size >= this.#limits.maxCount) throw storeError('QUOTA_REACHED');
    if (parentUid !== '') this.mustHave(parentUid);
    if (this.path(parentUid).length >= maxDepth) throw storeError('FOLDER_TOO_DEEP');
    const nowMs = this.#clock.nowMs();
    return this.#write(own, {
      title: this.#freeTitle(title, parentUid, own),
      description,
      parentUid,
      version: 1,
      createdMs: nowMs,
      createdBy: by,
      updatedMs: nowMs,
      updatedBy: by,
    });
  }

  /** @throws {AppError} FOLDER_NOT_FOUND, FOLDER_CHANGED, FOLDER_TITLE_EMPTY, FOLDER_TITLE_EXISTS */
  update(uid: string, { title, description, version, by }: FolderChange): Promise<Folder> {
    return this.#serial.run(async () => {
      const held = this.mustHave(uid);
      if (version !== undefined && version !== held.version) throw storeError('FOLDER_CHANGED');
      return this.#write(uid, {
        ...held,
        title: title === undefined ? held.title : this.#freeTitle(title, held.parentUid, uid),
        description: description ?? held.description,
        ...this.#touched(held, by),
      });
    });
  }

  /** @throws {AppError} FOLDER_NOT_FOUND, FOLDER_CYCLE, FOLDER_TOO_DEEP, FOLDER_TITLE_EXISTS */
  move(uid: string, parentUid: string, by: string): Promise<Folder> {
    return this.#serial.run(async () => {
      const held = this.mustHave(uid);
      if (parentUid !== '') this.mustHave(parentUid);
      const inside = this.within(uid);
      if (inside.includes(parentUid)) throw storeError('FOLDER_CYCLE');
      const above = this.path(parentUid).length;
      const below = Math.max(...inside.map((one) => this.path(one).length)) - this.path(uid).length;
      if (above + 1 + below > maxDepth) throw storeError('FOLDER_TOO_DEEP');
      const title = this.#freeTitle(held.title, parentUid, uid);
      return this.#write(uid, { ...held, title, parentUid, ...this.#touched(held, by) });
    });
  }

  /** For who holds the store's lock, and has emptied it. */
  async removeUnguarded(uid: string): Promise<void> {
    await this.#collection.delete(uid);
    this.#folders.delete(uid);
  }

  #touched(held: Folder, by: string): Pick<FolderRecord, 'version' | 'updatedMs' | 'updatedBy'> {
    return { version: held.version + 1, updatedMs: this.#clock.nowMs(), updatedBy: by };
  }

  #freeTitle(title: string, parentUid: string, uid: string): string {
    const text = title.trim();
    if (text === '') throw storeError('FOLDER_TITLE_EMPTY');
    const isTaken = this.children(parentUid).some(
      (other) => other.uid !== uid && other.title === text,
    );
    if (isTaken) throw storeError('FOLDER_TITLE_EXISTS');
    return text;
  }

  async #write(uid: string, value: FolderRecord): Promise<Folder> {
    const { title, description, parentUid, version, createdMs, createdBy, updatedMs, updatedBy } =
      value;
    const record = {
      title,
      description,
      parentUid,
      version,
      createdMs,
      createdBy,
      updatedMs,
      updatedBy,
    };
    await this.#collection.put(uid, record);
    return this.#keep(uid, record);
  }

  #keep(uid: string, record: FolderRecord): Folder {
    const folder: Folder = { ...record, uid, id: numericId('folder', uid) };
    this.#folders.set(uid, folder);
    return folder;
  }
}
