import { createHash, randomBytes } from 'node:crypto';
import { isAppError } from '#base';
import type { Collection, Saved, SecretBox, StateStore } from '#state';
import type { DataSource, DataSourceInput, NumberedDataSource } from '../contract.ts';
import { dataError, invalidKey } from '../errors.ts';
import type { DataSourceKind, SourceConfig } from '../kind.ts';

/** More than anybody looks through. */
const maxDataSources = 1000;

/** A data source as it is saved: secrets sealed. Its id in the collection is the uid. */
interface StoredSource {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly url: string;
  readonly user?: string;
  readonly database?: string;
  readonly basicAuth?: boolean;
  readonly basicAuthUser?: string;
  readonly withCredentials?: boolean;
  readonly isDefault: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly sealed: Readonly<Record<string, string>>;
  /** The file or object that it comes from. */
  readonly provisionedFrom?: string;
  /** Provisioned, and may be changed by the API all the same. */
  readonly isEditable?: boolean;
}

/** Where a change comes from. */
export interface Origin {
  readonly provisionedFrom: string;
  readonly isEditable: boolean;
}

export interface RegistryDeps {
  readonly state: Pick<StateStore, 'collection' | 'secrets'>;
  readonly kinds: readonly DataSourceKind[];
  /** Those of the program as they are now, in the order of their numbers. The first is the default. */
  readonly builtIn: () => readonly Omit<DataSource, 'isDefault'>[];
}

/** Which data sources there are. Saved with their secrets sealed. */
export class Registry {
  readonly #kinds: ReadonlyMap<string, DataSourceKind>;
  readonly #builtIn: RegistryDeps['builtIn'];
  readonly #collection: Collection<StoredSource>;
  readonly #secrets: SecretBox;
  readonly #listeners = new Set<(uid: string) => void>();
  #saved: ReadonlyMap<string, Saved<StoredSource>> = new Map();
  /** Changes one after the other: names, numbers and the default concern all of them. */
  #changes: Promise<unknown> = Promise.resolve();

  private constructor({ state, kinds, builtIn }: RegistryDeps) {
    this.#kinds = new Map(kinds.flatMap((kind) => kind.types.map((type) => [type, kind])));
    this.#builtIn = builtIn;
    this.#collection = state.collection('data-sources');
    this.#secrets = state.secrets;
  }

  static async open(deps: RegistryDeps): Promise<Registry> {
    const registry = new Registry(deps);
    const saved = await registry.#collection.list();
    registry.#saved = new Map(saved.map((one) => [one.id, one]));
    return registry;
  }

  /** By name. */
  list(): NumberedDataSource[] {
    const hasDefault = [...this.#saved.values()].some(({ value }) => value.isDefault);
    const names = new Set([...this.#saved.values()].map(({ value }) => value.name));
    const builtIn = this.#builtIn().map((source, at) => ({
      ...source,
      // Whoever brings a data source of this name keeps it.
      name: names.has(source.name) ? `${source.name} (built in)` : source.name,
      id: at + 1,
      isBuiltIn: true,
      isDefault: at === 0 && !hasDefault,
    }));
    const saved = [...this.#saved.values()].map(shown);
    return [...builtIn, ...saved].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(uid: string): NumberedDataSource | undefined {
    return this.list().find((source) => source.uid === uid);
  }

  /** The kind of a type. @throws {AppError} DATA_SOURCE_INVALID */
  kind(type: string): DataSourceKind {
    const kind = this.#kinds.get(type);
    if (kind !== undefined) return kind;
    const allowed = [...new Set(this.#kinds.values())].map(({ types }) => types[0]).join(', ');
    throw invalidKey('DATA_SOURCE_INVALID', 'type', `there is no "${type}"`, allowed);
  }

  /** With its secrets, to be opened. Undefined: there is none, or it is built in. */
  config(uid: string): SourceConfig | undefined {
    const saved = this.#saved.get(uid);
    if (saved === undefined) return undefined;
    return {
      source: shown(saved),
      secret: (name) => {
        const sealed = saved.value.sealed[name];
        if (sealed === undefined) return undefined;
        const secret = this.#secrets.unseal(sealed, contextOf(uid, name));
        if (secret !== undefined) return secret;
        throw dataError('DATA_SOURCE_INVALID', `The secret "${name}" cannot be read any more`, {
          hint: 'The key file of the data directory was replaced: enter the secret anew',
        });
      },
    };
  }

  /** One that is not saved, to be tried; secrets not given are those of the saved one. */
  draft(input: DataSourceInput): SourceConfig {
    const kind = this.kind(input.type);
    const before = input.uid === undefined ? undefined : this.#saved.get(input.uid);
    const stored = storedOf(input, before?.value, before?.value.id ?? 0, undefined);
    kind.check(stored);
    this.#mustKeepTarget(kind, input, before?.value, stored);
    const held = before === undefined ? undefined : this.config(before.id);
    const uid = input.uid ?? '';
    return {
      source: { ...shown({ ...emptySaved, id: uid, value: stored }) },
      secret: (name) => input.secureJsonData?.[name] ?? held?.secret(name),
    };
  }

  create(input: DataSourceInput, origin?: Origin): Promise<NumberedDataSource> {
    return this.#inTurn(async () => {
      if (this.#saved.size >= maxDataSources) {
        throw dataError('DATA_SOURCE_INVALID', `There are ${maxDataSources} data sources already`);
      }
      const uid = input.uid ?? (origin === undefined ? randomUid() : uidOfName(input.name));
      if (this.#saved.has(uid) || this.#builtIn().some((one) => one.uid === uid)) {
        throw dataError('DATA_SOURCE_UID_EXISTS', `There is a data source with the uid "${uid}"`);
      }
      const ids = [...this.#saved.values()].map(({ value }) => value.id);
      const id = Math.max(this.#builtIn().length, ...ids) + 1;
      return this.#put(uid, input, { before: undefined, id, origin });
    });
  }

  update(uid: string, input: DataSourceInput, origin?: Origin): Promise<NumberedDataSource> {
    return this.#inTurn(async () => {
      const before = this.#mustBeChangeable(uid, origin);
      if (input.version !== undefined && input.version !== before.version && !origin) {
        throw conflict(before.value.name);
      }
      return this.#put(uid, input, { before, id: before.value.id, origin });
    });
  }

  delete(uid: string, origin?: Origin): Promise<NumberedDataSource> {
    return this.#inTurn(async () => {
      const before = this.#mustBeChangeable(uid, origin);
      const source = shown(before);
      await this.#collection.delete(uid);
      this.#replace((saved) => saved.delete(uid));
      this.#changed(uid);
      return source;
    });
  }

  /** Called with the uid after each change; returns how to end it. */
  onChange(listener: (uid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #mustBeChangeable(uid: string, origin: Origin | undefined): Saved<StoredSource> {
    const saved = this.#saved.get(uid);
    if (saved === undefined) {
      if (!this.#builtIn().some((one) => one.uid === uid)) throw notFound(uid);
      throw dataError('DATA_SOURCE_READ_ONLY', `"${uid}" comes with the program`);
    }
    if (origin === undefined && isReadOnly(saved.value)) {
      throw dataError(
        'DATA_SOURCE_READ_ONLY',
        `"${saved.value.name}" comes from ${saved.value.provisionedFrom} and is changed there`,
      );
    }
    return saved;
  }

  async #put(
    uid: string,
    input: DataSourceInput,
    {
      before,
      id,
      origin,
    }: {
      readonly before: Saved<StoredSource> | undefined;
      readonly id: number;
      readonly origin: Origin | undefined;
    },
  ): Promise<NumberedDataSource> {
    const kind = this.kind(input.type);
    for (const [other, { value }] of this.#saved) {
      if (other === uid || value.name !== input.name) continue;
      throw dataError('DATA_SOURCE_NAME_EXISTS', `There is a data source "${input.name}" already`);
    }
    const stored = storedOf(input, before?.value, id, origin);
    kind.check(stored);
    if (origin === undefined) this.#mustKeepTarget(kind, input, before?.value, stored);
    const sealed = { ...stored.sealed };
    for (const [name, secret] of Object.entries(input.secureJsonData ?? {})) {
      if (secret === '') delete sealed[name];
      else sealed[name] = this.#secrets.seal(secret, contextOf(uid, name));
    }
    const value = { ...stored, sealed };
    const saved = await this.#save(uid, value, before?.version ?? 0);
    if (value.isDefault) await this.#takeDefault(uid);
    this.#changed(uid);
    return shown(saved);
  }

  async #save(uid: string, value: StoredSource, version: number): Promise<Saved<StoredSource>> {
    try {
      const saved = await this.#collection.put(uid, value, { ifVersion: version });
      this.#replace((all) => all.set(uid, saved));
      return saved;
    } catch (error) {
      if (isAppError(error, 'STATE_CONFLICT')) throw conflict(value.name);
      throw error;
    }
  }

  /** There is one default: the last to be made it. */
  async #takeDefault(uid: string): Promise<void> {
    for (const [other, { value, version }] of this.#saved) {
      if (other === uid || !value.isDefault) continue;
      await this.#save(other, { ...value, isDefault: false }, version);
    }
  }

  /** Saved secrets go to where they were meant for, and nowhere else. */
  #mustKeepTarget(
    kind: DataSourceKind,
    input: DataSourceInput,
    before: StoredSource | undefined,
    after: StoredSource,
  ): void {
    if (before === undefined) return;
    const isSame =
      this.#kinds.get(before.type) === kind && kind.target(before) === kind.target(after);
    const kept = Object.keys(before.sealed).filter((n) => input.secureJsonData?.[n] === undefined);
    if (isSame || kept.length === 0) return;
    throw dataError(
      'DATA_SOURCE_INVALID',
      `The server changes, so the secrets must be given anew: ${kept.join(', ')}`,
      { hint: 'Enter them again, or remove them by an empty text', details: { secrets: kept } },
    );
  }

  #replace(change: (saved: Map<string, Saved<StoredSource>>) => unknown): void {
    const next = new Map(this.#saved);
    change(next);
    this.#saved = next;
  }

  #changed(uid: string): void {
    for (const listener of this.#listeners) listener(uid);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {});
    return done;
  }
}

const emptySaved = { version: 0, createdMs: 0, updatedMs: 0 };

const contextOf = (uid: string, name: string): string => `data-source/${uid}/${name}`;

const isReadOnly = ({ provisionedFrom, isEditable }: StoredSource): boolean =>
  provisionedFrom !== undefined && isEditable !== true;

function shown({ id: uid, version, value }: Saved<StoredSource>): NumberedDataSource {
  const { sealed, isEditable: _, ...rest } = value;
  return {
    ...rest,
    uid,
    isBuiltIn: false,
    secureJsonFields: Object.fromEntries(Object.keys(sealed).map((name) => [name, true])),
    readOnly: isReadOnly(value),
    version,
  };
}

function storedOf(
  input: DataSourceInput,
  before: StoredSource | undefined,
  id: number,
  origin: Origin | undefined,
): StoredSource {
  const { uid: _uid, version: _version, secureJsonData: _secrets, ...rest } = input;
  const provisionedFrom = origin?.provisionedFrom ?? before?.provisionedFrom;
  const isEditable = origin?.isEditable ?? before?.isEditable;
  return {
    ...rest,
    id,
    url: (input.url ?? '').trim(),
    isDefault: input.isDefault ?? false,
    jsonData: input.jsonData ?? {},
    sealed: before?.sealed ?? {},
    ...(provisionedFrom === undefined ? {} : { provisionedFrom }),
    ...(isEditable === undefined ? {} : { isEditable }),
  };
}

export function notFound(uid: string): Error {
  return dataError('DATA_SOURCE_NOT_FOUND', `There is no data source "${uid}"`);
}

function conflict(name: string): Error {
  return dataError('DATA_SOURCE_CONFLICT', `"${name}" was changed by somebody else meanwhile`, {
    hint: 'Read it again and repeat the change',
  });
}

const randomUid = (): string => randomBytes(9).toString('base64url').replace(/[-_]/g, 'x');

/** What Grafana gives to a provisioned data source without a uid: dashboards refer to it. */
export function uidOfName(name: string): string {
  return `P${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
}
