import type { Completion, CompletionSource } from '@codemirror/autocomplete';
import { ApiError } from '../api/client.ts';
import { dashboardsApi } from '../api/dashboards.ts';
import { metricsApi, type WireMetadata } from '../api/metrics.ts';
import { type LabelSource, promqlCompletion } from '../promql/completion.ts';
import { type PromqlProblem, problemOf } from '../promql/parse-error.ts';
import { hasVariables, withoutVariables } from './promql-variables.ts';

/** Labels and metrics of any Prometheus data source. */
export function labelSource(uid: string): LabelSource {
  return {
    metadata: () =>
      dashboardsApi.prometheus<Readonly<Record<string, readonly WireMetadata[]>>>(
        uid,
        'metadata',
        {},
      ),
    labelNames: (match) => dashboardsApi.prometheus(uid, 'labels', { 'match[]': match }),
    labelValues: (name, match, limit) =>
      dashboardsApi.prometheus(uid, `label/${encodeURIComponent(name)}/values`, {
        'match[]': match,
        limit,
      }),
  };
}

/** What the step makes, besides the dashboard's own variables. */
const builtIns = ['__rate_interval', '__interval', '__interval_ms', '__range', '__range_s'];

/** Completion of PromQL that offers variables after a dollar. */
export function completeWithVariables(
  uid: string,
  variables: () => readonly string[],
): CompletionSource {
  const promql = promqlCompletion(labelSource(uid), uid);
  return (context) => {
    const typed = context.matchBefore(/\$\{?\w*/);
    if (typed === null) return promql(context);
    const options = [...variables(), ...builtIns].map(
      (name): Completion => ({ label: `$${name}`, type: 'variable', boost: 2 }),
    );
    return { from: typed.from, options, validFor: /^\$\{?\w*$/ };
  };
}

/** Whether the server takes the expression, whatever its variables are. */
export async function checkWithVariables(expr: string): Promise<readonly PromqlProblem[]> {
  const first = await problemIn(expr, withoutVariables(expr, 'name'));
  if (first === undefined || !hasVariables(expr)) return first === undefined ? [] : [first];
  const second = await problemIn(expr, withoutVariables(expr, 'number'));
  return second === undefined ? [] : [first];
}

async function problemIn(expr: string, text: string): Promise<PromqlProblem | undefined> {
  try {
    await metricsApi.parse(text);
    return undefined;
  } catch (error) {
    // A server that does not answer says nothing about the expression.
    if (!(error instanceof ApiError) || error.code !== 'bad_data') return undefined;
    return problemOf(expr, error.message);
  }
}
