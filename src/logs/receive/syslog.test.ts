import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SyslogFrames, startSyslogServer } from './syslog.ts';
import { parseSyslog } from './syslog-parse.ts';
import { testDeps, until } from './testing.ts';

const nowMs = Date.UTC(2026, 0, 2, 12);

describe('parseSyslog()', () => {
  const f = (line: string, want: Partial<ReturnType<typeof parseSyslog>>): void =>
    void it(line, () => {
      const got = parseSyslog(line, nowMs);
      for (const [key, value] of Object.entries(want))
        assert.deepEqual(got[key as keyof typeof got], value, key);
    });
  f('<34>Oct 11 22:14:15 mymachine su: root failed', {
    facility: 4,
    severity: 2,
    timeMs: Date.UTC(2025, 9, 11, 22, 14, 15),
    host: 'mymachine',
    app: 'su',
    pid: undefined,
    text: 'root failed',
  });
  f('<30>Jan  2 11:00:00 h sshd[77]: 접속', {
    timeMs: Date.UTC(2026, 0, 2, 11),
    app: 'sshd',
    pid: '77',
    text: '접속',
  });
  f('<165>1 2003-10-11T22:14:15.003Z h.example app 1 ID47 [a@1 k="v\\"]" j="2"][b] \ufeffhi', {
    facility: 20,
    severity: 5,
    host: 'h.example',
    app: 'app',
    pid: '1',
    messageId: 'ID47',
    data: { 'a@1': { k: 'v"]', j: '2' }, b: {} },
    text: 'hi',
  });
  f('<13>1 - - - - - - text', { host: undefined, app: undefined, data: undefined, text: 'text' });
  f('<13>2026-01-02T11:00:00.123456+09:00 h app[1]: x', {
    timeMs: Date.UTC(2026, 0, 2, 2, 0, 0, 123),
    host: 'h',
    app: 'app',
    text: 'x',
  });
  f('no header at all', { facility: undefined, host: undefined, text: 'no header at all' });
  f('<999>x', { facility: undefined, text: 'x' });
  f('<13>1 - - - - - [__proto__ a="b"] x', { text: 'x' });
});

describe('SyslogFrames', () => {
  it('reads counts and line feeds, cut anywhere', () => {
    const bytes = Buffer.from('10 <1>1 - a\nb<2>plain\n<3>\r\n6 <4>한<5>last');
    for (let size = 1; size <= bytes.length; size++) {
      const frames = new SyslogFrames();
      const found: string[] = [];
      for (let i = 0; i < bytes.length; i += size)
        found.push(...frames.push(bytes.subarray(i, i + size)));
      found.push(...frames.finish());
      assert.equal(found.join('|').includes('<2>plain|<3>'), true, `pieces of ${size}`);
      assert.equal(found.at(-1), '<5>last');
    }
  });
  it('refuses a message without end', () => {
    const frames = new SyslogFrames();
    assert.throws(() => frames.push(Buffer.alloc(2 * 1024 * 1024, 0x61)), {
      code: 'WIRE_TOO_LARGE',
    });
  });
});

describe('startSyslogServer()', () => {
  it('takes TCP and UDP', async () => {
    const deps = testDeps();
    await using server = await startSyslogServer({ listen: '127.0.0.1:0' }, deps);
    const tcp = net.connect(server.port, '127.0.0.1');
    tcp.end('<13>1 - web nginx - - - over tcp\n');
    const udp = createSocket('udp4');
    udp.send('<13>1 - web cron - - - over udp', server.port, '127.0.0.1');
    await until('both are stored', () => deps.store.events.length === 2);
    udp.close();
    const places = deps.store.events.map(({ group, stream }) => `${group} ${stream}`).sort();
    assert.deepEqual(places, ['/nunchi/syslog/web cron', '/nunchi/syslog/web nginx']);
  });

  const rsyslogd = spawnSync('rsyslogd', ['-v']).status === 0;
  it('takes what rsyslog forwards', {
    skip: rsyslogd ? false : 'rsyslogd is not installed',
  }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nunchi-rsyslog-'));
    const deps = testDeps();
    await using server = await startSyslogServer({ listen: '127.0.0.1:0', udp: false }, deps);
    const file = join(dir, 'app.log');
    writeFileSync(file, '');
    writeFileSync(
      join(dir, 'rsyslog.conf'),
      `global(workDirectory="${dir}")
module(load="imfile" mode="inotify")
input(type="imfile" File="${file}" Tag="shop" Severity="warning" Facility="local3")
action(type="omfwd" target="127.0.0.1" port="${server.port}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")
`,
    );
    const daemon = spawn(
      'rsyslogd',
      ['-n', '-f', join(dir, 'rsyslog.conf'), '-i', join(dir, 'pid')],
      { stdio: 'ignore' },
    );
    try {
      appendFileSync(file, '주문이 접수되었습니다 id=1\nsecond line\n');
      await until('both lines are stored', () => deps.store.events.length === 2);
      const first = JSON.parse(deps.store.events[0]!.message) as Record<string, unknown>;
      assert.equal(first['message'], '주문이 접수되었습니다 id=1');
      assert.equal(first['severity'], 'warning');
      assert.equal(first['facility'], 'local3');
      assert.equal(deps.store.events[0]!.stream, 'shop');
    } finally {
      daemon.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
