import { closeSync, openSync, writeSync } from 'node:fs';
import { criPieces, planCluster, planSources } from '#demo';
import type { BatchSection } from '#logs/batch';

/**
 * Bulk data of fixed content: a pool of real-looking events (made once by the demo's generators) is
 * drawn from at random, and in each copy ids and numbers are overwritten with fresh random digits, so
 * that compression meets realistic data. The same options give the same bytes on every machine.
 */
export interface DataOptions {
  readonly seed?: number;
  /** Time of the first event. */
  readonly startMs?: number;
  /** Events (lines) per second of data time. */
  readonly eventsPerSecond?: number;
}

/** A substring that stands in a few events of each data set and nowhere else. */
export const needle = '0badcafe';

/** 2026-01-15T00:00:00Z */
export const defaultStartMs = 1_768_435_200_000;

/** One event in this many that has room for it (an id) carries the needle. */
const needleEvery = 50_021;

interface Template {
  readonly bytes: Buffer;
  /** `start, end` pairs of runs that are overwritten. */
  readonly digits: Int32Array;
  readonly hex: Int32Array;
}

function templateOf(bytes: Buffer): Template {
  const text = bytes.toString('latin1');
  const hex: number[] = [];
  const digits: number[] = [];
  for (const match of text.matchAll(
    /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}/g,
  )) {
    hex.push(match.index, match.index + 8, match.index + 24, match.index + 36);
  }
  for (const match of text.matchAll(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g)) {
    hex.push(match.index, match.index + 32);
  }
  // Numbers of four digits and more, but not dates and accounts. The first digit stays: no leading 0.
  for (const match of text.matchAll(
    /(?<![\w:/+-]|::)\d{4,12}(?![\w:/-])|(?<=":|=|\.)\d{4,12}(?=[,}Z )])/g,
  )) {
    digits.push(match.index + 1, match.index + match[0].length);
  }
  return { bytes, digits: Int32Array.from(digits), hex: Int32Array.from(hex) };
}

const hexDigits = Buffer.from('0123456789abcdef');
const needleBytes = Buffer.from(needle);

/** xorshift32: fast, and good enough to overwrite digits. */
class Noise {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  }

  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** Copies the template to `target` with fresh digits; gives the end. */
  stamp(template: Template, target: Buffer, at: number): number {
    const { bytes, digits, hex } = template;
    target.set(bytes, at);
    for (let i = 0; i < hex.length; i += 2) {
      let bits = 0;
      for (let j = at + hex[i]!, end = at + hex[i + 1]!, n = 0; j < end; j++, n++) {
        if ((n & 7) === 0) bits = this.next();
        target[j] = hexDigits[bits & 15]!;
        bits >>>= 4;
      }
    }
    for (let i = 0; i < digits.length; i += 2) {
      let rest = this.next();
      for (let j = at + digits[i]!, end = at + digits[i + 1]!; j < end; j++) {
        target[j] = 0x30 + (rest % 10);
        rest = (rest / 10) | 0;
      }
    }
    return at + bytes.length;
  }
}

/** Writes the needle over the start of the template's first id; false when it has none. */
function plantNeedle(template: Template, target: Buffer, at: number): boolean {
  const start = template.hex[0];
  if (start === undefined) return false;
  target.set(needleBytes, at + start);
  return true;
}

interface CriTemplate {
  /** ` stdout F ` and the content and LF. */
  readonly pieces: readonly Template[];
  readonly bytes: number;
}

function criPool(startMs: number): CriTemplate[] {
  const { containers } = planSources(planCluster('bench', 'bench'), 'bench');
  const pool: CriTemplate[] = [];
  for (const source of containers) {
    for (let i = 0; i < Math.ceil(source.eventsPerSecond * 60); i++) {
      const incident =
        i % 10 === 0
          ? ({ kind: 'database-down', startMs, endMs: startMs + 60_000 } as const)
          : undefined;
      const { stream, text } = source.make(startMs + i * 10.37, incident);
      const pieces = criPieces(text).map(({ tag, content }) =>
        templateOf(Buffer.concat([Buffer.from(`Z ${stream} ${tag} `), content, Buffer.from('\n')])),
      );
      pool.push({ pieces, bytes: pieces.reduce((sum, piece) => sum + piece.bytes.length + 29, 0) });
    }
  }
  return pool;
}

export interface CriData {
  readonly lines: number;
  readonly bytes: number;
  /** Lines that hold `needle`. */
  readonly needles: number;
  /** Bytes after the CRI header and before the LF, over all lines. */
  readonly contentBytes: number;
}

/**
 * Container log lines in blocks of about 4 MiB, each ending with a whole line, until at least `bytes`
 * have been given. Blocks are reused: copy what you keep. The generator returns the totals.
 */
export function* criBlocks(
  options: DataOptions & { readonly bytes: number },
): Generator<Buffer, CriData> {
  const startMs = options.startMs ?? defaultStartMs;
  const stepNs = Math.round(1e9 / (options.eventsPerSecond ?? 2000));
  const pool = criPool(startMs);
  const noise = new Noise(options.seed ?? 1);
  const maxEvent = Math.max(...pool.map((event) => event.bytes));
  const block = Buffer.allocUnsafe(4 * 1024 * 1024 + maxEvent);
  let second = Math.floor(startMs / 1000);
  let ns = 0;
  let prefix = Buffer.from(new Date(second * 1000).toISOString().slice(0, 20));
  let lines = 0;
  let bytes = 0;
  let needles = 0;
  let contentBytes = 0;
  let sinceNeedle = 0;
  while (bytes < options.bytes) {
    let at = 0;
    while (at < 4 * 1024 * 1024 && bytes + at < options.bytes) {
      const { pieces } = pool[noise.next() % pool.length]!;
      for (const piece of pieces) {
        ns += stepNs;
        if (ns >= 1e9) {
          second += 1;
          ns -= 1e9;
          prefix = Buffer.from(new Date(second * 1000).toISOString().slice(0, 20));
        }
        block.set(prefix, at);
        let rest = ns;
        for (let i = 28; i >= 20; i--) {
          block[at + i] = 0x30 + (rest % 10);
          rest = (rest / 10) | 0;
        }
        const contentAt = at + 29;
        at = noise.stamp(piece, block, contentAt);
        lines++;
        contentBytes += piece.bytes.length - 12;
        if (++sinceNeedle >= needleEvery && plantNeedle(piece, block, contentAt)) {
          needles++;
          sinceNeedle = 0;
        }
      }
    }
    bytes += at;
    yield block.subarray(0, at);
  }
  return { lines, bytes, needles, contentBytes };
}

/** Writes a container log file of at least `bytes`. */
export function writeCriFile(
  path: string,
  options: DataOptions & { readonly bytes: number },
): CriData {
  const file = openSync(path, 'w');
  try {
    const blocks = criBlocks(options);
    for (;;) {
      const next = blocks.next();
      if (next.done === true) return next.value;
      for (let at = 0; at < next.value.length; ) at += writeSync(file, next.value, at);
    }
  } finally {
    closeSync(file);
  }
}

export interface EksData {
  readonly events: number;
  readonly messageBytes: number;
  /** Events that hold `needle`. */
  readonly needles: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Audit events by userAgent: the answer to `stats count(userAgent) by userAgent`. */
  readonly byUserAgent: ReadonlyMap<string, number>;
  /** Audit events by responseStatus.code. */
  readonly byCode: ReadonlyMap<number, number>;
  readonly auditEvents: number;
  /** Events whose message holds the text `Forbidden`. */
  readonly forbidden: number;
}

export const eksGroup = '/aws/eks/bench/cluster';

/**
 * EKS control-plane events as sections ready to append, one batch at a time: nine in ten are audit
 * events. Batches own their bytes. The generator returns the totals, with answers to check against.
 */
export function* eksBatches(
  options: DataOptions & { readonly events: number; readonly eventsPerBatch?: number },
): Generator<BatchSection[], EksData> {
  const startMs = options.startMs ?? defaultStartMs;
  const stepMs = 1000 / (options.eventsPerSecond ?? 1000);
  const perBatch = options.eventsPerBatch ?? 5000;
  const noise = new Noise(options.seed ?? 1);
  const { streams } = planSources(planCluster('bench', 'bench'), 'bench');
  const pools = streams.map((source) =>
    Array.from({ length: source.stream.includes('audit') ? 4000 : 500 }, (_, i) =>
      templateOf(
        Buffer.from(
          source.make(
            startMs + i * 13.31,
            i % 8 === 0
              ? {
                  kind: i % 16 === 0 ? 'forbidden-robot' : 'node-pressure',
                  startMs,
                  endMs: startMs,
                }
              : undefined,
          ),
        ),
      ),
    ),
  );
  const used = pools.map((pool) => new Uint32Array(pool.length));
  const audit = streams.findIndex(({ stream }) => stream.includes('audit'));
  const others = streams.map((_, i) => i).filter((i) => i !== audit);
  let needles = 0;
  let sinceNeedle = 0;
  let messageBytes = 0;
  for (let done = 0; done < options.events; done += perBatch) {
    const count = Math.min(perBatch, options.events - done);
    // First choose, then write: so each stream's section gets bytes of exactly the right size.
    const chosen = streams.map(() => ({ rows: [] as number[], times: [] as number[], bytes: 0 }));
    for (let i = 0; i < count; i++) {
      const draw = noise.next();
      const stream = draw % 10 === 0 ? others[(draw >>> 8) % others.length]! : audit;
      const row = noise.next() % pools[stream]!.length;
      const section = chosen[stream]!;
      section.rows.push(row);
      // CloudWatch shows control-plane events with whole seconds.
      section.times.push(Math.floor((startMs + (done + i) * stepMs) / 1000) * 1000);
      section.bytes += 4 + pools[stream]![row]!.bytes.length;
      used[stream]![row]!++;
    }
    const sections: BatchSection[] = [];
    chosen.forEach(({ rows, times, bytes }, stream) => {
      if (rows.length === 0) return;
      const messages = Buffer.allocUnsafe(bytes);
      let at = 0;
      for (const row of rows) {
        const template = pools[stream]![row]!;
        messages.writeUInt32LE(template.bytes.length, at);
        noise.stamp(template, messages, at + 4);
        if (++sinceNeedle >= needleEvery && plantNeedle(template, messages, at + 4)) {
          needles++;
          sinceNeedle = 0;
        }
        at += 4 + template.bytes.length;
      }
      messageBytes += bytes - 4 * rows.length;
      sections.push({
        group: eksGroup,
        stream: streams[stream]!.stream,
        count: rows.length,
        timestampsMs: Float64Array.from(times),
        messages,
      });
    });
    yield sections;
  }
  const byUserAgent = new Map<string, number>();
  const byCode = new Map<number, number>();
  let auditEvents = 0;
  let forbidden = 0;
  pools.forEach((pool, stream) => {
    pool.forEach((template, row) => {
      const count = used[stream]![row]!;
      if (count === 0) return;
      if (template.bytes.includes('Forbidden')) forbidden += count;
      if (stream !== audit) return;
      const event = JSON.parse(template.bytes.toString()) as {
        userAgent: string;
        responseStatus: { code: number };
      };
      auditEvents += count;
      byUserAgent.set(event.userAgent, (byUserAgent.get(event.userAgent) ?? 0) + count);
      const { code } = event.responseStatus;
      byCode.set(code, (byCode.get(code) ?? 0) + count);
    });
  });
  return {
    events: options.events,
    messageBytes,
    needles,
    startMs,
    endMs: Math.floor((startMs + Math.max(0, options.events - 1) * stepMs) / 1000) * 1000,
    byUserAgent,
    byCode,
    auditEvents,
    forbidden,
  };
}
