import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { openStateStore, type StateStore } from '#state';
import { cloudwatchKind } from './cloudwatch/aws.ts';
import type { Frame, FramesResult } from './contract.ts';
import { infinityKind } from './infinity/kind.ts';
import type { KindDeps, QueryLimits } from './kind.ts';
import { postgresKind } from './postgres/kind.ts';
import { prometheusKind } from './prometheus/remote.ts';
import { type BuiltInSource, openDataSources, type ProvisionedDataSources } from './service.ts';

export const testLimits: QueryLimits & { readonly maxConcurrent: number } = {
  timeoutMs: 20_000,
  maxSeries: 100,
  maxRows: 1000,
  maxPoints: 100_000,
  maxAnswerBytes: 4 * 1024 * 1024,
  maxConcurrent: 8,
};

export interface TestSources extends AsyncDisposable {
  readonly sources: ProvisionedDataSources;
  readonly state: StateStore;
  readonly dataDir: string;
  /** Those that were changed count at the next query. */
  limits: typeof testLimits;
}

/** Data sources over a state of their own. Loopback may be reached unless told otherwise. */
export async function openTestSources(
  options: {
    readonly allowedNetworks?: readonly string[];
    readonly builtIn?: readonly BuiltInSource[];
  } = {},
): Promise<TestSources> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-sources-'));
  const state = await openStateStore({ dataDir });
  const deps: KindDeps = {
    clock: systemClock,
    log: silentLogger,
    env: {},
    version: '0.0.0',
    allowedNetworks: () => options.allowedNetworks ?? ['127.0.0.0/8', '::1'],
  };
  const rig = { limits: testLimits };
  const sources = await openDataSources({
    state,
    clock: systemClock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    kinds: [prometheusKind(deps), postgresKind(deps), cloudwatchKind(deps), infinityKind(deps)],
    builtIn: options.builtIn ?? [],
    limits: () => rig.limits,
  });
  return Object.assign(rig, {
    sources,
    state,
    dataDir,
    [Symbol.asyncDispose]: async () => {
      await sources[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  });
}

/** One query of the default data source, or of another. */
export async function askOne(
  { sources }: Pick<TestSources, 'sources'>,
  query: Readonly<Record<string, unknown>>,
  options: { readonly fromMs?: number; readonly toMs?: number; readonly signal?: AbortSignal } = {},
): Promise<FramesResult> {
  const { fromMs = 0, toMs = 3_600_000, signal = new AbortController().signal } = options;
  const results = await sources.query(
    { fromMs, toMs, queries: [{ refId: 'A', ...query }] },
    signal,
  );
  return results.get('A')!;
}

/** Columns by name, as plain lists. */
export function columnsOf(frame: Frame | undefined): Record<string, unknown[]> {
  return Object.fromEntries(
    (frame?.fields ?? []).map(({ name, values }) => [name, Array.from(values as unknown[])]),
  );
}
