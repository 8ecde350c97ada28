import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import type { Checkpoint, Input } from '../contract.ts';
import { checkFluentBitConfig } from '../fluentbit/load.ts';
import { printJsonRecord } from '../records/json-print.ts';
import { kmsgEvent } from './kmsg.ts';
import { journalArguments, journalEvent, readStockCursor } from './systemd.ts';

const shape = { maxFields: 100, stripUnderscores: false, lowercase: false };
const entry =
  '{"__CURSOR":"c1","__REALTIME_TIMESTAMP":"1711334519633035","__MONOTONIC_TIMESTAMP":"1","_HOSTNAME":"h","MESSAGE":"hi","_SYSTEMD_UNIT":"a.service"';

describe('journalEvent()', () => {
  const f = (line: string, want: string, options = shape): void =>
    void it(`reads ${line.slice(160)}`, () =>
      assert.equal(printJsonRecord(journalEvent(line, options)!.event.record), want));
  f(`${entry}}`, '{"_HOSTNAME":"h","MESSAGE":"hi","_SYSTEMD_UNIT":"a.service"}');
  f(
    `${entry},"X":["a","b"]}`,
    '{"_HOSTNAME":"h","MESSAGE":"hi","_SYSTEMD_UNIT":"a.service","X":["a","b"]}',
  );
  f(
    `${entry},"X":[237,149,156]}`,
    '{"_HOSTNAME":"h","MESSAGE":"hi","_SYSTEMD_UNIT":"a.service","X":"한"}',
  );
  f(
    `${entry},"X":[[255],"b"]}`,
    '{"_HOSTNAME":"h","MESSAGE":"hi","_SYSTEMD_UNIT":"a.service","X":["\ufffd","b"]}',
  );
  f(`${entry}}`, '{"hostname":"h","message":"hi","systemd_unit":"a.service"}', {
    ...shape,
    stripUnderscores: true,
    lowercase: true,
  });
  it('gives time, cursor and unit', () => {
    const { event, cursor, unit } = journalEvent(`${entry}}`, shape)!;
    assert.deepEqual(
      [event.time, cursor, unit],
      [{ seconds: 1711334519, nanoseconds: 633035000 }, 'c1', 'a.service'],
    );
  });
  it('passes over what is no entry', () =>
    assert.equal(journalEvent('-- No entries --', shape), undefined));
});

describe('journalArguments()', () => {
  const base = {
    directory: '/j',
    follow: true,
    cursor: undefined,
    fromTail: false,
    filters: [] as string[],
    type: 'or' as const,
  };
  const common = ['--output=json', '--all', '--no-pager', '--quiet', '--directory=/j', '--follow'];
  const f = (
    name: string,
    options: Partial<Parameters<typeof journalArguments>[0]>,
    want: string[],
  ): void =>
    void it(name, () =>
      assert.deepEqual(journalArguments({ ...base, ...options }), [...common, ...want]),
    );
  f('starts at the head', {}, ['--lines=all']);
  f('starts at the tail', { fromTail: true }, ['--lines=0']);
  f('goes on behind a cursor, wherever it would start', { fromTail: true, cursor: 'c' }, [
    '--after-cursor=c',
    '--lines=all',
  ]);
  f('one field', { filters: ['P=0', 'P=1'] }, ['--lines=all', 'P=0', 'P=1']);
  f('fields as alternatives', { filters: ['A=0', 'B=1'] }, ['--lines=all', 'A=0', '+', 'B=1']);
  f('fields as conditions', { filters: ['A=0', 'B=1'], type: 'and' }, [
    '--lines=all',
    'A=0',
    'B=1',
  ]);
});

describe('readStockCursor()', () => {
  it('reads the cursor beside the table of a tail input, and nothing where there is none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-db-'));
    const path = join(folder, 'flb_messages.db');
    assert.equal(readStockCursor(path), undefined);
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE in_tail_files(id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
    assert.equal(readStockCursor(path), undefined);
    db.exec(
      "CREATE TABLE in_systemd_cursor(cursor TEXT NOT NULL, updated INTEGER); INSERT INTO in_systemd_cursor VALUES('s=1;i=2', 3)",
    );
    db.close();
    assert.equal(readStockCursor(path), 's=1;i=2');
    writeFileSync(path, 'this is no database');
    assert.equal(readStockCursor(path), undefined);
    rmSync(folder, { recursive: true });
  });
});

const remote = '/lib/systemd/systemd-journal-remote';
const hasJournal = spawnSync('journalctl', ['--version']).error === undefined && existsSync(remote);

describe('systemd input', () => {
  it('reads a real journal and goes on behind its cursor', {
    skip: hasJournal ? false : `journalctl and ${remote} are needed`,
    timeout: 120_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-journal-'));
    const source = [1, 2, 3]
      .map(
        (n) =>
          `__REALTIME_TIMESTAMP=171133451963303${n}\n__MONOTONIC_TIMESTAMP=${n}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_SYSTEMD_UNIT=kubelet.service\nMESSAGE=line ${n}\n\n`,
      )
      .join('');
    execFileSync(remote, ['-o', join(folder, 'a.journal'), '-'], { input: source });
    const got: string[] = [];
    let saved: readonly Checkpoint[] = [];
    const run = async (count: number): Promise<void> => {
      const conf = join(folder, 'main.conf');
      writeFileSync(
        conf,
        `[INPUT]\n  Name systemd\n  Tag j.*\n  Path ${folder}\n  Systemd_Filter _SYSTEMD_UNIT=kubelet.service\n`,
      );
      const deps = {
        clock: systemClock,
        log: silentLogger,
        metrics: new MetricsRegistry(),
        env: process.env,
        hostname: 'h',
        random: () => 0,
      };
      const { config } = checkFluentBitConfig(conf, deps);
      const stop = new AbortController();
      const running = (config.pipeline.inputs[0]!.input as Input).run(
        {
          checkpoints: async () => saved,
          emitAll: () => Promise.reject(new Error('These inputs emit one tag at a time')),
          emit: async (tag, events, checkpoints) => {
            for (const { record } of events) got.push(`${tag} ${record.get('MESSAGE')}`);
            saved = checkpoints ?? saved;
            if (got.length >= count) stop.abort();
          },
        },
        stop.signal,
      );
      await running;
    };
    await run(3);
    assert.deepEqual(got, [
      'j.kubelet.service line 1',
      'j.kubelet.service line 2',
      'j.kubelet.service line 3',
    ]);
    const [position] = saved;
    assert.equal(typeof position?.value, 'string');
    rmSync(folder, { recursive: true });
  });
});

describe('kmsgEvent()', () => {
  it('reads a record', () => {
    const { event, sequence, priority } = kmsgEvent(
      '30,339,5140900,-;NET: Registered\\x20protocol',
      1_700_000_000_000,
    )!;
    assert.equal(
      printJsonRecord(event.record),
      '{"priority":6,"sequence":339,"sec":5,"usec":140900,"msg":"NET: Registered protocol"}',
    );
    assert.deepEqual(
      [event.time, sequence, priority],
      [{ seconds: 1_700_000_005, nanoseconds: 140_900_000 }, 339, 6],
    );
  });
  it('passes over continuation lines', () =>
    assert.equal(kmsgEvent(' SUBSYSTEM=net', 0), undefined));
});

describe('kmsg input', () => {
  it('reads a stand-in file, leaves out what is above the level, and goes on behind its sequence', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-kmsg-'));
    const path = join(folder, 'kmsg');
    writeFileSync(path, '6,1,1000000,-;one\n7,2,2000000,-;debug\n SUB=x\n4,3,3000000,-;three\n');
    const conf = join(folder, 'main.conf');
    writeFileSync(conf, `[INPUT]\n  Name kmsg\n  Path ${path}\n  Prio_Level 7\n`);
    const run = async (
      saved: readonly Checkpoint[],
    ): Promise<[string[], readonly Checkpoint[]]> => {
      const deps = {
        clock: systemClock,
        log: silentLogger,
        metrics: new MetricsRegistry(),
        env: {},
        hostname: 'h',
        random: () => 0,
      };
      const { config } = checkFluentBitConfig(conf, deps);
      const stop = new AbortController();
      const got: string[] = [];
      let last = saved;
      await (config.pipeline.inputs[0]!.input as Input).run(
        {
          checkpoints: async () => saved,
          emitAll: () => Promise.reject(new Error('These inputs emit one tag at a time')),
          emit: async (_tag, events, checkpoints) => {
            got.push(...events.map(({ record }) => String(record.get('msg'))));
            last = checkpoints ?? last;
            stop.abort();
          },
        },
        stop.signal,
      );
      return [got, last];
    };
    const [first, saved] = await run([]);
    assert.deepEqual(first, ['one', 'three']);
    writeFileSync(path, '6,1,1000000,-;one\n4,3,3000000,-;three\n4,4,4000000,-;four\n');
    assert.deepEqual((await run(saved))[0], ['four']);
    rmSync(folder, { recursive: true });
  });
});
