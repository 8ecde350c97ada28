import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, it } from 'node:test';
import type { Input } from '../contract.ts';
import { checkText } from '../fluentbit/testing.ts';
import { printJsonRecord } from '../records/json-print.ts';
import { until } from '../testing/until.ts';

/** Runs the first input of a configuration while `during` does; what it emits, as JSON. */
async function run(
  text: string,
  during: (got: string[]) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { config, problems } = checkText(text, { env });
  assert.deepEqual(problems, []);
  const stop = new AbortController();
  const got: string[] = [];
  const running = (config.pipeline.inputs[0]!.input as Input).run(
    {
      checkpoints: async () => [],
      emitAll: () => Promise.reject(new Error('These inputs emit one tag at a time')),
      emit: async (tag, events) => {
        for (const { record } of events) got.push(`${tag} ${printJsonRecord(record)}`);
      },
    },
    stop.signal,
  );
  try {
    await during(got);
  } finally {
    stop.abort();
    await running;
  }
  return got;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Sends pieces one after another; resolves when the connection is over. */
async function send(port: number, pieces: readonly string[]): Promise<void> {
  const socket = await new Promise<net.Socket>((resolve) => {
    const attempt = (): void => {
      const one = net.connect(port, '127.0.0.1');
      one.once('connect', () => resolve(one));
      one.once('error', () => setTimeout(attempt, 10));
    };
    attempt();
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  socket.resume();
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  socket.end();
  await closed;
}

describe('tcp input', () => {
  const conf = (port: number, lines: string): string =>
    `[INPUT]\n  Name tcp\n  Tag t\n  Listen 127.0.0.1\n  Port ${port}\n${lines}[OUTPUT]\n  Name null\n  Match *\n`;

  it('takes JSON objects, however they are cut and joined, and lists of them', async () => {
    const port = await freePort();
    const got = await run(conf(port, ''), async () => {
      await send(port, ['{"a":1}{"b":"}', '한', '"}\n[{"c":[1,2]},', '{"d":1.0}]']);
    });
    assert.deepEqual(got, ['t {"a":1}', 't {"b":"}한"}', 't {"c":[1,2]}', 't {"d":1.0}']);
  });

  it('keeps what came before a mistake, and closes the connection', async () => {
    const port = await freePort();
    const got = await run(conf(port, '  Source_Address_Key from\n'), async (so_far) => {
      await send(port, ['{"a":1}']);
      await send(port, ['{"b":1}', '\n12 ']);
      await send(port, ['{"open":']);
      await send(port, ['{"c":1}']);
      await until(() => so_far.length === 3);
    });
    assert.deepEqual(got, [
      't {"a":1,"from":"127.0.0.1"}',
      't {"b":1,"from":"127.0.0.1"}',
      't {"c":1,"from":"127.0.0.1"}',
    ]);
  });

  it('takes texts between separators, the last one without', async () => {
    const port = await freePort();
    const lines = '  Format none\n  Separator ||\n';
    const got = await run(conf(port, lines), async (so_far) => {
      await send(port, ['one|', '|two||', '||', 'three']);
      await until(() => so_far.length === 3);
    });
    assert.deepEqual(got, ['t {"log":"one"}', 't {"log":"two"}', 't {"log":"three"}']);
  });

  it('closes a connection whose message is too large', async () => {
    const port = await freePort();
    const lines = '  Format none\n  Buffer_Size 1\n';
    const got = await run(conf(port, lines), async () => {
      await send(port, ['fine\n', 'x'.repeat(2000)]);
    });
    assert.deepEqual(got, ['t {"log":"fine"}']);
  });

  it('names settings that make no sense', () => {
    const { problems } = checkText(conf(1, '  Format xml\n'));
    assert.match(problems.join(), /main\.conf:6: .*format must be json or none, not 'xml'/);
    assert.match(
      checkText(conf(1, '  Buffer_Size big\n')).problems.join(),
      /main\.conf:6: .*buffer_size must be a number of kilobytes/,
    );
  });
});

describe('exec input', () => {
  const conf = (command: string, lines = ''): string =>
    `[INPUT]\n  Name exec\n  Tag e\n  Command ${command}\n${lines}[OUTPUT]\n  Name null\n  Match *\n`;

  it('takes lines, the last one without an end, again and again', async () => {
    const got = await run(
      conf('printf "a\\n\\nb $NAME"'),
      (so_far) => until(() => so_far.length >= 2),
      {
        NAME: 'x',
        PATH: process.env['PATH'] ?? '',
      },
    );
    assert.deepEqual(got.slice(0, 2), ['e {"exec":"a"}', 'e {"exec":"b x"}']);
  });

  it('runs once, and ends where it should', async () => {
    const got = await run(conf('echo one', '  Exit_After_Oneshot true\n'), (so_far) =>
      until(() => so_far.length === 1),
    );
    assert.deepEqual(got, ['e {"exec":"one"}']);
  });

  it('cuts long lines into pieces', async () => {
    const lines = '  Oneshot true\n  Buf_Size 4\n';
    const got = await run(conf('printf 1234567890\\\\nabcd\\\\nx', lines), (so_far) =>
      until(() => so_far.length === 5),
    );
    assert.deepEqual(
      got.map((one) => one.slice(11, -2)),
      ['1234', '5678', '90', 'abcd', 'x'],
    );
  });

  it('a command that fails is tried again; what it printed counts', async () => {
    const got = await run(
      conf('echo out; echo sorry >&2; exit 3', '  Interval_Sec 0\n  Interval_NSec 1000000\n'),
      (so_far) => until(() => so_far.length >= 1),
    );
    assert.equal(got[0], 'e {"exec":"out"}');
  });

  it('ends what the command has started', async () => {
    let pid = 0;
    await run(conf('sleep 1000 & echo $!; wait', '  Oneshot on\n'), async (so_far) => {
      await until(() => so_far.length === 1);
      pid = Number(/"(\d+)"/.exec(so_far[0]!)?.[1]);
      process.kill(pid, 0);
    });
    await until(() => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });

  it('names what is missing', () => {
    const { problems } = checkText('[INPUT]\n  Name exec\n[OUTPUT]\n  Name null\n  Match *\n');
    assert.match(problems.join(), /main\.conf:1: .*exec: the property 'command' is required/);
  });
});
