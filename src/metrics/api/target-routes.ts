import type { FastifyInstance } from 'fastify';
import { AppError } from '#base';
import type { LabelMatcher, MetricMetadata } from '#metrics/model';
import type { ActiveTarget } from '#metrics/scrape';
import type { MetricsApiDeps } from './contract.ts';
import { prometheusRoute } from './http.ts';
import { selectorOf } from './label-routes.ts';
import { badParameter } from './parameters.ts';

/** What Go prints for a time that never was. */
const neverText = '0001-01-01T00:00:00Z';

/** `/targets`, `/scrape_pools` and what targets say of their metrics. */
export function registerTargetRoutes(app: FastifyInstance, deps: MetricsApiDeps): void {
  const { scrape, store, language } = deps;

  prometheusRoute(app, '/api/v1/targets', {}, ({ parameters }) => {
    const state = parameters.text('state').toLowerCase() || 'any';
    const pool = parameters.text('scrapePool') || undefined;
    const wantsActive = state === 'any' || state === 'active';
    const wantsDropped = state === 'any' || state === 'dropped';
    return {
      data: {
        activeTargets: wantsActive ? (scrape?.active(pool).map(targetJson) ?? []) : [],
        droppedTargets: wantsDropped ? (scrape?.dropped(pool) ?? []) : [],
        droppedTargetCounts: wantsDropped ? (scrape?.droppedCounts(pool) ?? {}) : {},
      },
    };
  });

  prometheusRoute(app, '/api/v1/scrape_pools', {}, () => ({
    data: { scrapePools: scrape?.pools() ?? [] },
  }));

  prometheusRoute(app, '/api/v1/scrape_pools/config', {}, ({ parameters }) => {
    const yaml = scrape?.poolConfig(parameters.text('scrapePool'));
    if (yaml === undefined) throw new AppError('METRICS_NOT_FOUND', 'scrape pool not found');
    return { data: { yaml } };
  });

  prometheusRoute(app, '/api/v1/targets/relabel_steps', {}, ({ parameters }) => {
    const pool = parameters.text('scrapePool');
    let labels: unknown;
    try {
      labels = JSON.parse(parameters.text('labels'));
    } catch (error) {
      throw badParameter('labels', error instanceof Error ? error.message : String(error));
    }
    if (!isTextRecord(labels)) throw badParameter('labels', 'must be a JSON object of texts');
    if (scrape === undefined || !scrape.pools().includes(pool)) {
      throw new AppError('METRICS_NOT_FOUND', `scrape pool ${JSON.stringify(pool)} not found`);
    }
    return { data: { steps: scrape.relabelSteps(pool, labels) } };
  });

  prometheusRoute(app, '/api/v1/targets/metadata', {}, ({ parameters }) => {
    const limit = parameters.count('limit');
    const metric = parameters.text('metric');
    const matchTarget = parameters.text('match_target');
    const matchers = matchTarget === '' ? [] : selectorOf('match_target', matchTarget, language);
    const found: unknown[] = [];
    for (const entry of scrape?.metadata() ?? []) {
      if (found.length >= limit) break;
      if (metric !== '' && entry.metric !== metric) continue;
      if (!matchesAll(matchers, entry.target)) continue;
      const name = metric === '' ? { metric: entry.metric } : {};
      found.push({ target: entry.target, ...name, ...metadataJson(entry.metadata) });
    }
    return { data: found };
  });

  prometheusRoute(app, '/api/v1/metadata', {}, ({ parameters }) => {
    const limit = parameters.count('limit');
    const perMetric = parameters.count('limit_per_metric');
    const metric = parameters.text('metric') || undefined;
    const data: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    let count = 0;
    for (const [name, entries] of store.metadata(metric)) {
      if (count++ >= limit) break;
      data[name] = entries.slice(0, perMetric).map(metadataJson);
    }
    return { data };
  });
}

function targetJson({ lastScrapeMs, lastScrapeDurationSeconds, ...target }: ActiveTarget): unknown {
  return {
    ...target,
    lastScrape: lastScrapeMs === undefined ? neverText : new Date(lastScrapeMs).toISOString(),
    lastScrapeDuration: lastScrapeDurationSeconds,
  };
}

const metadataJson = ({ type, help, unit }: MetricMetadata): MetricMetadata => ({
  type,
  help,
  unit,
});

function matchesAll(
  matchers: readonly LabelMatcher[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return matchers.every((matcher) => matcher.matches(labels[matcher.name] ?? ''));
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}
