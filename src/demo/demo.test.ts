import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { AppError, ManualClock } from '#base';
import { openLogStore } from '#logs/store';
import { planCluster } from './cluster.ts';
import { ContainerLog } from './container-log.ts';
import { type DemoEvent, startDemo } from './demo.ts';
import { criLines, criPieceBytes } from './formats.ts';
import { IncidentSchedule } from './incidents.ts';
import { planSources } from './sources.ts';

const nowMs = Date.UTC(2026, 0, 15, 12);

async function inFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'nunchi-demo-'));
  try {
    await run(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Runs the demo over the last `backfillMs` and gives what the control plane said. */
async function backfill(
  dir: string,
  clock: ManualClock,
  backfillMs: number,
): Promise<Map<string, DemoEvent[]>> {
  const streams = new Map<string, DemoEvent[]>();
  await using demo = await startDemo({
    dir,
    clock,
    backfillMs,
    signal: new AbortController().signal,
    append: async (sections) => {
      for (const { stream, events } of sections) {
        streams.set(stream, [...(streams.get(stream) ?? []), ...events]);
      }
    },
  });
  await demo.backfilled;
  return streams;
}

describe('startDemo()', () => {
  it('says the same for the same seed and time', async () => {
    await inFolder(async (dir) => {
      const first = await backfill(join(dir, 'a'), new ManualClock(nowMs), 120_000);
      const second = await backfill(join(dir, 'b'), new ManualClock(nowMs), 120_000);
      assert.deepEqual(second, first);
      const logs = (root: string): string[] =>
        readdirSync(join(dir, root, 'var/log/containers')).map((name) =>
          readFileSync(join(dir, root, 'var/log/containers', name), 'utf8'),
        );
      assert.deepEqual(logs('b'), logs('a'));
    });
  });

  it('writes CRI lines behind the links that a kubelet makes', async () => {
    await inFolder(async (dir) => {
      await backfill(dir, new ManualClock(nowMs), 600_000);
      const folder = join(dir, 'var/log/containers');
      let lines = 0;
      for (const name of readdirSync(folder)) {
        assert.match(name, /^[a-z0-9-]+_[a-z-]+_[a-z-]+-[0-9a-f]{64}\.log$/);
        assert.ok(lstatSync(join(folder, name)).isSymbolicLink());
        assert.match(
          realpathSync(join(folder, name)),
          /\/var\/log\/pods\/[a-z-]+_[a-z0-9-]+_[0-9a-f-]{36}\/[a-z-]+\/\d+\.log$/,
        );
        for (const line of readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')) {
          assert.match(line, /^2026-01-15T1[12]:\d\d:\d\d\.\d{9}Z (stdout|stderr) [FP] ?/);
          lines++;
        }
      }
      assert.ok(lines > 40_000, `${lines} lines`);
    });
  });

  it('goes on where the last run ended', async () => {
    await inFolder(async (dir) => {
      const clock = new ManualClock(nowMs);
      await backfill(dir, clock, 60_000);
      clock.jumpTo(nowMs + 30_000);
      const streams = await backfill(dir, clock, 60_000);
      for (const events of streams.values()) {
        for (const { timestampMs } of events)
          assert.ok(timestampMs >= nowMs && timestampMs < nowMs + 30_000);
      }
      assert.ok(streams.size >= 3);
    });
  });

  it('marks its groups, and appends to a real store', async () => {
    await inFolder(async (dir) => {
      const directory = join(dir, 'store');
      await using store = await openLogStore({ directory, reserveBytes: 0 });
      await using demo = await startDemo({
        dir: join(dir, 'demo'),
        store,
        backfillMs: 30_000,
        signal: new AbortController().signal,
      });
      await demo.backfilled;
      for (const name of demo.groups) {
        assert.equal(store.group(name)?.tags['nunchi:demo'], 'true', name);
      }
      assert.ok(store.group('/aws/eks/demo/cluster')!.events > 50);
    });
  });

  it('waits while the store is full', async () => {
    await inFolder(async (dir) => {
      const clock = new ManualClock(nowMs);
      let tries = 0;
      await using demo = await startDemo({
        dir,
        clock,
        backfillMs: 10_000,
        signal: new AbortController().signal,
        append: async () => {
          if (++tries === 1) throw new AppError('STORE_FULL', 'The disk is full');
        },
      });
      const deadlineMs = performance.now() + 60_000;
      while (tries < 2 && performance.now() < deadlineMs) await clock.advance(500);
      await demo.backfilled;
      assert.ok(tries >= 2);
    });
  });

  it('speaks on while time passes', async () => {
    await inFolder(async (dir) => {
      const clock = new ManualClock(nowMs);
      let events = 0;
      await using demo = await startDemo({
        dir,
        clock,
        backfillMs: 1000,
        signal: new AbortController().signal,
        append: async (sections) => {
          for (const section of sections) events += section.events.length;
        },
      });
      await demo.backfilled;
      const before = events;
      for (let i = 0; i < 20; i++) await clock.advance(200);
      assert.ok(events > before);
    });
  });
});

describe('the five control-plane streams', () => {
  const cluster = planCluster('demo', 'test');
  const { streams } = planSources(cluster, 'test');
  const incidents = [
    'database-down',
    'traffic-burst',
    'node-pressure',
    'forbidden-robot',
    undefined,
  ] as const;
  const lines = (prefix: string): string[] => {
    const source = streams.find(
      ({ stream }) => stream.startsWith(prefix) && /-[0-9a-f]{32}$/.test(stream),
    )!;
    return Array.from({ length: 500 }, (_, i) => {
      const kind = incidents[i % incidents.length];
      return source.make(
        nowMs + i * 777.123,
        kind === undefined ? undefined : { kind, startMs: nowMs, endMs: nowMs },
      );
    });
  };
  for (const prefix of ['kube-apiserver-', 'kube-controller-manager-', 'kube-scheduler-']) {
    it(`${prefix} is klog`, () => {
      const source = streams.find(
        ({ stream }) => stream.startsWith(prefix) && !stream.includes('audit'),
      )!;
      for (let i = 0; i < 300; i++) {
        assert.match(
          source.make(nowMs + i * 1000.5, undefined),
          /^[IWE]0115 12:\d\d:\d\d\.\d{6} {6,7}\d{1,2} [a-z_]+\.go:\d+\] /,
        );
      }
    });
  }
  it('kube-apiserver-audit- is audit.k8s.io/v1', () => {
    const codes = new Set<number>();
    for (const line of lines('kube-apiserver-audit-')) {
      const event = JSON.parse(line) as Record<string, unknown> & {
        responseStatus: { code: number };
      };
      assert.equal(event['kind'], 'Event');
      assert.match(String(event['requestURI']), /^\/apis?\//);
      assert.match(String(event['auditID']), /^[0-9a-f-]{36}$/);
      assert.ok(event['userAgent']);
      codes.add(event.responseStatus.code);
    }
    assert.ok(codes.has(200) && codes.has(403));
  });
  it('authenticator- is logfmt that quotes what holds a colon', () => {
    for (const line of lines('authenticator-')) {
      assert.match(
        line,
        /^time="2026-01-15T12:\d\d:\d\dZ" level=(info|warning) msg="access (granted|denied)" arn="arn:aws:iam::/,
      );
      assert.equal(/=[^"\s]*:/.test(line.replaceAll(/"[^"]*"/g, '""')), false, line);
    }
  });
});

describe('IncidentSchedule', () => {
  it('has every kind within half an hour, with quiet between', () => {
    const schedule = new IncidentSchedule('demo');
    const kinds = new Set<string>();
    let quiet = 0;
    for (let timeMs = nowMs; timeMs < nowMs + 30 * 60_000; timeMs += 1000) {
      const incident = schedule.at(timeMs);
      if (incident === undefined) quiet++;
      else kinds.add(incident.kind);
    }
    assert.equal(kinds.size, 4);
    assert.ok(quiet > 900);
  });
});

describe('criLines()', () => {
  it('cuts long lines into P pieces that join to the line', () => {
    const line = '가'.repeat(criPieceBytes);
    const bytes = criLines(nowMs, 'stdout', line) as Buffer;
    const pieces: Buffer[] = [];
    const tags: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf('\n', at);
      const head = bytes.toString('latin1', at, at + 40);
      tags.push(head[38]!);
      pieces.push(bytes.subarray(at + 40, end));
      at = end + 1;
    }
    assert.equal(Buffer.concat(pieces).toString(), line);
    assert.deepEqual(tags, ['P', 'P', 'F']);
  });
});

describe('ContainerLog', () => {
  it('rotates as a kubelet does', async () => {
    await inFolder(async (dir) => {
      const pod = planCluster('demo', 'x').pods[0]!;
      const log = new ContainerLog(dir, pod);
      for (let i = 0; i < 7; i++) {
        log.append(Buffer.alloc(11 * 1024 * 1024, 0x61 + i));
        await log.maintain(nowMs + i * 10_000);
      }
      log.restart();
      log.close();
      const folder = join(
        dir,
        'var/log/pods',
        `${pod.namespace}_${pod.name}_${pod.uid}`,
        pod.container,
      );
      const names = readdirSync(folder).sort();
      assert.equal(names.filter((name) => name.endsWith('.gz')).length, 3);
      assert.equal(names.filter((name) => /^0\.log\.\d{8}-\d{6}$/.test(name)).length, 1);
      assert.ok(names.includes('0.log') && names.includes('1.log'));
      const oldest = names.find((name) => name.endsWith('.gz'))!;
      assert.equal(gunzipSync(readFileSync(join(folder, oldest))).length, 11 * 1024 * 1024);
      assert.equal(new ContainerLog(dir, pod).restarts, 1);
    });
  });
});
