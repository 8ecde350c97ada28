import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import type { AgentEvent, Chunk, DeliveryResult, Filter, Output } from '../contract.ts';
import { builtinMultiline } from '../multiline/builtin.ts';
import type { TailOptions } from '../tail/options.ts';
import { until } from '../testing/until.ts';
import { runPipeline } from './run.ts';
import type { PipelineOutput, PipelineSpec } from './spec.ts';

/** Collects chunks; answers with `next` results first. */
class Collector implements Output {
  readonly name: string;
  readonly chunks: Chunk[] = [];
  readonly results: DeliveryResult[] = [];
  constructor(name: string) {
    this.name = name;
  }
  get events(): AgentEvent[] {
    return this.chunks.flatMap((chunk) => chunk.events);
  }
  get logs(): string[] {
    return this.events.map((event) => String(event.record.get('log')));
  }
  async deliver(chunk: Chunk): Promise<DeliveryResult> {
    const result = this.results.shift();
    if (result !== undefined && result.kind !== 'ok') return result;
    this.chunks.push(chunk);
    return { kind: 'ok' };
  }
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-pipeline-'));
  mkdirSync(join(folder, 'logs'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function specOf(parts: {
  tail?: Partial<TailOptions>;
  filters?: PipelineSpec['filters'];
  outputs: readonly (Partial<PipelineOutput> & { output: Output })[];
}): PipelineSpec {
  const tail: TailOptions = {
    name: 'tail.0',
    tag: 'app.*',
    paths: [join(folder, 'logs/*.log')],
    readFromHead: true,
    refreshIntervalMs: 1000,
    ...parts.tail,
  };
  return {
    inputs: [{ input: { tail }, storage: 'filesystem' }],
    filters: parts.filters ?? [],
    outputs: parts.outputs.map((output) => ({ match: () => true, retryLimit: 1, ...output })),
    service: { flushMs: 50, graceMs: 2000, retryBaseMs: 10, retryCapMs: 20 },
  };
}

/** Runs the pipeline until the condition holds, then stops it. */
async function run(
  spec: PipelineSpec,
  done: (metrics: MetricsRegistry) => boolean,
): Promise<MetricsRegistry> {
  const metrics = new MetricsRegistry();
  const controller = new AbortController();
  const deps = { clock: systemClock, logger: silentLogger, metrics, folder };
  const running = runPipeline(spec, deps, controller.signal);
  await Promise.race([until(() => done(metrics)), running]);
  controller.abort();
  await running;
  return metrics;
}

describe('runPipeline()', () => {
  it('tags by path and joins CRI pieces per stream', async () => {
    const path = join(folder, 'logs/web_default_web-1.log');
    writeFileSync(
      path,
      '2026-11-24T00:00:00.5Z stdout P one \n2026-11-24T00:00:01Z stderr F err\n2026-11-24T00:00:02Z stdout F two\n',
    );
    const output = new Collector('null.0');
    const multiline = [builtinMultiline.get('docker')!, builtinMultiline.get('cri')!];
    await run(
      specOf({ tail: { multiline }, outputs: [{ output }] }),
      () => output.events.length === 2,
    );
    const dotted = path.slice(1).replaceAll('/', '.');
    assert.deepEqual([...new Set(output.chunks.map((chunk) => chunk.tag))], [`app.${dotted}`]);
    assert.deepEqual(
      output.events.map((event) => Object.fromEntries(event.record)),
      [
        { time: '2026-11-24T00:00:01Z', stream: 'stderr', _p: 'F', log: 'err' },
        { time: '2026-11-24T00:00:00.5Z', stream: 'stdout', _p: 'P', log: 'one two' },
      ],
    );
  });

  it('applies filters in order and sends each chunk to every output that matches', async () => {
    writeFileSync(join(folder, 'logs/a.log'), 'keep 1\ndrop\nkeep 2\n');
    const filter: Filter = {
      name: 'grep.0',
      apply: (_tag, events) => events.filter((e) => String(e.record.get('log')).startsWith('keep')),
    };
    const [one, two, none] = [new Collector('one'), new Collector('two'), new Collector('none')];
    const spec = specOf({
      filters: [{ filter, match: () => true }],
      outputs: [{ output: one }, { output: two }, { output: none, match: () => false }],
    });
    await run(spec, () => one.events.length === 2 && two.events.length === 2);
    assert.deepEqual(one.logs, ['keep 1', 'keep 2']);
    assert.deepEqual(two.logs, ['keep 1', 'keep 2']);
    assert.deepEqual(none.chunks, []);
  });

  it('retries, then gives up after the limit and counts it', async () => {
    writeFileSync(join(folder, 'logs/a.log'), 'x\n');
    const output = new Collector('out');
    output.results.push({ kind: 'retry', reason: 'away' }, { kind: 'retry', reason: 'away' });
    const metrics = await run(specOf({ outputs: [{ output }] }), () => output.results.length === 0);
    assert.match(metrics.render(), /nunchi_agent_events_dropped_total\{reason="retry_limit"\} 1/);
    const again = new Collector('out');
    appendFileSync(join(folder, 'logs/a.log'), 'y\n');
    again.results.push({ kind: 'retry', reason: 'away' });
    await run(specOf({ outputs: [{ output: again }] }), () => again.events.length === 1);
    assert.deepEqual(again.logs, ['y']);
  });

  it('resends only what was not accepted', async () => {
    writeFileSync(join(folder, 'logs/a.log'), '1\n2\n3\n');
    const output = new Collector('out');
    output.results.push({ kind: 'retry', reason: 'half', fromEvent: 2 });
    await run(specOf({ outputs: [{ output }] }), () => output.events.length > 0);
    assert.deepEqual(output.logs, ['3']);
  });

  it('delivers in the next run what this one could not', async () => {
    writeFileSync(join(folder, 'logs/a.log'), '1\n2\n');
    let tried = 0;
    const away: Output = {
      name: 'out',
      deliver: async () => {
        tried++;
        return { kind: 'retry', reason: 'away', afterMs: 60_000 };
      },
    };
    const spec = specOf({ outputs: [{ output: away, retryLimit: 'unlimited' }] });
    await run({ ...spec, service: { ...spec.service, graceMs: 50 } }, () => tried > 0);
    const output = new Collector('out');
    const first = specOf({ outputs: [{ output }] });
    await run(first, () => output.events.length === 2);
    assert.deepEqual(output.logs, ['1', '2']);
    assert.equal(output.chunks[0]?.source?.number, 1);
  });

  it('keeps an open multiline group over a restart', async () => {
    const path = join(folder, 'logs/a.log');
    writeFileSync(path, 'java.lang.IllegalStateException: no\n  at a.B.c(B.java:1)\n');
    const multiline = [builtinMultiline.get('java')!];
    const output = new Collector('out');
    const spec = specOf({ tail: { multiline }, outputs: [{ output }] });
    await run(spec, (metrics) => /nunchi_agent_read_bytes_total [1-9]/.test(metrics.render()));
    appendFileSync(path, '  at a.D.e(D.java:2)\nnext\n');
    await run(spec, () => output.events.length === 2);
    assert.deepEqual(output.logs, [
      'java.lang.IllegalStateException: no\n  at a.B.c(B.java:1)\n  at a.D.e(D.java:2)\n',
      'next',
    ]);
  });

  it('an input’s processors see its events alone, before filters, and give the rest at the end', async () => {
    writeFileSync(join(folder, 'logs/a.log'), 'one\n');
    writeFileSync(join(folder, 'logs/b.txt'), 'two\n');
    const mark = (name: string): Filter => ({
      name,
      apply: (_tag, events) => {
        for (const { record } of events) record.set('log', `${String(record.get('log'))} ${name}`);
        return events;
      },
    });
    let isHeld = true;
    const last: Filter = {
      name: 'last',
      apply: (_tag, events) => events,
      flush: async (context) => {
        isHeld = false;
        await context.reemit('end', [
          { time: { seconds: 1, nanoseconds: 0 }, record: new Map([['log', 'held']]) },
        ]);
      },
    };
    const output = new Collector('out');
    const spec = specOf({
      filters: [{ filter: mark('filter'), match: () => true }],
      outputs: [{ output }],
    });
    const [first] = spec.inputs;
    const other = {
      tail: { name: 'tail.1', paths: [join(folder, 'logs/*.txt')], readFromHead: true },
    };
    const inputs = [
      { ...first!, processors: [mark('processor'), last] },
      { ...first!, input: other },
    ];
    await run({ ...spec, inputs }, () => output.events.length >= 2);
    assert.equal(isHeld, false);
    assert.deepEqual(output.logs.sort(), ['held filter', 'one processor filter', 'two filter']);
  });

  it('re-emits under another tag', async () => {
    writeFileSync(join(folder, 'logs/a.log'), 'x\n');
    const filter: Filter = {
      name: 'rewrite_tag.0',
      apply: async (tag, events, context) => {
        if (tag === 'other') return events;
        await context.reemit('other', events);
        return [];
      },
    };
    const output = new Collector('out');
    const spec = specOf({ filters: [{ filter, match: () => true }], outputs: [{ output }] });
    await run(spec, () => output.events.length === 1);
    assert.equal(output.chunks[0]?.tag, 'other');
  });
});
