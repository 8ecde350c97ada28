import { AppError, type Clock } from '#base';
import { newUid } from '#dashboards/model';
import type { Collection, StateStore } from '#state';
import type { DashboardLimits, LibraryElement } from './contract.ts';
import { storeError } from './errors.ts';
import type { Folders } from './folders.ts';
import { mustBeUid, numericId } from './identity.ts';
import { allOf, type Serial } from './serial.ts';

type ElementRecord = Omit<LibraryElement, 'uid' | 'id'>;

export interface LibraryElementInput {
  readonly uid?: string | undefined;
  readonly name: string;
  readonly kind: LibraryElement['kind'];
  readonly folderUid?: string | undefined;
  readonly model: LibraryElement['model'];
  readonly by: string;
}

export interface LibraryElementChange {
  readonly name?: string | undefined;
  readonly kind?: LibraryElement['kind'] | undefined;
  readonly folderUid?: string | undefined;
  readonly model?: LibraryElement['model'] | undefined;
  /** The one that the caller has read. */
  readonly version: number;
  readonly by: string;
}

export interface LibraryDeps {
  readonly serial: Serial;
  readonly clock: Clock;
  readonly limits: DashboardLimits;
  readonly folders: Folders;
}

/** Panels that several dashboards share. All of them are in memory. */
export class Library {
  readonly #collection: Collection<ElementRecord>;
  readonly #elements = new Map<string, LibraryElement>();
  readonly #deps: LibraryDeps;

  private constructor(state: StateStore, deps: LibraryDeps) {
    this.#collection = state.collection('library-elements');
    this.#deps = deps;
  }

  static async open(state: StateStore, deps: LibraryDeps): Promise<Library> {
    const library = new Library(state, deps);
    for await (const { id, value } of allOf(library.#collection)) library.#keep(id, value);
    return library;
  }

  /** By name. */
  all(): readonly LibraryElement[] {
    return [...this.#elements.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(uid: string): LibraryElement | undefined {
    return this.#elements.get(uid);
  }

  /** @throws {AppError} LIBRARY_ELEMENT_NOT_FOUND */
  mustHave(uid: string): LibraryElement {
    const element = this.get(uid);
    if (element === undefined) throw storeError('LIBRARY_ELEMENT_NOT_FOUND');
    return element;
  }

  /** @throws {AppError} LIBRARY_ELEMENT_EXISTS, LIBRARY_ELEMENT_INVALID, FOLDER_NOT_FOUND, UID_…, QUOTA_REACHED */
  create({ uid = '', folderUid = '', by, ...input }: LibraryElementInput): Promise<LibraryElement> {
    return this.#deps.serial.run(async () => {
      const own = uid === '' ? newUid() : uid;
      mustBeUid(own);
      if (this.#elements.has(own)) throw storeError('LIBRARY_ELEMENT_EXISTS');
      if (this.#elements.size >= this.#deps.limits.maxCount) throw storeError('QUOTA_REACHED');
      const nowMs = this.#deps.clock.nowMs();
      const times = { createdMs: nowMs, createdBy: by, updatedMs: nowMs, updatedBy: by };
      return this.#write(own, { ...input, folderUid, version: 1, ...times });
    });
  }

  /** @throws {AppError} LIBRARY_ELEMENT_NOT_FOUND, LIBRARY_ELEMENT_CHANGED, and as `create` */
  update(uid: string, { version, by, ...change }: LibraryElementChange): Promise<LibraryElement> {
    return this.#deps.serial.run(async () => {
      const { uid: _uid, id: _id, ...held } = this.mustHave(uid);
      if (version !== held.version) throw storeError('LIBRARY_ELEMENT_CHANGED');
      return this.#write(uid, {
        ...held,
        name: change.name ?? held.name,
        kind: change.kind ?? held.kind,
        folderUid: change.folderUid ?? held.folderUid,
        model: change.model ?? held.model,
        version: version + 1,
        updatedMs: this.#deps.clock.nowMs(),
        updatedBy: by,
      });
    });
  }

  /** False when there was none. For who knows that no dashboard shows it. */
  remove(uid: string): Promise<boolean> {
    return this.#deps.serial.run(() => this.removeUnguarded(uid));
  }

  async removeUnguarded(uid: string): Promise<boolean> {
    const wasThere = await this.#collection.delete(uid);
    this.#elements.delete(uid);
    return wasThere;
  }

  async #write(uid: string, record: ElementRecord): Promise<LibraryElement> {
    const name = record.name.trim();
    if (name === '') throw new AppError('LIBRARY_ELEMENT_INVALID', 'name: a name is needed');
    if (record.folderUid !== '') this.#deps.folders.mustHave(record.folderUid);
    const isTaken = this.all().some(
      (other) => other.uid !== uid && other.name === name && other.folderUid === record.folderUid,
    );
    if (isTaken) throw storeError('LIBRARY_ELEMENT_EXISTS');
    const { maxSizeBytes } = this.#deps.limits;
    if (Buffer.byteLength(JSON.stringify(record.model)) > maxSizeBytes) {
      throw new AppError('LIBRARY_ELEMENT_INVALID', `model: at most ${maxSizeBytes} bytes`);
    }
    const kept = { ...record, name };
    await this.#collection.put(uid, kept);
    return this.#keep(uid, kept);
  }

  #keep(uid: string, record: ElementRecord): LibraryElement {
    const element: LibraryElement = { ...record, uid, id: numericId('library', uid) };
    this.#elements.set(uid, element);
    return element;
  }
}
