import { AppError, type Clock } from '#base';
import type { Collection, PutOptions, Saved } from './contract.ts';
import type { Database, Row } from './database.ts';

const maxIdLength = 512;
/** A saved object larger than this belongs in a store of its own. */
const maxValueBytes = 8 * 1024 * 1024;

export function documentCollection<T>(
  database: Database,
  name: string,
  clock: Clock,
): Collection<T> {
  const find = (id: string): Saved<T> | undefined => {
    const row = database.get(
      'SELECT id, version, created_ms, updated_ms, value FROM documents WHERE collection = ? AND id = ?',
      name,
      id,
    );
    return row === undefined ? undefined : savedOf<T>(row);
  };

  const mustHaveVersion = (id: string, held: number, options: PutOptions | undefined): void => {
    if (options?.ifVersion === undefined || options.ifVersion === held) return;
    throw new AppError('STATE_CONFLICT', `"${id}" was changed by somebody else meanwhile`, {
      hint: 'Read it again and repeat the change',
      details: { collection: name, id, version: held, expected: options.ifVersion },
    });
  };

  return {
    get: async (id) => find(id),
    list: async ({ prefix = '', after, limit } = {}) =>
      database
        .all(
          `SELECT id, version, created_ms, updated_ms, value FROM documents
           WHERE collection = ? AND id >= ? AND id > ? AND substr(id, 1, ?) = ?
           ORDER BY id LIMIT ?`,
          name,
          prefix,
          after ?? '',
          // SQLite counts code points where JavaScript counts UTF-16 units.
          [...prefix].length,
          prefix,
          limit ?? -1,
        )
        .map(savedOf<T>),
    put: async (id, value, options) => {
      if (id === '' || id.length > maxIdLength) {
        throw new AppError('STATE_INVALID', `An id must have 1 to ${maxIdLength} characters`, {
          details: { collection: name, length: id.length },
        });
      }
      const text = JSON.stringify(value);
      if (text.length > maxValueBytes) {
        throw new AppError('STATE_INVALID', `"${id}" is too large to be saved`, {
          details: { collection: name, id, bytes: text.length, maxBytes: maxValueBytes },
        });
      }
      return database.transaction(() => {
        const held = find(id);
        mustHaveVersion(id, held?.version ?? 0, options);
        const nowMs = clock.nowMs();
        const saved: Saved<T> = {
          id,
          version: (held?.version ?? 0) + 1,
          createdMs: held?.createdMs ?? nowMs,
          updatedMs: nowMs,
          value: JSON.parse(text) as T,
        };
        database.run(
          'INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)',
          name,
          id,
          saved.version,
          saved.createdMs,
          saved.updatedMs,
          text,
        );
        return saved;
      });
    },
    delete: async (id, options) =>
      database.transaction(() => {
        const held = find(id);
        mustHaveVersion(id, held?.version ?? 0, options);
        return (
          database.run('DELETE FROM documents WHERE collection = ? AND id = ?', name, id) === 1
        );
      }),
  };
}

function savedOf<T>(row: Row): Saved<T> {
  return {
    id: String(row['id']),
    version: Number(row['version']),
    createdMs: Number(row['created_ms']),
    updatedMs: Number(row['updated_ms']),
    value: JSON.parse(String(row['value'])) as T,
  };
}
