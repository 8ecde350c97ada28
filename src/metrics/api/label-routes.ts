import type { FastifyInstance } from 'fastify';
import { AppError } from '#base';
import { type LabelMatcher, type LabelQuery, labelsToRecord } from '#metrics/model';
import type { MetricsApiDeps, QueryLanguage } from './contract.ts';
import { unescapeName } from './escaped-names.ts';
import { type ApiCall, prometheusRoute } from './http.ts';
import { badParameter, maxTimeMs, minTimeMs } from './parameters.ts';

/** `/series`, `/labels`, `/label/NAME/values`. */
export function registerLabelRoutes(app: FastifyInstance, deps: MetricsApiDeps): void {
  const { language } = deps;
  const queryable = deps.queryable ?? deps.store;
  const both = { methods: ['GET', 'POST'] } as const;

  prometheusRoute(app, '/api/v1/series', both, async (call) => {
    if (call.parameters.all('match[]').length === 0) {
      throw new AppError('METRICS_BAD_DATA', 'no match[] parameter provided');
    }
    const { query, limit, warnings } = labelQuery(call, language);
    const kept = cut(await queryable.series(query, call.signal), limit, warnings);
    return { data: kept.map(labelsToRecord), warnings };
  });

  prometheusRoute(app, '/api/v1/labels', both, async (call) => {
    const { query, limit, warnings } = labelQuery(call, language);
    const kept = cut(await queryable.labelNames(query, call.signal), limit, warnings);
    return { data: kept, warnings };
  });

  prometheusRoute(app, '/api/v1/label/:name/values', {}, async (call) => {
    const name = unescapeName((call.request.params as { name: string }).name);
    if (name === '' || !name.isWellFormed()) {
      throw new AppError('METRICS_BAD_DATA', `invalid label name: ${JSON.stringify(name)}`);
    }
    const { query, limit, warnings } = labelQuery(call, language);
    const kept = cut(await queryable.labelValues(name, query, call.signal), limit, warnings);
    return { data: kept, warnings };
  });
}

/** One more than the limit is asked for, to know whether something was left out. */
function labelQuery(
  { parameters }: ApiCall,
  language: QueryLanguage,
): { readonly query: LabelQuery; readonly limit: number; readonly warnings: string[] } {
  const fromMs = parameters.timeMs('start', minTimeMs);
  const toMs = parameters.timeMs('end', maxTimeMs);
  if (toMs < fromMs) throw badParameter('end', 'end timestamp must not be before start timestamp');
  const limit = parameters.limit();
  const matcherSets = matcherSetsOf(parameters.all('match[]'), language);
  const warnings: string[] = [];
  return {
    query: {
      matcherSets,
      fromMs,
      toMs,
      onWarning: (text) => {
        if (!warnings.includes(text)) warnings.push(text);
      },
      ...(limit > 0 ? { limit: limit + 1 } : {}),
    },
    limit,
    warnings,
  };
}

/** @throws {AppError} METRICS_BAD_DATA */
export function matcherSetsOf(
  texts: readonly string[],
  language: QueryLanguage,
): readonly (readonly LabelMatcher[])[] {
  return texts.map((text) => {
    const matchers = selectorOf('match[]', text, language);
    if (matchers.every((matcher) => matcher.matches(''))) {
      throw badParameter('match[]', 'match[] must contain at least one non-empty matcher');
    }
    return matchers;
  });
}

/** The selector that is the value of a parameter. @throws {AppError} METRICS_BAD_DATA */
export function selectorOf(
  parameter: string,
  text: string,
  language: QueryLanguage,
): readonly LabelMatcher[] {
  try {
    return language.selector(text);
  } catch (error) {
    if (error instanceof AppError && error.code === 'PROMQL_PARSE') {
      throw badParameter(parameter, error.message);
    }
    throw error;
  }
}

function cut<T>(found: readonly T[], limit: number, warnings: string[]): readonly T[] {
  if (limit === 0 || found.length <= limit) return found;
  warnings.push('results truncated due to limit');
  return found.slice(0, limit);
}
