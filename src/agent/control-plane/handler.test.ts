import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeBatch, forEachEvent } from '#logs/batch';
import { newContainerStats } from '../container/handler.ts';
import { BatchWriter } from '../ship/batch-writer.ts';
import { ControlPlaneHandler } from './handler.ts';
import { controlPlaneTimeMs } from './line-time.ts';
import { controlPlaneStreamOf } from './sources.ts';
import type { SwitchState } from './switches.ts';

const group = Buffer.from('/aws/eks/myeks/cluster');
const baseMs = Date.parse('2024-03-26T03:41:00Z');
const at = (seconds: number): number => baseMs + seconds * 1000;
const authenticator = (seconds: number): string =>
  `time="${new Date(at(seconds)).toISOString()}" level=info msg="access granted ${seconds}"`;

/** A handler over a switch and a clock that the test moves. */
class Bench {
  state: SwitchState = { kind: 'unknown' };
  nowMs = at(0);
  readonly #writer = new BatchWriter(() => this.nowMs);
  handler: ControlPlaneHandler = this.open();

  open(): ControlPlaneHandler {
    return new ControlPlaneHandler({
      writer: this.#writer,
      stream: Buffer.from('authenticator-1'),
      switchState: () => this.state,
      maxLineBytes: 1_000_000,
      wallMs: () => this.nowMs,
      stats: newContainerStats(),
    });
  }

  /** What a restart of the agent keeps. */
  restart(): void {
    const saved = this.handler.saveState();
    this.handler = this.open();
    if (saved !== undefined) this.handler.restoreState(JSON.parse(JSON.stringify(saved)));
  }

  on(sinceSeconds: number): void {
    this.state = { kind: 'on', sinceMs: at(sinceSeconds), group };
  }

  off(sinceSeconds: number, confirmedSeconds: number): void {
    const confirmedMs = at(confirmedSeconds);
    this.state = { kind: 'off', sinceMs: at(sinceSeconds), confirmedMs, group };
    this.nowMs = confirmedMs + 1;
  }

  write(...lines: string[]): void {
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    this.handler.lines(bytes, 0, bytes.length);
  }

  emitted(): { readonly timestampMs: number; readonly message: string }[] {
    const events: { timestampMs: number; message: string }[] = [];
    if (this.#writer.events === 0) return events;
    for (const section of decodeBatch(this.#writer.finish())) {
      assert.equal(section.group, group.toString());
      forEachEvent(section, (timestampMs, message) => {
        events.push({ timestampMs, message: Buffer.from(message).toString('utf8') });
      });
    }
    this.#writer.reset();
    return events;
  }

  seconds(): number[] {
    return this.emitted().map(({ timestampMs }) => (timestampMs - baseMs) / 1000);
  }
}

describe('ControlPlaneHandler', () => {
  it('holds its file until the server has spoken', () => {
    const bench = new Bench();
    assert.equal(bench.handler.isHeld(), true);
    bench.on(0);
    assert.equal(bench.handler.isHeld(), false);
    bench.off(0, 0);
    assert.equal(bench.handler.isHeld(), false);
    bench.nowMs += 1000;
    assert.equal(bench.handler.isHeld(), true);
  });

  it('sends what was written from the moment at which the type was turned on', () => {
    const bench = new Bench();
    bench.on(10);
    bench.write(authenticator(8), authenticator(10), authenticator(12));
    assert.deepEqual(bench.seconds(), [10, 12]);
  });

  it('throws nothing away that was written after the server said that the type is off', () => {
    const bench = new Bench();
    bench.off(0, 10);
    bench.write(authenticator(9), authenticator(11), authenticator(12));
    assert.deepEqual(bench.seconds(), []);
    bench.on(12);
    assert.equal(bench.handler.flushIdle(), true);
    assert.deepEqual(bench.seconds(), [12]);
  });

  it('keeps undecided lines across a restart of the agent', () => {
    const bench = new Bench();
    bench.off(0, 10);
    bench.write(authenticator(11));
    bench.restart();
    bench.on(10);
    bench.write(authenticator(12));
    assert.deepEqual(bench.seconds(), [11, 12]);
  });

  it('still sends what was written before the type was turned off', () => {
    const bench = new Bench();
    bench.on(0);
    bench.write(authenticator(1));
    bench.restart();
    bench.off(5, 6);
    bench.write(authenticator(3), authenticator(5), authenticator(4));
    assert.deepEqual(bench.seconds(), [1, 3]);
  });

  it('puts pieces of a line of a container together and takes off what the runtime added', () => {
    const bench = new Bench();
    bench.on(0);
    bench.write('2024-03-26T03:41:02.5Z stderr P {"kind":"Event",');
    bench.restart();
    bench.write('2024-03-26T03:41:02.6Z stderr F "stageTimestamp":"2024-03-26T03:41:01.25Z"}');
    bench.write('2024-03-26T03:41:03Z stdout F goroutine 1 [running]:');
    assert.deepEqual(bench.emitted(), [
      {
        timestampMs: at(1.25),
        message: '{"kind":"Event","stageTimestamp":"2024-03-26T03:41:01.25Z"}',
      },
      { timestampMs: at(1.25), message: 'goroutine 1 [running]:' },
    ]);
  });
});

describe('controlPlaneTimeMs()', () => {
  const f = (line: string, expected: number, nowMs = at(0)): void =>
    void it(line, () => {
      const bytes = Buffer.from(line);
      assert.equal(controlPlaneTimeMs(bytes, 0, bytes.length, nowMs), expected);
    });
  const klog = (year: number): number => new Date(year, 2, 26, 3, 41, 53, 397).getTime();
  f('I0326 03:41:53.397739       9 replica_set.go:621] "Too many replicas"', klog(2024));
  // In January of the next year, read a little late.
  f(
    'W1231 23:59:59.000001       9 a.go:1] x',
    new Date(2023, 11, 31, 23, 59, 59).getTime(),
    new Date(2024, 0, 1, 0, 1).getTime(),
  );
  f(authenticator(7), at(7));
  f(
    '{"requestObject":{"stageTimestamp":"2020-01-01T00:00:00Z"},"stageTimestamp":"2024-03-26T03:41:09.106001Z","annotations":{}}',
    at(9.106),
  );
  f('{"kind":"Event"}', Number.NaN);
  f('goroutine 1 [running]:', Number.NaN);
});

it('streams are named as EKS names them, and stay the same', () => {
  const node = { host: 'node-1', cluster: 'myeks' };
  const path = '/var/log/containers/kube-scheduler-node-1_kube-system_kube-scheduler-1.log';
  const stream = controlPlaneStreamOf('scheduler', path, node);
  assert.match(stream, /^kube-scheduler-[0-9a-f]{32}$/);
  assert.equal(controlPlaneStreamOf('scheduler', path.replace('-1.log', '-2.log'), node), stream);
  assert.match(
    controlPlaneStreamOf('audit', '/var/log/audit.log', node),
    /^kube-apiserver-audit-[0-9a-f]{32}$/,
  );
  const cloud = '/var/log/containers/aws-cloud-controller-manager-x_kube-system_main-1.log';
  assert.match(
    controlPlaneStreamOf('controllerManager', cloud, node),
    /^cloud-controller-manager-[0-9a-f]{32}$/,
  );
});
