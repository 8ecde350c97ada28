import { checkQueryTree } from './check.ts';
import { type Diagnostic, Diagnostics } from './diagnostics.ts';
import { parseQuery } from './parser.ts';
import type { Plan, QueryContext } from './plan.ts';

/** CloudWatch's bound on the length of a query. */
export const maxQueryChars = 10_000;

/**
 * Text to plan. `plan` is undefined when there is an error among the diagnostics.
 * Needs nothing of Node: the editor in the browser runs it too.
 */
export function compileQuery(
  text: string,
  context: QueryContext,
): { readonly plan: Plan | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics(text);
  if (text.length > maxQueryChars) {
    diagnostics.error({ start: maxQueryChars, end: text.length }, 'QUERY_TOO_LONG', {
      max: maxQueryChars,
    });
    return { plan: undefined, diagnostics: diagnostics.list };
  }
  const tree = parseQuery(text, diagnostics);
  // Names are looked at only where the syntax is sound: else one slip makes a list of errors.
  if (diagnostics.hasErrors) return { plan: undefined, diagnostics: diagnostics.list };
  const plan = checkQueryTree(tree, text, context, diagnostics);
  return { plan: diagnostics.hasErrors ? undefined : plan, diagnostics: diagnostics.list };
}

/** Errors and warnings of a text, for an editor; never throws. */
export function checkQuery(text: string): readonly Diagnostic[] {
  return compileQuery(text, { fromMs: 0, toMs: 3_600_000, nowMs: 3_600_000 }).diagnostics;
}
