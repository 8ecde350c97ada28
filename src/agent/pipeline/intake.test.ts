import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import type { AgentEvent, Filter } from '../contract.ts';
import { Spool } from '../spool/spool.ts';
import { Dispatcher } from './dispatch.ts';
import { Intake } from './intake.ts';
import type { PipelineSpec } from './spec.ts';
import { PipelineStats } from './stats.ts';

const event = (log: string): AgentEvent => ({
  time: { seconds: 1, nanoseconds: 0 },
  record: new Map([['log', log]]),
});

it('what a slow filter sends ahead is in the frame of its positions, however long it takes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-intake-'));
  const sentAhead = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const filter: Filter = {
    name: 'rewrite.0',
    apply: async (tag, events, context) => {
      if (tag !== 'slow') return events;
      await context.reemit('moved', events);
      sentAhead.resolve();
      await gate.promise;
      return [];
    },
  };
  const never = { name: 'null.0', deliver: () => new Promise<never>(() => {}) };
  const spec: PipelineSpec = {
    inputs: [],
    filters: [{ filter, match: () => true }],
    outputs: [{ output: never, match: () => true, retryLimit: 1 }],
    service: { flushMs: 1, graceMs: 1, retryBaseMs: 1, retryCapMs: 1 },
  };
  const deps = { clock: systemClock, logger: silentLogger, metrics: new MetricsRegistry() };
  try {
    await using spool = await Spool.open({ folder, maxBytes: 1e9 }, deps);
    const stats = new PipelineStats();
    const dispatcher = new Dispatcher(spool, spec.outputs, spec.service, stats, {
      ...deps,
      random: Math.random,
    });
    const { signal } = new AbortController();
    const intake = new Intake(spec, { ...deps, spool, dispatcher, stats, giveUp: signal });
    const item = {
      input: { tail: { name: 'x', paths: [] } },
      storage: 'filesystem',
    } as const;
    const slow = intake
      .context('one', item, [], signal)
      .emit('slow', [event('slow')], [{ input: 'one', key: 'file', value: 1 }]);
    await sentAhead.promise;
    // Closes a frame meanwhile.
    await intake.context('two', item, [], signal).emit('quick', [event('quick')]);
    gate.resolve();
    await slow;
    const frames = await Promise.all([0, 1].map((index) => spool.load(spool.peek(index)!)));
    assert.deepEqual(
      frames.map(({ header: { events, checkpoints } }) => [events, checkpoints.length]),
      [
        [1, 0],
        [1, 1],
      ],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
