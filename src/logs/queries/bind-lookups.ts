import { type Plan, printLookupTable } from '#logs/insights';
import type { LookupTables } from '#logs/lookup-tables';
import type { LogScan } from '#logs/store';

/**
 * Puts the rows that the plan looks up into tables of the scan's connection. They go in as one
 * bound value each, never as text of the statement.
 */
export async function bindLookups(
  plan: Plan,
  scan: LogScan,
  deps: { readonly lookupTables: LookupTables | undefined; readonly signal: AbortSignal },
): Promise<void> {
  for (const [index, lookup] of plan.lookups.entries()) {
    const rows = (await deps.lookupTables?.rows(lookup)) ?? [];
    const params = [JSON.stringify(rows)];
    const made = scan.run(printLookupTable(plan, index), { params, signal: deps.signal });
    for await (const _ of made);
  }
}
