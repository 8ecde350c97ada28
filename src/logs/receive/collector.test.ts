import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '#base';
import { Collector, ReceiverMetrics } from './collector.ts';
import { parseSyslog } from './syslog-parse.ts';
import { compileTemplate, groupName, streamName } from './template.ts';
import { testDeps } from './testing.ts';

const nowMs = Date.UTC(2026, 0, 15, 12);

describe('Collector', () => {
  const setUp = () => {
    const deps = testDeps(new ManualClock(nowMs));
    return { ...deps, collector: new Collector(deps, new ReceiverMetrics('test', deps.metrics)) };
  };

  it('cuts a long message between characters and says so', async () => {
    const { collector, store, metrics } = setUp();
    collector.add('g', 's', nowMs, '가'.repeat(400_000));
    await collector.append();
    const { message } = store.events[0]!;
    assert.ok(Buffer.byteLength(message) <= 1024 * 1024);
    assert.match(message, /^가+ \[cut by nunchi\]$/);
    assert.match(metrics.render(), /nunchi_receive_cut_events_total\{receiver="test"\} 1/);
  });

  it('keeps its events when the store refuses them', async () => {
    const { collector, store } = setUp();
    store.fullFor = 1;
    collector.add('g', 's', nowMs, 'x');
    await assert.rejects(collector.append(), { code: 'STORE_FULL' });
    await collector.append();
    await collector.append();
    assert.equal(store.events.length, 1);
  });

  it('bounds the streams of one batch and loses nothing', async () => {
    const { collector, store } = setUp();
    for (let i = 0; i < 10_050; i++) collector.add(`g${i}`, `s${i}`, nowMs, `m${i}`);
    await collector.append();
    assert.equal(store.events.length, 10_050);
    assert.equal(store.events.filter(({ group }) => group === '/nunchi/overflow').length, 50);
  });

  it('gives back what went in, in order, per stream', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.constantFrom('a', 'b'),
            fc.constantFrom('x', 'y:*'),
            fc.string({ unit: 'grapheme' }),
          ),
        ),
        async (events) => {
          const { collector, store } = setUp();
          for (const [group, stream, message] of events)
            collector.add(group, stream, nowMs, message);
          await collector.append();
          for (const group of ['a', 'b']) {
            for (const stream of ['x', 'y:*']) {
              assert.deepEqual(
                store.events
                  .filter((e) => e.group === group && e.stream === streamName(stream))
                  .map((e) => e.message),
                events
                  .filter((e) => e[0] === group && e[1] === stream)
                  .map((e) => e[2].toWellFormed()),
              );
            }
          }
        },
      ),
    );
  });
});

describe('compileTemplate()', () => {
  const values: Record<string, string> = { a: '1', 'b.c': '2', empty: '' };
  const f = (template: string, want: string): void =>
    void it(template, () =>
      assert.equal(
        compileTemplate(template).render((name) => values[name]),
        want,
      ),
    );
  f('plain', 'plain');
  f('/x/{a}/{b.c}', '/x/1/2');
  f('{none|empty|a}', '1');
  f("{none|'text'}-{a}", 'text-1');
  f('{none}', '');
  for (const bad of ['{a', '{}', '{a|}']) {
    it(`refuses ${bad}`, () =>
      assert.throws(() => compileTemplate(bad), { code: 'INVALID_TEMPLATE' }));
  }
});

describe('groupName() and streamName()', () => {
  it('give names that CloudWatch would take, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        assert.match(groupName(text), /^[A-Za-z0-9._/#-]{1,512}$/);
        const stream = streamName(text);
        assert.ok(stream.length >= 1 && stream.length <= 512 && !/[:*]/.test(stream));
        assert.ok(stream.isWellFormed());
      }),
    );
  });
});

describe('parseSyslog()', () => {
  it('takes any text', () => {
    const part = fc.constantFrom(
      '<13>',
      '1 ',
      '- ',
      '[a b="',
      '"]',
      'Jan  2 03:04:05 ',
      'host ',
      'app[1]: ',
      '\\',
      '"',
    );
    const line = fc.array(fc.oneof(part, fc.string({ unit: 'binary' })), { maxLength: 12 });
    fc.assert(
      fc.property(line, (parts) => {
        const parsed = parseSyslog(parts.join(''), nowMs);
        assert.equal(typeof parsed.text, 'string');
        assert.ok(parsed.timeMs === undefined || Number.isFinite(parsed.timeMs));
      }),
      { numRuns: 2000 },
    );
  });
});
