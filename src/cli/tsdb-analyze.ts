import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, formatBytes, isAppError, silentLogger } from '#base';
import { type ClientFlags, callServer } from './client.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { printable } from './query.ts';
import { formatTable } from './table.ts';

export interface TsdbAnalyzeFlags extends ClientFlags {
  readonly limit: string;
}

interface Entry {
  readonly name: string;
  readonly value: number;
}

/** What both a server and a folder can tell; times in Unix ms. */
interface Analysis {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly Entry[];
  readonly labelValueCountByLabelName: readonly Entry[];
  readonly memoryInBytesByLabelName: readonly Entry[];
  readonly seriesCountByLabelValuePair: readonly Entry[];
  readonly blocks: readonly Block[];
}

interface Block {
  readonly ulid: string;
  readonly minTime: number;
  readonly maxTime: number;
  readonly series: number;
  readonly samples: number;
  readonly bytes: number;
}

interface ApiBlock {
  readonly ulid: string;
  readonly minTime: number;
  readonly maxTime: number;
  readonly stats: {
    readonly numSamples?: number;
    readonly numSeries?: number;
    readonly numBytes?: number;
  };
}

/** `/api/v1/status/tsdb` answers with no more. */
const maxLimit = 10_000;

/**
 * `nunchi tsdb analyze`: where series come from. The series are those that are being written now (the
 * head); blocks are listed with their size.
 * @param dataDir of a server that does not run; undefined: a running server is asked
 */
export async function analyzeTsdb(
  dataDir: string | undefined,
  flags: TsdbAnalyzeFlags,
): Promise<void> {
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new AppError('INVALID_LIMIT', `--limit must be 1 to ${maxLimit}, not "${flags.limit}"`);
  }
  const analysis =
    dataDir === undefined ? await askServer(flags, limit) : await readFolder(dataDir, limit);
  process.stdout.write(textOf(analysis));
}

async function askServer(flags: ClientFlags, limit: number): Promise<Analysis> {
  const ask = async <T>(path: string): Promise<T> => {
    const response = await callServer(flags, path);
    return ((await response.json()) as { readonly data: T }).data;
  };
  const status = await ask<Omit<Analysis, 'blocks'>>(`/api/v1/status/tsdb?limit=${limit}`);
  const { blocks } = await ask<{ readonly blocks: readonly ApiBlock[] }>(
    '/api/v1/status/tsdb/blocks',
  ).catch((error: unknown) => {
    // Prometheus before 3.6 does not have this.
    if (isAppError(error, 'SERVER_ERROR')) return { blocks: [] };
    throw error;
  });
  return {
    ...status,
    blocks: blocks.map(({ ulid, minTime, maxTime, stats }) => ({
      ulid,
      minTime,
      maxTime,
      series: stats.numSeries ?? 0,
      samples: stats.numSamples ?? 0,
      bytes: stats.numBytes ?? 0,
    })),
  };
}

async function readFolder(dataDir: string, limit: number): Promise<Analysis> {
  const directory = join(dataDir, 'metrics');
  if (!existsSync(directory)) {
    throw new AppError('NO_METRIC_STORE', `There are no metrics in ${dataDir}`, {
      hint: 'Name the data directory of a server (server.dataDir), or ask a running one with --server',
    });
  }
  using _lock = lockDataDir(dataDir);
  const { openMetricStore } = await import('#metrics/tsdb');
  await using store = await openMetricStore({
    directory,
    maintenanceEveryMs: 0,
    log: silentLogger,
  });
  const { labelPairs, ...lists } = await store.cardinality(limit);
  const { series, chunks, minTimeMs = 0, maxTimeMs = 0 } = store.headStats();
  return {
    ...lists,
    headStats: {
      numSeries: series,
      numLabelPairs: labelPairs,
      chunkCount: chunks,
      minTime: minTimeMs,
      maxTime: maxTimeMs,
    },
    blocks: store.blocks().map((block) => ({
      ulid: block.id,
      minTime: block.minTimeMs,
      maxTime: block.maxTimeMs,
      series: block.series,
      samples: block.samples,
      bytes: block.sizeBytes,
    })),
  };
}

function textOf(analysis: Analysis): string {
  const { headStats, blocks } = analysis;
  const time = (ms: number): string => (ms === 0 ? '-' : new Date(ms).toISOString());
  const table = (title: string, heading: string, entries: readonly Entry[]): string =>
    entries.length === 0
      ? ''
      : `\n${title}\n${formatTable(
          [heading, 'count'],
          entries.map(({ name, value }) => [printable(name), String(value)]),
        )}`;
  const facts = formatTable(
    ['series', 'label pairs', 'chunks', 'from', 'to'],
    [
      [
        String(headStats.numSeries),
        String(headStats.numLabelPairs),
        String(headStats.chunkCount),
        time(headStats.minTime),
        time(headStats.maxTime),
      ],
    ],
  );
  const blockTable = formatTable(
    ['block', 'from', 'to', 'series', 'samples', 'size'],
    blocks.map(({ ulid, minTime, maxTime, series, samples, bytes }) => [
      ulid,
      time(minTime),
      time(maxTime),
      String(series),
      String(samples),
      formatBytes(bytes),
    ]),
  );
  return [
    facts,
    table('Series by metric', 'metric', analysis.seriesCountByMetricName),
    table('Values by label', 'label', analysis.labelValueCountByLabelName),
    table('Bytes of values by label', 'label', analysis.memoryInBytesByLabelName),
    table('Series by label and value', 'label=value', analysis.seriesCountByLabelValuePair),
    blocks.length === 0 ? '' : `\nBlocks\n${blockTable}`,
  ].join('');
}
