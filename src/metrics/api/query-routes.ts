import type { FastifyInstance } from 'fastify';
import { AppError } from '#base';
import { labelsToRecord } from '#metrics/model';
import type { QueryOptions, QueryResult } from '#metrics/promql';
import type { MetricsApiDeps } from './contract.ts';
import { type ApiAnswer, type ApiCall, prometheusRoute, sendChunks, sent } from './http.ts';
import { valueText } from './number-text.ts';
import { badParameter, maxTimeMs, minTimeMs } from './parameters.ts';
import { resultJson } from './result-json.ts';

/** More points than any screen has; a query for more is a mistake in the step. */
const maxPoints = 11_000;

/** Queries: `/query`, `/query_range`, and what helps to write them. */
export function registerQueryRoutes(app: FastifyInstance, deps: MetricsApiDeps): void {
  const { engine, language, store } = deps;
  const both = { methods: ['GET', 'POST'] } as const;

  prometheusRoute(app, '/api/v1/query', both, async (call) => {
    const { parameters, signal } = call;
    parameters.limit();
    const atMs = parameters.timeMs('time', deps.clock.nowMs());
    const options = queryOptions(call);
    const result = await parsed(() =>
      engine.instant(parameters.text('query'), atMs, options, signal),
    );
    return answer(call, result, { startMs: atMs, stepMs: 0 }, deps);
  });

  prometheusRoute(app, '/api/v1/query_range', both, async (call) => {
    const { parameters, signal } = call;
    parameters.limit();
    const startMs = requiredTime(call, 'start');
    const endMs = requiredTime(call, 'end');
    if (endMs < startMs) throw badParameter('end', 'end timestamp must not be before start time');
    const stepMs = Math.round(parameters.durationMs('step'));
    if (stepMs <= 0) {
      throw badParameter(
        'step',
        'zero or negative query resolution step widths are not accepted. Try a positive integer',
      );
    }
    if ((endMs - startMs) / stepMs > maxPoints) {
      throw new AppError(
        'METRICS_BAD_DATA',
        'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      );
    }
    const options = queryOptions(call);
    const window = { startMs, endMs, stepMs };
    const result = await parsed(() =>
      engine.range(parameters.text('query'), window, options, signal),
    );
    return answer(call, result, window, deps);
  });

  prometheusRoute(app, '/api/v1/query_exemplars', both, async ({ parameters }) => {
    const startMs = parameters.timeMs('start', minTimeMs);
    const endMs = parameters.timeMs('end', maxTimeMs);
    if (endMs < startMs)
      throw badParameter('end', 'end timestamp must not be before start timestamp');
    const sets = await parsed(async () => language.selectors(parameters.text('query')));
    const found = sets.length === 0 ? [] : store.exemplars(sets, startMs, endMs);
    return {
      data: found.map(({ labels, exemplars }) => ({
        seriesLabels: labelsToRecord(labels),
        exemplars: exemplars.map((exemplar) => ({
          labels: labelsToRecord(exemplar.labels),
          value: valueText(exemplar.value),
          timestamp: exemplar.timeMs / 1000,
        })),
      })),
    };
  });

  prometheusRoute(app, '/api/v1/format_query', both, async ({ parameters }) => ({
    data: await parsed(async () => language.format(parameters.text('query'))),
  }));
  prometheusRoute(app, '/api/v1/parse_query', both, async ({ parameters }) => ({
    data: await parsed(async () => language.tree(parameters.text('query'))),
  }));
}

function requiredTime({ parameters }: ApiCall, name: string): number {
  if (parameters.text(name) === '')
    throw badParameter(name, 'cannot parse "" to a valid timestamp');
  return parameters.timeMs(name, 0);
}

function queryOptions({ parameters }: ApiCall): QueryOptions {
  const timeoutMs =
    parameters.text('timeout') === '' ? undefined : parameters.durationMs('timeout');
  // Nothing and less mean the server's own, as in the reference.
  const lookbackMs = parameters.durationMs('lookback_delta', 0);
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(lookbackMs <= 0 ? {} : { lookbackMs }),
    ...(parameters.text('stats') === 'all' ? { wantSamplesPerStep: true } : {}),
  };
}

/** A query that is no query is a wrong parameter. */
async function parsed<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AppError && error.code === 'PROMQL_PARSE') {
      throw badParameter('query', error.message);
    }
    throw error;
  }
}

function answer(
  call: ApiCall,
  result: QueryResult,
  steps: { readonly startMs: number; readonly stepMs: number },
  { language }: MetricsApiDeps,
): ApiAnswer {
  const { parameters, request, reply } = call;
  const chunks = resultJson(result, {
    limit: parameters.limit(),
    ...(parameters.text('stats') === '' ? {} : { statsOfSteps: steps }),
    buckets: (histogram) => language.buckets(histogram),
  });
  sendChunks(request, reply, chunks, 'application/json');
  return sent;
}
