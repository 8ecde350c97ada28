import type { Health } from '../contract.ts';
import type { ReadRows } from './reader.ts';

/** Who we are, and whether we may do more than read. */
const healthSql = `SELECT current_setting('server_version'), current_user,
    EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper),
    EXISTS (
      SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
        AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    ),
    has_database_privilege(current_database(), 'CREATE')`;

/** Reaches the database, and says what a role for dashboards should not be able to do. */
export async function healthOf(read: (sql: string) => Promise<ReadRows>): Promise<Health> {
  const [version, role, isSuperuser, mayWrite, mayCreate] = (await read(healthSql)).rows[0] ?? [];
  const rights = [
    ...(isSuperuser === 't' ? ['is a superuser'] : []),
    ...(mayWrite === 't' ? ['may write to tables'] : []),
    ...(mayCreate === 't' ? ['may create schemas'] : []),
  ];
  const advice =
    rights.length === 0
      ? []
      : [
          `The role "${role}" ${rights.join(', ')}. Queries run in read-only transactions; a role that may only read is safer: CREATE ROLE reader LOGIN PASSWORD '…'; GRANT pg_read_all_data TO reader;`,
        ];
  return {
    status: 'OK',
    message: 'Database Connection OK',
    details: { version: version ?? '', role: role ?? '' },
    ...(advice.length === 0 ? {} : { advice }),
  };
}
