import { type Diagnostic, Diagnostics } from './diagnostics.ts';
import { printRows } from './duckdb.ts';
import type { Plan, QueryContext } from './plan.ts';
import { TooComplexError } from './sql-text.ts';

/** What keeps a plan from becoming a statement; undefined where nothing does. */
export function printingFault(
  plan: Plan,
  text: string,
  context: QueryContext,
): Diagnostic | undefined {
  try {
    printRows(plan, { relation: 'events', accountId: '', context, maxRows: undefined });
    return undefined;
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error;
    const diagnostics = new Diagnostics(text);
    diagnostics.error({ start: 0, end: text.length }, 'TOO_COMPLEX');
    return diagnostics.list[0];
  }
}
