import { randomUUID } from 'node:crypto';
import { AppError } from '#base';
import type { Collection, Saved, StateStore } from '#state';
import type { WireSavedQuery } from './wire.ts';

/** The form in which the AWS edge keeps query definitions: both see the same ones. */
interface StoredQuery {
  readonly name: string;
  readonly queryString: string;
  readonly queryLanguage: string;
  readonly logGroupNames: readonly string[];
  readonly parameters: readonly unknown[];
  readonly lastModifiedMs: number;
}

/** As in CloudWatch. */
const maxSavedQueries = 1000;

export interface SaveRequest {
  /** Absent: a new one. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly text: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups: readonly string[];
  /** Refuse when somebody else has changed it since. */
  readonly version?: number | undefined;
}

export class SavedQueries {
  readonly #collection: Collection<StoredQuery>;

  constructor(state: Pick<StateStore, 'collection'>) {
    this.#collection = state.collection<StoredQuery>('aws-query-definitions');
  }

  async list(): Promise<readonly WireSavedQuery[]> {
    const saved = await this.#collection.list({ limit: maxSavedQueries });
    return saved.map(wireSaved).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws {AppError} STATE_CONFLICT, SAVED_QUERY_LIMIT_INVALID */
  async save(request: SaveRequest, nowMs: number): Promise<WireSavedQuery> {
    const id = request.id ?? randomUUID();
    const before = await this.#collection.get(id);
    if (before === undefined && (await this.#collection.list()).length >= maxSavedQueries) {
      throw new AppError(
        'SAVED_QUERY_LIMIT_INVALID',
        `There are ${maxSavedQueries} saved queries already`,
        { hint: 'Delete some that nobody uses' },
      );
    }
    const saved = await this.#collection.put(
      id,
      {
        name: request.name,
        queryString: request.text,
        queryLanguage: request.language,
        logGroupNames: request.groups,
        parameters: before?.value.parameters ?? [],
        lastModifiedMs: nowMs,
      },
      request.version === undefined ? {} : { ifVersion: request.version },
    );
    return wireSaved(saved);
  }

  delete(id: string): Promise<boolean> {
    return this.#collection.delete(id);
  }
}

function wireSaved({ id, version, value }: Saved<StoredQuery>): WireSavedQuery {
  return {
    id,
    version,
    name: value.name,
    text: value.queryString,
    language: value.queryLanguage === 'SQL' ? 'SQL' : 'CWLI',
    groups: value.logGroupNames,
    updatedMs: value.lastModifiedMs,
  };
}
