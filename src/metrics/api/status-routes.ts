import { availableParallelism, hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { CardinalityEntry } from '#metrics/tsdb';
import type { MetricsApiDeps } from './contract.ts';
import { prometheusRoute } from './http.ts';
import { badParameter } from './parameters.ts';

/** A list longer than this is a download, not a page. */
const maxCardinalityEntries = 10_000;

/** `/status/…`. */
export function registerStatusRoutes(app: FastifyInstance, deps: MetricsApiDeps): void {
  const { store, config, clock } = deps;
  const build = {
    version: referenceVersion,
    revision: `nunchi-${deps.version}`,
    branch: 'HEAD',
    buildUser: 'nunchi',
    buildDate: '',
    goVersion: `node ${process.version}`,
  };

  prometheusRoute(app, '/api/v1/status/config', {}, () => ({
    data: { yaml: config?.yaml() ?? '' },
  }));
  prometheusRoute(app, '/api/v1/status/flags', {}, () => ({ data: deps.flags() }));
  // No key `features`: Grafana takes a server that has one for another product.
  prometheusRoute(app, '/api/v1/status/buildinfo', {}, () => ({
    data: build,
  }));
  app.get('/version', { config: { access: 'viewer' } }, (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(build)),
  );
  prometheusRoute(app, '/api/v1/features', {}, () => ({ data: deps.features?.() ?? {} }));
  prometheusRoute(app, '/api/v1/status/runtimeinfo', {}, () => ({
    data: {
      startTime: new Date(deps.startMs).toISOString(),
      CWD: process.cwd(),
      hostname: hostname(),
      serverTime: new Date(clock.nowMs()).toISOString(),
      reloadConfigSuccess: config?.lastReload.ok ?? true,
      lastConfigTime: new Date(config?.lastReload.atMs ?? deps.startMs).toISOString(),
      corruptionCount: 0,
      goroutineCount: 0,
      GOMAXPROCS: availableParallelism(),
      GOMEMLIMIT: 0,
      GOGC: '',
      GODEBUG: '',
      storageRetention: deps.storageRetention(),
    },
  }));
  prometheusRoute(app, '/api/v1/status/walreplay', {}, () => ({
    data: { min: 0, max: 0, current: 0, state: 'done' },
  }));
  prometheusRoute(app, '/api/v1/status/tsdb', {}, async ({ parameters }) => {
    const limit = parameters.text('limit') === '' ? 10 : parameters.limit();
    if (limit < 1) throw badParameter('limit', 'limit must be a positive number');
    if (limit > maxCardinalityEntries) {
      throw badParameter('limit', `limit must not exceed ${maxCardinalityEntries}`);
    }
    const cardinality = await store.cardinality(limit);
    const head = store.headStats();
    return {
      data: {
        headStats: {
          numSeries: head.series,
          numLabelPairs: cardinality.labelPairs,
          chunkCount: head.chunks,
          minTime: head.minTimeMs ?? 0,
          maxTime: head.maxTimeMs ?? 0,
        },
        seriesCountByMetricName: plain(cardinality.seriesCountByMetricName),
        labelValueCountByLabelName: plain(cardinality.labelValueCountByLabelName),
        memoryInBytesByLabelName: plain(cardinality.memoryInBytesByLabelName),
        seriesCountByLabelValuePair: plain(cardinality.seriesCountByLabelValuePair),
      },
    };
  });
  prometheusRoute(app, '/api/v1/status/tsdb/blocks', {}, () => ({
    data: {
      blocks: store.blocks().map((block) => ({
        ulid: block.id,
        minTime: block.minTimeMs,
        maxTime: block.maxTimeMs,
        stats: { numSamples: block.samples, numSeries: block.series, numBytes: block.sizeBytes },
        compaction: { level: block.level },
        version: 1,
      })),
    },
  }));
}

/** What clients that look at versions are told: the reference whose behaviour this is. */
const referenceVersion = '3.14.0';

const plain = (entries: readonly CardinalityEntry[]): unknown =>
  entries.map(({ name, value }) => ({ name, value }));
