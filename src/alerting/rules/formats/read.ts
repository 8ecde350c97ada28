import { parsePrometheusDurationMs } from '#metrics/config';
import {
  type ExecErrState,
  execErrStates,
  type NoDataState,
  type NotificationSettings,
  noDataStates,
  type RecordSettings,
  type RuleQuery,
} from '../contract.ts';
import { invalidRule } from '../errors.ts';

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws {AppError} RULE_INVALID */
export function durationMsOf(text: string, key: string): number {
  try {
    return parsePrometheusDurationMs(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalidRule(`${key}: ${JSON.stringify(text)} is not a duration such as 30s, 5m or 1h30m`);
  }
}

/** Reads keys of one object of a body or a file. @throws {AppError} RULE_INVALID with the key */
export class KeyReader {
  readonly #values: Json;

  constructor(values: unknown, what: string) {
    if (!isObject(values)) throw invalidRule(`${what} must be an object`);
    this.#values = values;
  }

  raw(key: string): unknown {
    return this.#values[key];
  }

  text(key: string): string {
    const value = this.#values[key];
    if (value === undefined || value === null) return '';
    if (typeof value === 'object') throw invalidRule(`${key} must be a text`);
    return String(value);
  }

  flag(key: string): boolean {
    const value = this.#values[key];
    if (value === undefined || value === null) return false;
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalidRule(`${key} must be true or false`);
  }

  /** Absent or empty: 0. */
  durationMs(key: string): number {
    return this.optionalDurationMs(key) ?? 0;
  }

  optionalDurationMs(key: string): number | undefined {
    const text = this.text(key);
    if (text === '') return undefined;
    if (text === '0') return 0;
    return durationMsOf(text, key);
  }

  number(key: string): number | undefined {
    const text = this.text(key);
    if (text === '') return undefined;
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw invalidRule(`${key} must be a number, not ${JSON.stringify(text)}`);
  }

  list(key: string): readonly unknown[] {
    const value = this.#values[key];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw invalidRule(`${key} must be a list`);
    return value;
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.#values[key];
    if (value === undefined || value === null) return undefined;
    return this.list(key).map(String);
  }

  /** Names and texts; numbers and booleans become texts, as files have them. */
  labels(key: string): Readonly<Record<string, string>> {
    const value = this.#values[key];
    if (value === undefined || value === null) return {};
    if (!isObject(value)) throw invalidRule(`${key} must be names and texts`);
    return Object.fromEntries(
      Object.entries(value).map(([name, text]) => {
        if (typeof text === 'object' && text !== null) {
          throw invalidRule(`${key}.${name} must be a text`);
        }
        return [name, String(text ?? '')];
      }),
    );
  }

  noDataState(key: string): NoDataState {
    const text = this.text(key) || 'NoData';
    const found = noDataStates.find((one) => one.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    throw invalidRule(`unknown NoData state option ${text}; allowed: ${noDataStates.join(', ')}`);
  }

  execErrState(key: string, fallback: ExecErrState): ExecErrState {
    const text = this.text(key) || fallback;
    const found = execErrStates.find((one) => one.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    throw invalidRule(`unknown error state option ${text}; allowed: ${execErrStates.join(', ')}`);
  }

  queries(key: string): readonly RuleQuery[] {
    return this.list(key).map(queryOf);
  }

  notificationSettings(key: string): NotificationSettings | undefined {
    // The older form is a list of one.
    const value = this.#values[key];
    const written: unknown = Array.isArray(value) ? value[0] : value;
    if (written === undefined || written === null) return undefined;
    const reader = new KeyReader(written, key);
    const groupBy = reader.texts('group_by');
    const mute = reader.texts('mute_time_intervals');
    const active = reader.texts('active_time_intervals');
    const wait = reader.optionalDurationMs('group_wait');
    const interval = reader.optionalDurationMs('group_interval');
    const repeat = reader.optionalDurationMs('repeat_interval');
    return {
      receiver: reader.text('receiver'),
      ...(groupBy === undefined || groupBy.length === 0 ? {} : { groupBy }),
      ...(wait === undefined ? {} : { groupWaitMs: wait }),
      ...(interval === undefined ? {} : { groupIntervalMs: interval }),
      ...(repeat === undefined ? {} : { repeatIntervalMs: repeat }),
      ...(mute === undefined || mute.length === 0 ? {} : { muteTimeIntervals: mute }),
      ...(active === undefined || active.length === 0 ? {} : { activeTimeIntervals: active }),
    };
  }

  record(key: string): RecordSettings | undefined {
    const value = this.#values[key];
    if (value === undefined || value === null) return undefined;
    const reader = new KeyReader(value, key);
    return { metric: reader.text('metric'), from: reader.text('from') };
  }
}

function queryOf(value: unknown, at: number): RuleQuery {
  const reader = new KeyReader(value, `data[${at}]`);
  const range = isObject(reader.raw('relativeTimeRange'))
    ? new KeyReader(reader.raw('relativeTimeRange'), 'relativeTimeRange')
    : undefined;
  const model = reader.raw('model');
  if (!isObject(model)) throw invalidRule(`data[${at}].model must be an object`);
  return {
    refId: reader.text('refId'),
    queryType: reader.text('queryType'),
    relativeTimeRange: {
      from: range?.number('from') ?? 0,
      to: range?.number('to') ?? 0,
    },
    datasourceUid: reader.text('datasourceUid'),
    model,
  };
}
