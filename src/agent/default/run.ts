import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, type Clock, type Logger, type MetricsRegistry } from '#base';
import { ContainerHandler, newContainerStats } from '../container/handler.ts';
import { type ContainerName, containerNameOf } from '../container/names.ts';
import type { AgentEvent, Input } from '../contract.ts';
import { controlPlaneInput } from '../control-plane/input.ts';
import type { MetricDeps } from '../metrics/run.ts';
import { builtinMultiline } from '../multiline/builtin.ts';
import { RuleMachines } from '../multiline/rules.ts';
import { BatchWriter } from '../ship/batch-writer.ts';
import { BatchClient } from '../ship/client.ts';
import { Shipper } from '../ship/shipper.ts';
import { Spool } from '../spool/spool.ts';
import { FileFollower, type FollowerOptions } from '../tail/follower.ts';
import { newTailStats } from '../tail/stats.ts';
import { isBinaryFile } from './binary.ts';
import {
  containerPlace,
  discover,
  filePlace,
  kubernetesObject,
  type Place,
  storeName,
} from './discover.ts';
import { fileHandler } from './file-input.ts';
import { Lane } from './lane.ts';
import { wantedRecords } from './machine.ts';
import { registerAgentMetrics } from './metrics.ts';
import { type KubernetesText, NodePods } from './node-pods.ts';
import type { AgentOptions } from './options.ts';
import { reportStatus } from './status.ts';
import { TextHandler } from './text-handler.ts';

/** An input of records (the journal, the kernel's log) and how its events become messages. */
export interface RecordSource {
  readonly input: Input;
  readonly place: (tag: string, event: AgentEvent) => Place;
  readonly message: (event: AgentEvent) => string;
}

export interface AgentDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Inputs besides files. */
  readonly records?: readonly RecordSource[];
}

const defaultSpoolBytes = 2 * 1024 * 1024 * 1024;
/** CloudWatch's bound of one event, less what a record adds. */
const maxLineBytes = 1_000_000;
const refreshIntervalMs = 10_000;
const defaultFlushMs = 200;
const defaultGraceMs = 5000;
/** A line in pieces, or an open group of lines, is not kept longer than this without a new piece. */
const idleFlushMs = 5000;
/** Names remembered; beyond it they are looked at again. */
const maxBinaryFiles = 10_000;

/**
 * Runs the agent without a configuration file until the signal aborts: container logs and plain
 * logs of this machine go to a Nunchi server, each line exactly once.
 */
export async function runAgent(
  options: AgentOptions,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, metrics } = deps;
  const scratchFolder = join(options.folder, 'scratch');
  // Unpacked files of an earlier run: they are unpacked again where they are needed.
  rmSync(scratchFolder, { recursive: true, force: true });
  mkdirSync(scratchFolder, { recursive: true });
  const client = new BatchClient({ ...options.server, timeoutMs: 60_000, maxConnections: 4 });
  const maxBytes = options.maxSpoolBytes ?? defaultSpoolBytes;
  await using spool = await Spool.open({ folder: options.folder, maxBytes }, deps);
  const writer = new BatchWriter(() => clock.nowMs());
  const tailStats = newTailStats();
  const stats = newContainerStats();
  const saved = spool.checkpoints();
  const found = discover();
  const lanes: Lane[] = [];
  const wallMs = (): number => clock.nowMs();
  const nowMs = (): number => clock.monotonicMs();
  const node = { host: options.host, cluster: options.cluster ?? 'local' };
  const joiner = joinerOf(options.multiline ?? []);
  const { fileInputs = [], maxFirstReadBytes } = options;
  const ownPaths = fileInputs.flatMap(({ paths }) => paths);
  const excludePaths = [
    ...(options.excludePaths ?? []),
    join(resolve(options.folder), 'scratch/*'),
    join(resolve(options.folder), 'spool/*'),
    join(resolve(options.folder), 'metrics/*'),
  ];
  const isFirstStart = saved.length === 0;
  if (isFirstStart) {
    logger.info('First start: log files that are already there are read from their head', {
      enabled: options.fromHead ?? true,
      maxBytesPerFile: maxFirstReadBytes,
    });
  }
  const isTextFile = textFiles(logger);

  const followerOf = (
    name: string,
    paths: readonly string[],
    handlerFor: ConstructorParameters<typeof FileFollower>[1]['handlerFor'],
    own: Partial<Pick<FollowerOptions, 'excludePaths' | 'fromHead'>> = {},
  ): FileFollower => {
    const settings: FollowerOptions = {
      name,
      paths,
      excludePaths: [...excludePaths, ...(own.excludePaths ?? ownPaths)],
      // What came while the agent was away is never passed over.
      fromHead: !isFirstStart || (own.fromHead ?? options.fromHead ?? true),
      ...(isFirstStart && maxFirstReadBytes !== undefined ? { maxFirstReadBytes } : {}),
      newFromHead: true,
      refreshIntervalMs,
      rotateWaitMs: 5000,
      maxLineBytes,
      longLines: 'split',
      ignoreOlderMs: 0,
      sliceBytes: 256 * 1024,
      maxOpenFiles: 1000,
      scratchFolder,
    };
    const wake = (): void => lanes[0]?.wake();
    const follower = new FileFollower(settings, {
      clock,
      logger,
      stats: tailStats,
      wake,
      handlerFor: (path, realPath) => (isTextFile(path) ? handlerFor(path, realPath) : undefined),
    });
    follower.restore(saved.filter((checkpoint) => checkpoint.input === name));
    return follower;
  };
  const encoded = (place: Place): { group: Uint8Array; stream: Uint8Array } => ({
    group: Buffer.from(place.group),
    stream: Buffer.from(place.stream),
  });

  const pods =
    options.kubernetes === undefined
      ? undefined
      : new NodePods(options.kubernetes, options.host, deps);
  const objectOf = (name: ContainerName): KubernetesText =>
    pods?.objectOf(name) ?? { text: kubernetesObject(name, options.host) };
  const common = { writer, maxLineBytes, idleFlushMs, nowMs, wallMs, stats };
  const containerHandler = (
    path: string,
    realPath: string,
    place: Place | undefined,
    join: (() => RuleMachines) | undefined,
  ): ContainerHandler => {
    const name = containerNameOf(path, realPath);
    return new ContainerHandler({
      ...common,
      ...encoded(place ?? containerPlace(path, name, node)),
      ...(name === undefined ? {} : { kubernetes: objectOf(name) }),
      ...(join === undefined ? {} : { joiner: join }),
    });
  };
  const containers = followerOf(
    'containers',
    options.containerPaths ?? found.containers,
    (path, realPath) => containerHandler(path, realPath, undefined, joiner),
  );
  const controlPlane =
    options.controlPlane === undefined
      ? undefined
      : controlPlaneInput(
          { host: node.host, cluster: node.cluster, paths: options.controlPlane.paths },
          {
            client,
            clock,
            logger,
            wake: () => lanes[0]?.wake(),
            // Which of the lines are wanted is told by their time.
            followerOf: (name, paths, handlerFor) =>
              followerOf(name, paths, handlerFor, { excludePaths: [], fromHead: true }),
            handler: common,
          },
        );
  const files = followerOf(
    'files',
    [...(options.filePaths ?? found.files), ...(options.extraPaths ?? [])],
    (path) => new TextHandler({ ...common, ...encoded(filePlace(path, options.host)) }),
    { excludePaths: [...ownPaths, ...(controlPlane?.ownPaths ?? [])] },
  );
  const own = fileInputs.map((input) => {
    const joins = joinerOf(input.multiline);
    return followerOf(
      // Its position outlives changes of the other inputs.
      `file:${input.paths.join(',')}`,
      input.paths,
      (path, realPath) => {
        const usual = filePlace(path, options.host);
        const place = {
          group: input.group ?? usual.group,
          stream: storeName(input.stream ?? usual.stream),
        };
        return fileHandler(input.parser, {
          ...common,
          ...encoded(place),
          ...(joins === undefined ? {} : { joiner: joins }),
          container: () => containerHandler(path, realPath, place, joins),
        });
      },
      { excludePaths: input.excludePaths ?? [], fromHead: input.fromHead },
    );
  });

  const followers = {
    containers,
    files,
    ...Object.fromEntries(
      (controlPlane?.followers ?? []).map((follower) => [follower.name, follower]),
    ),
    ...Object.fromEntries(own.map((follower, index) => [`files.${index}`, follower])),
  };
  const all = Object.values(followers);
  registerAgentMetrics(metrics, { spool, followers, tailStats, containerStats: stats });
  const graceMs = options.graceMs ?? defaultGraceMs;
  const lane = new Lane(
    { flushMs: options.flushMs ?? defaultFlushMs, refreshIntervalMs, graceMs },
    {
      clock,
      logger,
      spool,
      writer,
      ...(pods === undefined ? {} : { settled: () => pods.settled() }),
    },
    all,
  );
  lanes.push(lane);
  const shipper = new Shipper(spool, client, deps);
  const stopShipping = new AbortController();
  const shipping = shipper.run(stopShipping.signal);
  const asking = pods?.run(stopShipping.signal);
  const inputs = [...(deps.records ?? []), ...(await machineRecords(options, deps))].map(
    (source) => {
      const positions = saved.filter((checkpoint) => checkpoint.input === source.input.name);
      return lane.runRecords(source, positions, signal);
    },
  );
  const switching = controlPlane?.run(spool.source, stopShipping.signal);
  let kubeletNode: string | undefined;
  const onKubelet = (node: string | undefined): void => {
    kubeletNode = node;
  };
  const metricDeps = {
    ...deps,
    client,
    onKubelet,
    ...(pods === undefined ? {} : { imageOf: (id: string) => pods.imageOf(id) }),
  };
  const collecting = collectMetrics(options, found.isNode, metricDeps, signal);
  const startedMs = clock.nowMs();
  const reporting = reportStatus(
    client,
    spool.source,
    () => ({
      host: options.host,
      ...(options.version === undefined ? {} : { version: options.version }),
      files: all.reduce((sum, follower) => sum + follower.trackedFiles, 0),
      lagBytes: all.reduce((sum, follower) => sum + follower.lagBytes(), 0),
      spoolBytes: spool.bytes,
      spoolFrames: spool.frames,
      spoolFull: spool.full,
      droppedEvents: shipper.droppedEvents,
      ...(kubeletNode === undefined ? {} : { kubeletNode }),
      startedMs,
    }),
    clock,
    stopShipping.signal,
  );
  try {
    await lane.run(signal);
    await Promise.allSettled(inputs);
    await Promise.all([collecting, shipper.drain(graceMs)]);
  } finally {
    stopShipping.abort();
    await shipping;
    await asking;
    await switching;
    await reporting;
    await collecting;
    client.close();
    for (const follower of all) follower.close();
  }
}

/** This machine's series, where they are wanted. What goes wrong with them does not touch logs. */
async function collectMetrics(
  options: AgentOptions,
  isNode: boolean,
  deps: AgentDeps & Pick<MetricDeps, 'client' | 'imageOf' | 'onKubelet'>,
  signal: AbortSignal,
): Promise<void> {
  const { metrics, folder, host, graceMs = defaultGraceMs } = options;
  if (metrics === undefined) return;
  const isKubernetes = isNode || options.kubernetes !== undefined;
  try {
    // Only here: an agent of logs alone does without.
    const { runMetrics } = await import('../metrics/run.ts');
    await runMetrics({ ...metrics, isKubernetes, folder, host, graceMs }, deps, signal);
  } catch (error) {
    deps.logger.error("Stopped collecting this machine's series", { err: error });
  }
}

/** Tells text files from others; says so once for each of the others. */
function textFiles(logger: Logger): (path: string) => boolean {
  const binary = new Set<string>();
  return (path) => {
    if (binary.has(path)) return false;
    if (!isBinaryFile(path)) return true;
    if (binary.size < maxBinaryFiles) binary.add(path);
    logger.info('Left alone a file that is no text', { path });
    return false;
  };
}

/** The journal and the kernel's log, as far as they are wanted and there. */
async function machineRecords(
  options: AgentOptions,
  { clock, logger, metrics }: AgentDeps,
): Promise<readonly RecordSource[]> {
  const { journal = 'off', kernelLog = 'off', env = {}, host, cluster, fromHead = true } = options;
  const wanted = wantedRecords({ journal, kernelLog }, env);
  if (!wanted.journal && !wanted.kernelLog) return [];
  logger.info('Reading logs that are no files', wanted);
  // Only here: these inputs bring parts of the record pipeline with them.
  const { recordSources } = await import('./records.ts');
  const isNode = options.kubernetes !== undefined || discover().isNode;
  return recordSources(
    { ...wanted, host, cluster: isNode ? (cluster ?? 'local') : undefined, fromHead },
    {
      clock,
      log: logger,
      metrics,
      env,
      hostname: host,
      random: Math.random,
      parsers: { parser: () => undefined, pattern: () => undefined, multiline: () => undefined },
      escapeUnicode: false,
      multilineBufferBytes: maxLineBytes,
      storagePath: undefined,
    },
  );
}

/** @throws {AppError} AGENT_OPTION_INVALID for a rule set that does not exist */
function joinerOf(names: readonly string[]): (() => RuleMachines) | undefined {
  if (names.length === 0) return undefined;
  const sets = names.map((name) => {
    const spec = builtinMultiline.get(name);
    if (spec === undefined || spec.rules.length === 0) {
      throw new AppError('AGENT_OPTION_INVALID', `"${name}" is not a built-in multiline parser`, {
        hint: 'Use any of go, java, python, ruby',
      });
    }
    return spec.rules;
  });
  return () => new RuleMachines(sets);
}
