import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compactObject, decodeBatch, forEachEvent, objectForm } from '#logs/batch';
import { builtinMultiline } from '../multiline/builtin.ts';
import type { LineJoiner } from '../multiline/joiner.ts';
import { RuleMachines } from '../multiline/rules.ts';
import { BatchWriter } from '../ship/batch-writer.ts';
import { ContainerHandler, newContainerStats } from './handler.ts';
import { containerNameOf, dottedPath } from './names.ts';
import { TimestampReader } from './timestamp.ts';
import type { ContainerWishes } from './wishes.ts';

interface KubernetesText {
  text: string;
  wishes?: ContainerWishes;
}

const origin = { path: '/a.log', offset: 0 };

/** A handler whose messages come out as text; `restart` goes on from its saved state. */
class Bench {
  readonly writer = new BatchWriter();
  readonly stats = newContainerStats();
  nowMs = 1000;
  readonly #make: () => ContainerHandler;
  #handler: ContainerHandler;

  constructor(
    options: {
      maxLineBytes?: number;
      kubernetes?: KubernetesText;
      joiner?: () => LineJoiner;
    } = {},
  ) {
    const group = Buffer.from('g');
    const stream = Buffer.from('s');
    this.#make = () =>
      new ContainerHandler({
        writer: this.writer,
        group,
        stream,
        maxLineBytes: 1_000_000,
        idleFlushMs: 5000,
        nowMs: () => this.nowMs,
        wallMs: () => 77,
        stats: this.stats,
        ...options,
      });
    this.#handler = this.#make();
  }

  feed(bytes: Buffer | string): this {
    // The reader's buffer is larger than what is given, and is overwritten after the call.
    const given = Buffer.from(bytes);
    const buffer = Buffer.concat([Buffer.from('7Z+\n'), given, Buffer.from('9.9Z stdout F x\n')]);
    this.#handler.lines(buffer, 4, 4 + given.length, origin);
    buffer.fill(0x3f);
    return this;
  }

  restart(): this {
    const state = JSON.parse(JSON.stringify(this.#handler.saveState() ?? null)) as unknown;
    this.#handler = this.#make();
    if (state !== null) this.#handler.restoreState(state);
    return this;
  }

  idle(ms: number): boolean {
    this.nowMs += ms;
    return this.#handler.flushIdle(this.nowMs);
  }

  finish(): this {
    this.#handler.finish();
    return this;
  }

  take(): { timestampMs: number; message: string }[] {
    const found: { timestampMs: number; message: string }[] = [];
    for (const section of decodeBatch(Buffer.from(this.writer.finish()))) {
      assert.deepEqual([section.group, section.stream], ['g', 's']);
      forEachEvent(section, (timestampMs, message) => {
        found.push({ timestampMs, message: message.toString() });
      });
    }
    this.writer.reset();
    return found;
  }

  messages(): string[] {
    return this.take().map(({ message }) => message);
  }

  logs(): string[] {
    return this.messages().map((message) => (JSON.parse(message) as { log: string }).log);
  }
}

const at = '2026-11-24T00:00:00.5Z';

describe('ContainerHandler', () => {
  const cases: readonly (readonly [string, string | Buffer, readonly string[]])[] = [
    [
      'a plain line',
      `${at} stdout F hi\n`,
      [`{"time":"${at}","stream":"stdout","_p":"F","log":"hi"}`],
    ],
    [
      'an empty line with and without its space',
      `${at} stderr F \n${at} stdout F\n`,
      [
        `{"time":"${at}","stream":"stderr","_p":"F","log":""}`,
        `{"time":"${at}","stream":"stdout","_p":"F","log":""}`,
      ],
    ],
    [
      'later tags are ignored',
      `${at} stdout F:x:y hi there\n${at} stdout P:x a\n${at} stdout F:z b\n`,
      [
        `{"time":"${at}","stream":"stdout","_p":"F","log":"hi there"}`,
        `{"time":"${at}","stream":"stdout","_p":"P","log":"ab"}`,
      ],
    ],
    [
      'pieces are joined per stream, the time is the first piece’s',
      `${at} stdout P one \n${at} stderr P err\n2026-11-24T00:00:09Z stdout F two\n${at} stderr F or\n`,
      [
        `{"time":"${at}","stream":"stdout","_p":"P","log":"one two"}`,
        `{"time":"${at}","stream":"stderr","_p":"P","log":"error"}`,
      ],
    ],
    [
      'a return at the end of a line goes, at the end of a piece it stays',
      `${at} stdout F a\r\n${at} stdout P b\r\n${at} stdout F c\r\r\n`,
      [
        `{"time":"${at}","stream":"stdout","_p":"F","log":"a"}`,
        `{"time":"${at}","stream":"stdout","_p":"P","log":"b\\rc\\r"}`,
      ],
    ],
    [
      'invalid UTF-8 and NUL inside',
      Buffer.concat([Buffer.from(`${at} stdout F a`), Buffer.from([0xff, 0, 0xc3, 0x28, 10])]),
      [`{"time":"${at}","stream":"stdout","_p":"F","log":"a\uFFFD\\u0000\uFFFD("}`],
    ],
    [
      'a character in two pieces',
      Buffer.concat([
        Buffer.from(`${at} stdout P `),
        Buffer.from([0xeb, 0x88]),
        Buffer.from(`\n${at} stdout F `),
        Buffer.from([0x88, 10]),
      ]),
      [`{"time":"${at}","stream":"stdout","_p":"P","log":"눈"}`],
    ],
    [
      'NULs before a line (a crashed node), and only NULs',
      `\0\0\0${at} stdout F x\n\0\0\n`,
      [`{"time":"${at}","stream":"stdout","_p":"F","log":"x"}`],
    ],
    ['text that is no container line', 'hello "you"\n', ['{"log":"hello \\"you\\""}']],
    [
      'almost container lines',
      `${at} stdin F x\n${at} stdout X x\n${at} stdout FF x\n2026-02-31T00:00:00Z stdout F x\n`,
      [
        `{"log":"${at} stdin F x"}`,
        `{"log":"${at} stdout X x"}`,
        `{"log":"${at} stdout FF x"}`,
        '{"log":"2026-02-31T00:00:00Z stdout F x"}',
      ],
    ],
    [
      'a JSON text',
      `${at} stdout F { "a" : 1.0, "big":12345678901234567890, "s":"x\\n" }\n`,
      [
        `{"time":"${at}","stream":"stdout","_p":"F","log":"{ \\"a\\" : 1.0, \\"big\\":12345678901234567890, \\"s\\":\\"x\\\\n\\" }","log_processed":{"a":1.0,"big":12345678901234567890,"s":"x"}}`,
      ],
    ],
    [
      'JSON that is not one object stays text',
      `${at} stdout F {} \n${at} stdout F {"a":1}{\n${at} stdout F [1]\n${at} stdout F {"a":01}\n`,
      ['{} ', '{"a":1}{', '[1]', '{"a":01}'].map(
        (log) => `{"time":"${at}","stream":"stdout","_p":"F","log":${JSON.stringify(log)}}`,
      ),
    ],
    [
      'docker lines, in pieces too',
      `{"log":"x \\"y\\"\\n","stream":"stderr","time":"${at}"}\n{"log":"a","stream":"stdout","time":"${at}"}\n{"log":"b\\n","stream":"stdout","time":"${at}"}\n`,
      [
        `{"time":"${at}","stream":"stderr","_p":"F","log":"x \\"y\\""}`,
        `{"time":"${at}","stream":"stdout","_p":"P","log":"ab"}`,
      ],
    ],
    [
      'a docker line whose time is more than a time',
      '{"log":"x\\n","time":"2026-11-24T00:00:00Z\\",\\"a\\":\\"b"}\n',
      [
        `{"log":${JSON.stringify('{"log":"x\\n","time":"2026-11-24T00:00:00Z\\",\\"a\\":\\"b"}')},"log_processed":{"log":"x","time":"2026-11-24T00:00:00Z\\",\\"a\\":\\"b"}}`,
      ],
    ],
  ];
  for (const [name, input, expected] of cases) {
    it(name, () => {
      const found = new Bench().feed(input).messages();
      for (const message of found) JSON.parse(message);
      assert.deepEqual(
        found.map((m) => dropRawProcessed(m)),
        expected.map((m) => dropRawProcessed(m)),
      );
    });
  }

  it('puts the pod behind text and objects', () => {
    const bench = new Bench({ kubernetes: { text: '{"pod_name":"web"}' } });
    assert.deepEqual(bench.feed(`${at} stdout F a\n${at} stdout F {"a":1}\nx\n`).messages(), [
      `{"time":"${at}","stream":"stdout","_p":"F","log":"a","kubernetes":{"pod_name":"web"}}`,
      `{"time":"${at}","stream":"stdout","_p":"F","log":"{\\"a\\":1}","log_processed":{"a":1},"kubernetes":{"pod_name":"web"}}`,
      '{"log":"x","kubernetes":{"pod_name":"web"}}',
    ]);
  });

  it('leaves out and parses what the pod asks for, from the slice on in which it is known', () => {
    const kubernetes: KubernetesText = { text: '{"pod_name":"web"}' };
    const bench = new Bench({ kubernetes });
    bench.feed(`${at} stderr F before\n`);
    const parse = (text: string): { json: string; timestampMs: number | undefined } | undefined =>
      text.startsWith('a=')
        ? {
            json: `{"a":${JSON.stringify(text.slice(2))}}`,
            timestampMs: text === 'a=1' ? 5 : undefined,
          }
        : undefined;
    kubernetes.wishes = {
      stdout: { exclude: false, parse },
      stderr: { exclude: true, parse: undefined },
    };
    bench.feed(
      `${at} stderr F no\n${at} stdout F a=1\n${at} stdout P a=\n${at} stdout F "\u0007한\n${at} stdout F else\n${at} stderr P no\n${at} stderr F no\nodd\n`,
    );
    const found = bench.take();
    const tail = '"kubernetes":{"pod_name":"web"}}';
    assert.deepEqual(
      found.map(({ message }) => message),
      [
        `{"time":"${at}","stream":"stderr","_p":"F","log":"before",${tail}`,
        `{"time":"${at}","stream":"stdout","_p":"F","log":"a=1","log_processed":{"a":"1"},${tail}`,
        `{"time":"${at}","stream":"stdout","_p":"P","log":"a=\\"\\u0007한","log_processed":{"a":"\\"\\u0007한"},${tail}`,
        `{"time":"${at}","stream":"stdout","_p":"F","log":"else",${tail}`,
        `{"log":"odd",${tail}`,
      ],
    );
    assert.equal(found[1]!.timestampMs, 5);
    assert.equal(found[2]!.timestampMs, Date.parse(at));
    assert.equal(bench.stats.excludedEvents, 2);
    kubernetes.wishes = {
      stdout: { exclude: true, parse: undefined },
      stderr: { exclude: true, parse: undefined },
    };
    assert.deepEqual(bench.feed(`odd\n${at} stdout F x\n`).messages(), []);
  });

  it('says what is known of the pod by the time of a line', () => {
    const kubernetes = { text: '{"pod_name":"web"}' };
    const bench = new Bench({ kubernetes });
    bench.feed(`${at} stdout F a\n${at} stdout P b\n`);
    kubernetes.text = '{"pod_name":"web","labels":{"app":"web"}}';
    const pods = bench
      .feed(`${at} stdout F c\n`)
      .messages()
      .map((message) => JSON.parse(message))
      .map(({ log, kubernetes: pod }) => [log, pod.labels?.app]);
    assert.deepEqual(pods, [
      ['a', undefined],
      ['bc', 'web'],
    ]);
  });

  it('is what it should be for any lines, however they are cut and wherever it is restarted', () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => Buffer.from(text)),
      fc.json({ maxDepth: 2 }).map((text) => Buffer.from(text)),
      fc.constantFrom(Buffer.from('{"a":"x"}'), Buffer.from(' '), Buffer.from('\r')),
    );
    const line = fc.record({
      stream: fc.constantFrom('stdout', 'stderr'),
      tag: fc.constantFrom('F', 'F', 'P', 'F:x', 'P:y:z'),
      second: fc.integer({ min: 0, max: 59 }),
      content: content.map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
      cut: fc.boolean(),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), (lines) => {
        const pod = '{"pod_name":"웹","labels":{"a":"\\"b\\""}}';
        const bench = new Bench({ kubernetes: { text: pod } });
        const open = new Map<string, { time: string; parts: Buffer[] }>();
        const expected: { timestampMs: number; message: string }[] = [];
        const emit = (stream: string, time: string, pieces: boolean, parts: Buffer[]): void => {
          const log = Buffer.concat(parts).toString('utf8');
          const message = plainMessage({ time, stream, _p: pieces ? 'P' : 'F', log }, pod);
          expected.push({ timestampMs: Date.parse(time), message });
        };
        let waiting: Buffer[] = [];
        for (const { stream, tag, second, content: bytes, cut, restart } of lines) {
          const time = `2026-11-24T01:02:${String(second).padStart(2, '0')}.25Z`;
          waiting.push(
            Buffer.from(`${time} ${stream} ${tag} `),
            Buffer.from(bytes),
            Buffer.from('\n'),
          );
          const before = open.get(stream);
          if (tag.startsWith('P')) {
            if (before === undefined) open.set(stream, { time, parts: [bytes] });
            else before.parts.push(bytes);
          } else {
            const text = bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
            emit(stream, before?.time ?? time, before !== undefined, [
              ...(before?.parts ?? []),
              text,
            ]);
            open.delete(stream);
          }
          if (!cut) continue;
          bench.feed(Buffer.concat(waiting));
          waiting = [];
          if (restart) bench.restart();
        }
        bench.feed(Buffer.concat(waiting)).finish();
        for (const stream of ['stdout', 'stderr']) {
          const left = open.get(stream);
          if (left !== undefined) emit(stream, left.time, true, left.parts);
        }
        assert.deepEqual(bench.take(), expected);
      }),
      { numRuns: 300 },
    );
  });

  it('cuts a line that is too long between characters and loses none of it', () => {
    const bench = new Bench({ maxLineBytes: 100 });
    const text = '눈치é'.repeat(200);
    const bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; i += 7) {
      bench.feed(
        Buffer.concat([
          Buffer.from(`${at} stdout ${i + 7 >= bytes.length ? 'F' : 'P'} `),
          bytes.subarray(i, i + 7),
          Buffer.from('\n'),
        ]),
      );
    }
    const logs = bench.logs();
    assert.equal(logs.join(''), text);
    for (const log of logs) assert.ok(Buffer.byteLength(log) <= 107);
    assert.equal(bench.stats.splitLines, logs.length - 1);
  });

  it('takes a line of 1 MB in pieces of 16 KiB, and one in a piece', () => {
    const bench = new Bench();
    const text = `${'"\\\u0001é'.repeat(150_000)}`;
    const bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; i += 16_384) {
      const tag = i + 16_384 >= bytes.length ? 'F' : 'P';
      bench.feed(
        Buffer.concat([
          Buffer.from(`${at} stdout ${tag} `),
          bytes.subarray(i, i + 16_384),
          Buffer.from('\n'),
        ]),
      );
    }
    bench.feed(`${at} stdout F ${text}\n`);
    assert.deepEqual(
      bench.logs().map((log) => log === text),
      [true, true],
    );
  });

  it('emits pieces whose rest does not come, each stream by its own idle time', () => {
    const bench = new Bench();
    bench.feed(`${at} stdout P a\n`);
    assert.equal(bench.idle(4000), false);
    bench.feed(`${at} stderr P e\n${at} stdout P b\n`);
    assert.equal(bench.idle(4000), false);
    bench.feed(`${at} stdout P c\n`);
    assert.equal(bench.idle(1000), true);
    assert.deepEqual(bench.logs(), ['e']);
    assert.equal(bench.idle(4000), true);
    assert.deepEqual(bench.logs(), ['abc']);
    assert.equal(bench.idle(9000), false);
  });

  it('joins stack traces per stream, over a restart, and bounds a group', () => {
    const java = builtinMultiline.get('java')!.rules;
    const options = { maxLineBytes: 2000, joiner: () => new RuleMachines([java]) };
    const bench = new Bench(options);
    bench.feed(
      `${at} stdout F java.lang.Error: no\n${at} stderr F other\n${at} stdout F \tat a.B(C.java:1)\n`,
    );
    bench.restart().feed(`${at} stdout F \tat a.D(E.java:2)\n${at} stdout F next\n`);
    assert.deepEqual(bench.logs(), [
      'other',
      'java.lang.Error: no\n\tat a.B(C.java:1)\n\tat a.D(E.java:2)',
      'next',
    ]);
    bench.feed(`${at} stdout F java.lang.Error: deep\n`);
    const frame = `\tat a.B.${'c'.repeat(50)}(D.java:1)`;
    for (let i = 0; i < 500; i++) bench.feed(`${at} stdout F ${frame}\n`);
    bench.feed(`${at} stdout F end\n`);
    const logs = bench.logs();
    assert.equal(logs.join('\n'), `java.lang.Error: deep\n${`${frame}\n`.repeat(500)}end`);
    for (const log of logs) assert.ok(log.length <= 2000);
  });
});

describe('TimestampReader', () => {
  it('agrees with Date.parse for any zone and number of digits', () => {
    const reader = new TimestampReader();
    const zone = fc.oneof(
      fc.constantFrom('Z', 'z'),
      fc
        .tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59))
        .map(([sign, h, m]) => `${sign}${two(h)}:${two(m)}`),
    );
    const time = fc.date({
      min: new Date('1971-01-01T00:00:00Z'),
      max: new Date('2099-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, fc.stringMatching(/^[0-9]{0,9}$/), zone, (date, digits, suffix) => {
        const head = date.toISOString().slice(0, 19);
        const text = `${head}${digits === '' ? '' : `.${digits}`}${suffix}`;
        const bytes = Buffer.from(`xx${text} tail`);
        const ms = `${digits}000`.slice(0, 3);
        const expected = Date.parse(`${head}.${ms}${suffix.toUpperCase()}`);
        assert.equal(reader.read(bytes, 2, bytes.length), expected);
        assert.equal(reader.end, 2 + text.length);
        // Cut short it is no time, whatever stands behind.
        assert.ok(Number.isNaN(reader.read(bytes, 2, 1 + text.length)));
      }),
      { numRuns: 500 },
    );
  });

  it('takes no half time', () => {
    const reader = new TimestampReader();
    for (const text of [
      '2026-13-01T00:00:00Z',
      '2026-11-31T00:00:00Z',
      '2026-11-24T24:00:00Z',
      '2026-11-24T00:60:00Z',
      '2026-11-24T00:00:61Z',
      '2026-11-24T00:00:00',
      '2026-11-24T00:00:00+9',
      '2026-11-24T00:00:00+24:00',
      '2026/11/24T00:00:00Z',
      '',
    ]) {
      const bytes = Buffer.from(`${text} stdout F x`);
      assert.ok(Number.isNaN(reader.read(bytes, 0, text.length)), text);
    }
  });
});

describe('containerNameOf()', () => {
  it('reads links and pod paths', () => {
    const id = 'a'.repeat(64);
    const real = '/var/log/pods/shop_web-1_0f0e/app/3.log';
    assert.deepEqual(containerNameOf(`/var/log/containers/web-1_shop_app-x-${id}.log`, real), {
      pod: 'web-1',
      namespace: 'shop',
      container: 'app-x',
      id,
      podUid: '0f0e',
    });
    assert.equal(containerNameOf(real)?.container, 'app');
    assert.equal(containerNameOf('/var/log/syslog'), undefined);
    assert.equal(dottedPath('/var/log/a:b/*c..log.'), 'var.log.a.b.c.log');
  });
});

const two = (value: number): string => String(value).padStart(2, '0');

/** A record as text, the long way: by strings and the platform's own JSON. */
function plainMessage(
  record: {
    readonly time: string;
    readonly stream: string;
    readonly _p: string;
    readonly log: string;
  },
  pod: string,
): string {
  const text = Buffer.from(record.log);
  const isObject = objectForm(text, 0, text.length) !== 'none';
  const compact = Buffer.alloc(text.length);
  const end = isObject ? compactObject(text, 0, text.length, compact, 0) : 0;
  const processed = isObject ? `,"log_processed":${compact.toString('utf8', 0, end)}` : '';
  return `${JSON.stringify(record).slice(0, -1)}${processed},"kubernetes":${pod}}`;
}

/** Whether raw text gets `log_processed` is of no interest here. */
function dropRawProcessed(message: string): string {
  return message.startsWith('{"log":') ? message.replace(/,"log_processed":.*/, '}') : message;
}
