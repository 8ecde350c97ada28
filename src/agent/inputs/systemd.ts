import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { AppError, backoffMs, describeError, isAbortError } from '#base';
import type { AgentEvent, Input, InputContext, RecordMap, RecordValue } from '../contract.ts';
import type { InputPlugin, PluginScope } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';
import { parseJsonRecord } from '../records/json-parse.ts';

const maxBatchBytes = 1_000_000;
const maxLingerMs = 200;

/** The journal, read through `journalctl`. */
export const systemdInput: InputPlugin = {
  name: 'systemd',
  options: {
    path: option.text,
    systemd_filter: option.texts,
    systemd_filter_type: option.text,
    read_from_tail: option.bool,
    max_fields: option.integer,
    max_entries: option.integer,
    strip_underscores: option.bool,
    lowercase: option.bool,
    db: option.text,
    'db.sync': option.noEffect('the cursor is kept with the events'),
  },
  create: (settings, scope) => {
    const type = settings.text('systemd_filter_type', 'or').toLowerCase();
    if (type !== 'or' && type !== 'and') {
      throw settings.problem(
        `systemd: systemd_filter_type must be or or and, not '${type}'`,
        'systemd_filter_type',
      );
    }
    for (const filter of settings.texts('systemd_filter')) {
      if (!/^[^=]+=/.test(filter))
        throw settings.problem(`systemd: '${filter}' is not FIELD=VALUE`, 'systemd_filter');
    }
    return new SystemdInput(settings, scope, type);
  },
};

/** What stands on the command line of journalctl. */
export function journalArguments(options: {
  readonly directory: string | undefined;
  readonly file?: string;
  readonly follow: boolean;
  readonly cursor: string | undefined;
  readonly fromTail: boolean;
  readonly filters: readonly string[];
  readonly type: 'or' | 'and';
}): string[] {
  const args = ['--output=json', '--all', '--no-pager', '--quiet'];
  if (options.directory !== undefined) args.push(`--directory=${options.directory}`);
  if (options.file !== undefined) args.push(`--file=${options.file}`);
  if (options.follow) args.push('--follow');
  if (options.cursor !== undefined) args.push(`--after-cursor=${options.cursor}`);
  // With a cursor everything behind it; --follow alone would show the last ten lines first.
  args.push(options.cursor === undefined && options.fromTail ? '--lines=0' : '--lines=all');
  const fields = new Set(options.filters.map((filter) => filter.slice(0, filter.indexOf('='))));
  // journalctl takes one field's values as alternatives and different fields as conditions.
  const separate = options.type === 'or' && fields.size > 1;
  for (const [index, filter] of options.filters.entries()) {
    if (separate && index > 0) args.push('+');
    args.push(filter);
  }
  return args;
}

export interface JournalShape {
  readonly maxFields: number;
  readonly stripUnderscores: boolean;
  readonly lowercase: boolean;
}

/** An entry as `journalctl -o json` prints it; undefined when the line is no entry. */
export function journalEvent(
  line: string,
  shape: JournalShape,
): { readonly event: AgentEvent; readonly cursor: string; readonly unit: string } | undefined {
  const entry = parseJsonRecord(line);
  const cursor = entry?.get('__CURSOR');
  const stamp = entry?.get('__REALTIME_TIMESTAMP');
  if (entry === undefined || typeof cursor !== 'string' || typeof stamp !== 'string')
    return undefined;
  const micros = BigInt(stamp);
  const time = {
    seconds: Number(micros / 1_000_000n),
    nanoseconds: Number(micros % 1_000_000n) * 1000,
  };
  const unit = entry.get('_SYSTEMD_UNIT');
  const record: RecordMap = new Map();
  for (const [key, value] of entry) {
    if (key.startsWith('__')) continue;
    if (record.size >= shape.maxFields) break;
    let name = shape.stripUnderscores && key.startsWith('_') ? key.slice(1) : key;
    if (shape.lowercase) name = name.toLowerCase();
    record.set(name, fieldValue(value));
  }
  return { event: { time, record }, cursor, unit: typeof unit === 'string' ? unit : 'unknown' };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes come as lists of numbers, repeated fields as lists of values. */
function fieldValue(value: RecordValue): RecordValue {
  if (value === null) return '';
  if (!Array.isArray(value)) return value;
  if (value.length === 0 || !value.every((item) => typeof item === 'number'))
    return value.map(fieldValue);
  const bytes = Uint8Array.from(value as number[]);
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

class SystemdInput implements Input {
  readonly name: string;
  readonly #settings: Settings;
  readonly #scope: PluginScope;
  readonly #type: 'or' | 'and';
  readonly #tag: string;

  constructor(settings: Settings, scope: PluginScope, type: 'or' | 'and') {
    this.name = settings.name;
    this.#settings = settings;
    this.#scope = scope;
    this.#type = type;
    this.#tag = settings.text('tag', settings.name);
  }

  async run(context: InputContext, signal: AbortSignal): Promise<void> {
    const { clock, log, metrics, random } = this.#scope;
    const restarts = metrics.counter(
      'nunchi_agent_journal_restarts_total',
      'Times journalctl ended and was started again',
    );
    const saved = (await context.checkpoints()).find(({ key }) => key === 'journal');
    const start = { cursor: typeof saved?.value === 'string' ? saved.value : this.#stockCursor() };
    for (let attempt = 0; !signal.aborted; attempt++) {
      const before = start.cursor;
      try {
        await this.#follow(context, start, signal);
      } catch (error) {
        if (signal.aborted || isAbortError(error)) break;
        log.warn('The journal cannot be read', { input: this.name, reason: describeError(error) });
      }
      if (signal.aborted) break;
      restarts.add(1, { input: this.name });
      if (start.cursor !== before) attempt = 0;
      await clock
        .sleep(backoffMs(attempt, { baseMs: 500, maxMs: 30_000 }, random), signal)
        .catch(() => {});
    }
  }

  /** The folder that holds journals: the one asked for, or the volatile one where that is missing. */
  #directory(): string | undefined {
    const path = this.#settings.text('path');
    if (path === undefined || existsSync(path)) return path;
    const volatile = path.replace('/var/log/journal', '/run/log/journal');
    if (volatile !== path && existsSync(volatile)) return volatile;
    throw new AppError('JOURNAL_MISSING', `There is no journal at ${path}`);
  }

  #stockCursor(): string | undefined {
    const path = this.#settings.text('db');
    const cursor = path === undefined ? undefined : readStockCursor(path);
    if (cursor !== undefined)
      this.#scope.log.info('Took over a journal position', { input: this.name, path });
    return cursor;
  }

  async #follow(
    context: InputContext,
    start: { cursor: string | undefined },
    signal: AbortSignal,
  ): Promise<void> {
    const settings = this.#settings;
    const directory = this.#directory();
    const isFile = directory !== undefined && statSync(directory).isFile();
    const args = journalArguments({
      directory: isFile ? undefined : directory,
      ...(isFile && { file: directory }),
      follow: true,
      cursor: start.cursor,
      fromTail: settings.bool('read_from_tail', false),
      filters: settings.texts('systemd_filter'),
      type: this.#type,
    });
    const child = spawn('journalctl', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.#scope.env,
      signal,
      killSignal: 'SIGTERM',
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-500);
    });
    const ended = new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code) =>
        code === 0 || signal.aborted
          ? resolve()
          : reject(
              new AppError('JOURNAL_FAILED', `journalctl ended with ${code}: ${complaint.trim()}`),
            ),
      );
    });
    ended.catch(() => {});
    try {
      await this.#readLines(child.stdout, context, start);
      await ended;
    } finally {
      child.kill();
    }
  }

  /** Events go on in groups of one tag, in order; reading waits while the pipeline does. */
  async #readLines(
    output: NodeJS.ReadableStream,
    context: InputContext,
    start: { cursor: string | undefined },
  ): Promise<void> {
    const settings = this.#settings;
    const shape: JournalShape = {
      maxFields: settings.number('max_fields', 8000),
      stripUnderscores: settings.bool('strip_underscores', false),
      lowercase: settings.bool('lowercase', false),
    };
    const maxEntries = settings.number('max_entries', 5000);
    let tag = '';
    let events: AgentEvent[] = [];
    let bytes = 0;
    let cursor: string | undefined;
    let sending: Promise<void> = Promise.resolve();
    let failure: unknown;
    let timer: NodeJS.Timeout | undefined;
    const send = (): Promise<void> => {
      clearTimeout(timer);
      timer = undefined;
      if (events.length === 0) return sending;
      const batch = { tag, events, cursor };
      events = [];
      bytes = 0;
      sending = sending.then(async () => {
        await context.emit(batch.tag, batch.events, [
          { input: this.name, key: 'journal', value: batch.cursor },
        ]);
        start.cursor = batch.cursor;
      });
      sending.catch((error: unknown) => {
        failure = error;
      });
      return sending;
    };
    for await (const line of createInterface({
      input: output,
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      if (failure !== undefined) throw failure;
      const entry = journalEvent(line, shape);
      if (entry === undefined) continue;
      const entryTag = this.#tag.replace('*', entry.unit);
      if (entryTag !== tag || events.length >= maxEntries || bytes >= maxBatchBytes) await send();
      tag = entryTag;
      events.push(entry.event);
      bytes += line.length;
      cursor = entry.cursor;
      timer ??= setTimeout(() => void send().catch(() => {}), maxLingerMs);
    }
    await send();
  }
}

/** The cursor in Fluent Bit's own database; undefined where there is none. The file is only read. */
export function readStockCursor(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      const row = db
        .prepare('SELECT cursor FROM in_systemd_cursor ORDER BY rowid DESC LIMIT 1')
        .get();
      const cursor = row?.['cursor'];
      return typeof cursor === 'string' && cursor !== '' ? cursor : undefined;
    } finally {
      db.close();
    }
  } catch {
    // No such table: the file is of a tail input, or empty.
    return undefined;
  }
}
