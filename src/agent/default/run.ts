import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, type Clock, type Logger, type MetricsRegistry } from '#base';
import { ContainerHandler, newContainerStats } from '../container/handler.ts';
import { type ContainerName, containerNameOf } from '../container/names.ts';
import type { AgentEvent, Input } from '../contract.ts';
import { builtinMultiline } from '../multiline/builtin.ts';
import { RuleMachines } from '../multiline/rules.ts';
import { BatchWriter } from '../ship/batch-writer.ts';
import { BatchClient } from '../ship/client.ts';
import { Shipper } from '../ship/shipper.ts';
import { Spool } from '../spool/spool.ts';
import { FileFollower, type FollowerOptions } from '../tail/follower.ts';
import { newTailStats } from '../tail/stats.ts';
import { containerPlace, discover, filePlace, kubernetesObject, type Place } from './discover.ts';
import { Lane } from './lane.ts';
import { registerAgentMetrics } from './metrics.ts';
import { type KubernetesText, NodePods } from './node-pods.ts';
import type { AgentOptions } from './options.ts';
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
  const writer = new BatchWriter();
  const tailStats = newTailStats();
  const stats = newContainerStats();
  const saved = spool.checkpoints();
  const found = discover();
  const lanes: Lane[] = [];
  const wallMs = (): number => clock.nowMs();
  const nowMs = (): number => clock.monotonicMs();
  const node = { host: options.host, cluster: options.cluster ?? 'local' };
  const joiner = joinerOf(options.multiline ?? []);

  const followerOf = (
    name: string,
    paths: readonly string[],
    handlerFor: ConstructorParameters<typeof FileFollower>[1]['handlerFor'],
  ): FileFollower => {
    const settings: FollowerOptions = {
      name,
      paths,
      excludePaths: options.excludePaths ?? [],
      fromHead: options.fromHead ?? true,
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
      handlerFor,
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
  const containers = followerOf(
    'containers',
    options.containerPaths ?? found.containers,
    (path, realPath) => {
      const name = containerNameOf(path, realPath);
      return new ContainerHandler({
        writer,
        ...encoded(containerPlace(path, name, node)),
        ...(name === undefined ? {} : { kubernetes: objectOf(name) }),
        ...(joiner === undefined ? {} : { joiner }),
        maxLineBytes,
        idleFlushMs,
        nowMs,
        wallMs,
        stats,
      });
    },
  );
  const files = followerOf(
    'files',
    options.filePaths ?? found.files,
    (path) => new TextHandler({ writer, ...encoded(filePlace(path, options.host)), wallMs, stats }),
  );

  const followers = { containers, files };
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
    [containers, files],
  );
  lanes.push(lane);
  const shipper = new Shipper(spool, client, deps);
  const stopShipping = new AbortController();
  const shipping = shipper.run(stopShipping.signal);
  const asking = pods?.run(stopShipping.signal);
  const inputs = (deps.records ?? []).map((source) => {
    const own = saved.filter((checkpoint) => checkpoint.input === source.input.name);
    return lane.runRecords(source, own, signal);
  });
  try {
    await lane.run(signal);
    await Promise.allSettled(inputs);
    await shipper.drain(graceMs);
  } finally {
    stopShipping.abort();
    await shipping;
    await asking;
    client.close();
    containers.close();
    files.close();
  }
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
