import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RecordMap, TextParser } from '../contract.ts';
import { RecordHandler } from '../pipeline/record-handler.ts';
import type { TailOptions } from '../tail/options.ts';
import { builtinMultiline } from './builtin.ts';
import { parseRfc3339 } from './container-parsers.ts';
import type { MultilineSpec } from './spec.ts';

type PlainRecord = Record<string, unknown>;

/** A file's lines through the tail input's handler, which can be restarted at any line. */
class Lines {
  nowMs = 0;
  cuts = 0;
  readonly events: { seconds: number; record: PlainRecord }[] = [];
  readonly #options: TailOptions;
  #handler: RecordHandler;

  constructor(multiline: readonly MultilineSpec[], options: Partial<TailOptions> = {}) {
    this.#options = { name: 'tail.0', paths: [], multiline, ...options };
    this.#handler = this.#make();
  }

  feed(text: string | Buffer): this {
    const bytes = Buffer.from(text);
    this.#handler.lines(bytes, 0, bytes.length, { path: '/a.log', offset: 0 });
    return this.#take();
  }

  restart(): this {
    const state = JSON.parse(JSON.stringify(this.#handler.saveState() ?? null)) as unknown;
    this.#handler = this.#make();
    if (state !== null) this.#handler.restoreState(state);
    return this.#take();
  }

  idle(ms: number): this {
    this.nowMs += ms;
    this.#handler.flushIdle(this.nowMs);
    return this.#take();
  }

  finish(): this {
    this.#handler.finish();
    return this.#take();
  }

  get logs(): unknown[] {
    return this.events.map(({ record }) => record['log']);
  }

  #make(): RecordHandler {
    return new RecordHandler(this.#options, '/a.log', {
      nowMs: () => this.nowMs,
      wallMs: () => 5000,
      onCut: () => this.cuts++,
      filled: new Set(),
    });
  }

  #take(): this {
    for (const { time, record } of this.#handler.takeEvents()) {
      this.events.push({ seconds: time.seconds, record: plain(record) });
    }
    return this;
  }
}

const plain = (record: RecordMap): PlainRecord => Object.fromEntries(record);
const builtin = (...names: string[]): MultilineSpec[] =>
  names.map((name) => builtinMultiline.get(name)!);

/** Feeds lines cut into random runs, restarting where told. */
function feedRandomly(
  lines: Lines,
  all: readonly string[],
  cuts: readonly { length: number; restart: boolean }[],
): void {
  let at = 0;
  for (let i = 0; at < all.length; i++) {
    const { length, restart } = cuts[i % cuts.length] ?? { length: all.length, restart: false };
    const run = all.slice(at, at + length);
    lines.feed(run.map((line) => `${line}\n`).join(''));
    if (restart) lines.restart();
    at += length;
  }
}
const cuts = fc.array(
  fc.record({ length: fc.integer({ min: 1, max: 6 }), restart: fc.boolean() }),
  { minLength: 1, maxLength: 8 },
);

const traces: Readonly<Record<string, readonly string[]>> = {
  go: [
    'panic: my panic\n\ngoroutine 4 [running]:\npanic(0x45cb40, 0x47ad70)\n\t/usr/local/go/src/runtime/panic.go:542 +0x46c fp=0xc42003f7b8\nmain.main.func1(0xc420024120)\n\tfoo.go:6 +0x39 fp=0xc42003f7d8\ncreated by main.main\n\tfoo.go:5 +0x58\n\ngoroutine 1 [chan receive]:\nmain.main()\n\tfoo.go:9 +0x88',
    'panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x0]\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/tmp/x.go:8\nmain.main()\n\t/tmp/x.go:12 +0x1d',
    '2026/11/24 00:00:00 http: panic serving [::1]:4711: oh no\ngoroutine 24 [running]:\nnet/http.(*conn).serve.func1(0xc00007eaa0)\n\t/usr/lib/go/src/net/http/server.go:1746 +0xd0',
  ],
  java: [
    'java.lang.IllegalStateException: no\n\tat a.b.C.d(C.java:12)\n\tat e.f.G.<init>(Unknown Source)\nCaused by: java.io.IOException: disk\n\tat h.I.j(I.java:3)\n\t... 12 more',
    'Exception in thread "main" java.lang.Error: x\n    at K.main(K.java:1)\n    Suppressed: L: y\n        at M.n(M.java:2)',
    'Jul 09, 2026 3:23:29 PM com.google.devtools.search.cloud.feeder.MakeLog: RuntimeException: Run from this message!\n  at com.my.app.Object.do$a1(MakeLog.java:50)\n  at java.lang.Thing.call(Thing.java:10)',
  ],
  python: [
    'Traceback (most recent call last):\n  File "/a/b.py", line 10, in <module>\n    main()\n  File "/a/b.py", line 6, in main\n    return 1 / 0\nZeroDivisionError: division by zero',
    'Traceback (most recent call last):\n  File "x.py", line 1, in f\n    raise errors.Oops("no")\nlib.errors.Oops: no',
  ],
  ruby: [
    "/app/x.rb:3:in `f': no (RuntimeError)\n\tfrom /app/x.rb:7:in `g'\n\tfrom /app/main.rb:1:in `<main>'",
  ],
};

describe('built-in rules', () => {
  for (const [name, examples] of Object.entries(traces)) {
    it(`${name}: traces are one event each among other lines, however they arrive`, () => {
      const item = fc.oneof(
        fc.constantFrom(...examples),
        fc.nat(99).map((n) => `plain ${n}`),
      );
      fc.assert(
        fc.property(fc.array(item, { maxLength: 12 }), cuts, (items, where) => {
          const lines = new Lines(builtin(name));
          feedRandomly(lines, items.join('\n').split('\n'), where);
          lines.finish();
          const expected = items.map((text) => (text.startsWith('plain') ? text : `${text}\n`));
          assert.deepEqual(items.length === 0 ? [] : lines.logs, expected);
        }),
        { numRuns: 100 },
      );
    });
  }

  it('several at once: each trace by its own rules', () => {
    const all = Object.values(traces).flat();
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...all), fc.constant('plain')), {
          minLength: 1,
          maxLength: 10,
        }),
        cuts,
        (items, where) => {
          const lines = new Lines(builtin('go', 'java', 'python', 'ruby'));
          feedRandomly(lines, items.join('\n').split('\n'), where);
          lines.finish();
          assert.deepEqual(
            lines.logs,
            items.map((text) => (text === 'plain' ? text : `${text}\n`)),
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('cri and docker', () => {
  it('join pieces per stream in any order and cut, the record is the first piece’s', () => {
    const piece = fc.record({
      stream: fc.constantFrom('stdout', 'stderr'),
      tag: fc.constantFrom('F', 'P', 'F:x'),
      second: fc.nat(59),
      text: fc.string({ maxLength: 8 }).map((text) => text.replace(/[\n\r\0]/g, '')),
      docker: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        cuts,
        fc.boolean(),
        (pieces, where, docker) => {
          const lines = new Lines(builtin('docker', 'cri'));
          const open = new Map<string, PlainRecord>();
          const expected: { seconds: number; record: PlainRecord }[] = [];
          const all = pieces.map(({ stream, tag, second, text }) => {
            const time = `2026-11-24T00:00:${String(second).padStart(2, '0')}.5Z`;
            const isLast = tag.startsWith('F');
            const log = docker && isLast ? `${text}\n` : text;
            const first =
              open.get(stream) ??
              (docker ? { log: '', stream, time } : { time, stream, _p: tag[0], log: '' });
            first['log'] = `${String(first['log'])}${log}`;
            open.set(stream, first);
            if (isLast) {
              open.delete(stream);
              expected.push({
                seconds: Date.parse(String(first['time'])) / 1000 - 0.5,
                record: first,
              });
            }
            return docker
              ? JSON.stringify({ log, stream, time })
              : `${time} ${stream} ${tag} ${text}`;
          });
          feedRandomly(lines, all, where);
          assert.deepEqual(lines.events, expected);
          assert.deepEqual(
            lines.events.map(({ record }) => Object.keys(record)),
            expected.map(({ record }) => Object.keys(record)),
          );
          lines.finish();
          assert.equal(lines.events.length, expected.length + open.size);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('idle time is each group’s own and starts anew with each piece', () => {
    const lines = new Lines(builtin('cri'));
    lines.feed('2026-11-24T00:00:00Z stdout P a\n').idle(3000);
    lines.feed('2026-11-24T00:00:01Z stderr P x\n2026-11-24T00:00:01Z stdout P b\n').idle(3000);
    lines.feed('2026-11-24T00:00:02Z stdout P c\n').idle(1500);
    assert.deepEqual(lines.logs, ['x']);
    lines.idle(2500);
    assert.deepEqual(lines.logs, ['x', 'abc']);
  });

  it('a line of 400 KB in pieces stays whole, one beyond the cap is cut and counted', () => {
    const lines = new Lines(builtin('cri'), { multilineBufferBytes: 500_000 });
    const piece = 'x'.repeat(16_384);
    const write = (pieces: number): void => {
      for (let i = 1; i <= pieces; i++) {
        lines.feed(`2026-11-24T00:00:00Z stdout ${i === pieces ? 'F' : 'P'} ${piece}\n`);
        lines.idle(1000);
      }
    };
    write(25);
    assert.deepEqual(lines.logs, [piece.repeat(25)]);
    assert.equal(lines.cuts, 0);
    write(60);
    assert.equal(lines.logs.slice(1).join(''), piece.repeat(60));
    assert.equal(lines.cuts, 1);
  });

  it('lines that no parser takes end open groups and keep their place', () => {
    const lines = new Lines(builtin('cri'));
    lines.feed('2026-11-24T00:00:00Z stdout P a\nwhat is this\n2026-11-24T00:00:00Z stdout F b\n');
    assert.deepEqual(lines.logs, ['a', 'what is this', 'b']);
  });
});

describe('user-defined rules', () => {
  const dated: MultilineSpec = {
    name: 'dated',
    type: 'regex',
    flushTimeoutMs: 1000,
    rules: [
      { from: ['start_state'], pattern: /^\d{4}-\d\d-\d\d/, to: 'cont' },
      { from: ['cont'], pattern: /^\s+/, to: 'cont' },
    ],
  };

  it('join what continues, whatever the cut', () => {
    const item = fc
      .tuple(fc.constantFrom('2026-01-02 start', '2026-03-04 other', 'loose'), fc.nat(3))
      .map(([first, n]) => [
        first,
        ...Array.from({ length: first === 'loose' ? 0 : n }, () => '  more'),
      ]);
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), cuts, (items, where) => {
        const lines = new Lines([dated]);
        feedRandomly(lines, items.flat(), where);
        lines.finish();
        const expected = items.map((group) =>
          group[0] === 'loose' ? 'loose' : `${group.join('\n')}\n`,
        );
        assert.deepEqual(lines.logs, expected);
      }),
      { numRuns: 100 },
    );
  });

  it('flush by their own time-out, and below 500 ms by rules alone', () => {
    assert.deepEqual(new Lines([dated]).feed('2026-01-02 a\n').idle(999).logs, []);
    assert.deepEqual(new Lines([dated]).feed('2026-01-02 a\n').idle(1000).logs, ['2026-01-02 a\n']);
    const lines = new Lines([{ ...dated, flushTimeoutMs: 100 }])
      .feed('2026-01-02 a\n')
      .idle(60_000);
    assert.deepEqual(lines.logs, []);
    assert.deepEqual(lines.finish().logs, ['2026-01-02 a\n']);
  });

  it('endswith and equal, negated too', () => {
    const spec = (
      type: 'endswith' | 'equal',
      matchString: string,
      negate = false,
    ): MultilineSpec => ({
      name: 'm',
      type,
      matchString,
      negate,
      rules: [],
    });
    const text = 'one \\\ntwo \\\nthree\nEND\n';
    assert.deepEqual(new Lines([spec('endswith', '\\', true)]).feed(text).logs, [
      'one \\two \\three',
      'END',
    ]);
    assert.deepEqual(new Lines([spec('equal', 'END')]).feed(text).logs, ['one \\two \\threeEND']);
  });

  const keyed: TextParser = {
    name: 'keyed',
    parse: (text) => {
      const match = /^(\w+)\|(.*)$/.exec(text);
      return match === null
        ? undefined
        : {
            record: new Map([
              ['who', match[1]!],
              ['msg', match[2]!],
            ]),
          };
    },
  };

  it('never mix groups of different keys, however many there are', () => {
    const spec: MultilineSpec = { ...dated, parser: keyed, keyContent: 'msg', keyGroup: 'who' };
    const lines = new Lines([spec]);
    for (let i = 0; i < 10; i++) {
      lines.nowMs++;
      lines.feed(`p${i}|2026-01-02 ${i}\n`);
    }
    for (let i = 4; i < 10; i++) lines.feed(`p${i}|  more ${i}\n`);
    lines.finish();
    assert.deepEqual(
      lines.events.map(({ record }) => record),
      Array.from({ length: 10 }, (_, i) => ({
        who: `p${i}`,
        msg: i < 4 ? `2026-01-02 ${i}` : `2026-01-02 ${i}\n  more ${i}`,
      })),
    );
  });

  it('after a restart with other rules an open group is not lost', () => {
    const lines = new Lines([dated]);
    lines.feed('2026-01-02 a\n');
    const handler = new Lines(builtin('cri'));
    assert.deepEqual(handler.logs, []);
    lines.restart().feed('  b\nend\n');
    assert.deepEqual(lines.logs, ['2026-01-02 a\n  b\n', 'end']);
  });
});

describe('parseRfc3339()', () => {
  it('keeps nanoseconds and knows zones', () => {
    assert.deepEqual(parseRfc3339('2024-03-25T11:41:59.633035943+09:00'), {
      seconds: Date.UTC(2024, 2, 25, 2, 41, 59) / 1000,
      nanoseconds: 633035943,
    });
    assert.deepEqual(parseRfc3339('2024-03-25T11:41:59.5-0130'), {
      seconds: Date.UTC(2024, 2, 25, 13, 11, 59) / 1000,
      nanoseconds: 500_000_000,
    });
    assert.equal(parseRfc3339('yesterday'), undefined);
  });
});
