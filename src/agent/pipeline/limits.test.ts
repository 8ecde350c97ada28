import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import type { AgentEvent, Chunk, Input, Output } from '../contract.ts';
import { until } from '../testing/until.ts';
import { runPipeline } from './run.ts';
import type { PipelineInput, PipelineOutput, PipelineService } from './spec.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-limits-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = (n: number): AgentEvent => ({
  time: { seconds: n, nanoseconds: 0 },
  record: new Map([['log', `${n} ${'x'.repeat(1000)}`]]),
});

/** Emits numbered events, some at a time, and counts those that were let in. */
class Numbers implements Input {
  readonly name = 'numbers.0';
  started = 0;
  readonly #count: number;
  constructor(count: number) {
    this.#count = count;
  }
  async run(context: Parameters<Input['run']>[0], signal: AbortSignal): Promise<void> {
    for (let n = 0; n < this.#count && !signal.aborted; n++) {
      await context.emit('app', [event(n)]);
      this.started++;
    }
  }
}

/** Takes chunks while it is open. */
class Gate implements Output {
  readonly name = 'gate.0';
  isOpen = false;
  tries = 0;
  readonly seen: number[] = [];
  async deliver(chunk: Chunk): Promise<{ kind: 'ok' } | { kind: 'retry'; reason: string }> {
    this.tries++;
    if (!this.isOpen) return { kind: 'retry', reason: 'closed' };
    for (const { time } of chunk.events) this.seen.push(time.seconds);
    return { kind: 'ok' };
  }
}

async function run(
  input: Partial<PipelineInput> & { input: Input },
  output: Partial<PipelineOutput> & { output: Output },
  during: () => Promise<void>,
  service: Partial<PipelineService> = {},
): Promise<string> {
  const metrics = new MetricsRegistry();
  const stop = new AbortController();
  const running = runPipeline(
    {
      inputs: [{ storage: 'memory', ...input }],
      filters: [],
      outputs: [{ match: () => true, retryLimit: 'unlimited', ...output }],
      service: { flushMs: 5, graceMs: 2000, retryBaseMs: 5, retryCapMs: 10, ...service },
    },
    { clock: systemClock, logger: silentLogger, metrics, folder },
    stop.signal,
  );
  await during();
  stop.abort();
  await running;
  return metrics.render();
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('limits of a pipeline', () => {
  it('an input pauses at its memory limit and goes on when there is room; order is kept', async () => {
    const input = new Numbers(40);
    const gate = new Gate();
    await run({ input, memBufLimitBytes: 5000 }, { output: gate }, async () => {
      await until(() => gate.tries > 20);
      assert.ok(input.started <= 6, `${input.started}`);
      gate.isOpen = true;
      await until(() => gate.seen.length === 40);
    });
    assert.deepEqual(gate.seen, upTo(40));
  });

  it('what a peer that is away would have got waits in the spool, not in memory', async () => {
    const maxMemoryBytes = 5000;
    const metrics = new MetricsRegistry();
    const stop = new AbortController();
    const input: Input = {
      name: 'many.0',
      run: async (context, signal) => {
        // Fewer tags than an output has places: some chunks are tried over and over, the rest queues.
        for (let n = 0; n < 60 && !signal.aborted; n++) {
          await context.emit(`tag${n % 3}`, [event(n)]);
        }
      },
    };
    const gauge = (name: string): number =>
      Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'm').exec(metrics.render())?.[1]);
    const seen: number[] = [];
    let isOpen = false;
    let tries = 0;
    let mostBytes = 0;
    const output: Output = {
      name: 'away.0',
      deliver: async ({ events }) => {
        tries++;
        mostBytes = Math.max(mostBytes, gauge('nunchi_agent_chunk_memory_bytes'));
        if (!isOpen) return { kind: 'retry', reason: 'away' };
        for (const { time } of events) seen.push(time.seconds);
        return { kind: 'ok' };
      },
    };
    const running = runPipeline(
      {
        inputs: [{ input, storage: 'filesystem' }],
        filters: [],
        outputs: [{ output, match: () => true, retryLimit: 'unlimited' }],
        service: { flushMs: 5, graceMs: 2000, retryBaseMs: 5, retryCapMs: 10, maxMemoryBytes },
      },
      { clock: systemClock, logger: silentLogger, metrics, folder },
      stop.signal,
    );
    await until(() => gauge('nunchi_agent_output_queue_bytes') > 60_000 && tries > 30);
    isOpen = true;
    await until(() => seen.length === 60);
    stop.abort();
    await running;
    assert.ok(mostBytes > 0 && mostBytes <= maxMemoryBytes, `${mostBytes}`);
    for (const tag of [0, 1, 2]) {
      const own = seen.filter((n) => n % 3 === tag);
      assert.deepEqual(
        own,
        own.toSorted((a, b) => a - b),
      );
    }
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      upTo(60),
    );
  });

  it('events that no output wants do not pause their input for ever', async () => {
    const input = new Numbers(40);
    const unwanted = { output: new Gate(), match: () => false };
    const metrics = await run({ input, memBufLimitBytes: 900 }, unwanted, () =>
      until(() => input.started === 40),
    );
    assert.match(metrics, /nunchi_agent_events_dropped_total\{reason="no_output"\} 40/);
  });

  it('tags that are refused leave places for the others, and keep their order', async () => {
    const tags = ['a', 'b', 'c', 'd', 'e', 'f'];
    const seen: string[] = [];
    let isOpen = false;
    let refused = 0;
    const output: Output = {
      name: 'half.0',
      deliver: async ({ tag, events }) => {
        if (tag !== 'good' && !isOpen) {
          refused++;
          return { kind: 'retry', reason: 'not yet' };
        }
        for (const { time } of events) seen.push(`${tag}${time.seconds}`);
        return { kind: 'ok' };
      },
    };
    const input: Input = {
      name: 'tags.0',
      run: async (context) => {
        for (let n = 0; n < 3; n++) for (const tag of tags) await context.emit(tag, [event(n)]);
        await until(() => refused >= tags.length);
        for (let n = 0; n < 3; n++) await context.emit('good', [event(n)]);
      },
    };
    // A wait that the test would not outlive: only a free place lets the last tag through.
    const retry = { retryBaseMs: 3_600_000, retryCapMs: 3_600_000 };
    await run(
      { input },
      { output },
      async () => {
        await until(() => seen.length === 3);
        assert.deepEqual(seen, ['good0', 'good1', 'good2']);
        isOpen = true;
      },
      retry,
    );
    // The shutdown does not sit the wait out.
    assert.deepEqual(
      seen.slice(3).toSorted(),
      tags.flatMap((tag) => [`${tag}0`, `${tag}1`, `${tag}2`]),
    );
    for (const tag of tags) {
      assert.deepEqual(
        seen.filter((one) => one.startsWith(tag)),
        [`${tag}0`, `${tag}1`, `${tag}2`],
      );
    }
  });

  it('the oldest chunks make room at the limit of an output, counted', async () => {
    const input = new Numbers(30);
    const gate = new Gate();
    const metrics = await run({ input }, { output: gate, totalLimitBytes: 6000 }, async () => {
      await until(() => input.started === 30);
      gate.isOpen = true;
      await until(() => gate.seen.at(-1) === 29);
    });
    const dropped = Number(/reason="total_limit_size"\} (\d+)/.exec(metrics)?.[1]);
    assert.equal(dropped + gate.seen.length, 30);
    assert.ok(dropped > 20);
    assert.deepEqual(
      gate.seen,
      gate.seen.toSorted((a, b) => a - b),
    );
  });
});
