import type { Alert, AlertStatus, LabelSet, PostedAlert, Silence } from '#alerting';
import { matcherOf, silenceState } from '#alerting';
import { AppError } from '#base';
import type { MatchOperator } from '#metrics/model';

/** What lacks a part has a status of its own; a part of the wrong type is no body of this kind at all. */
const badBody = (message: string): AppError =>
  new AppError(
    /(required|items)$/.test(message) ? 'ALERTING_UNPROCESSABLE' : 'ALERTING_INVALID',
    message,
  );
const invalid = (message: string): AppError => new AppError('ALERTING_INVALID', message);

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws {AppError} ALERTING_INVALID */
export function parseBody(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '') as unknown;
  } catch (error) {
    throw invalid(`parsing body failed: ${error instanceof Error ? error.message : error}`);
  }
}

/** Alerts of one request; a sender has batches of far fewer. */
const maxPostedAlerts = 50_000;

/** @throws {AppError} ALERTING_INVALID, ALERTING_UNPROCESSABLE when it is no list of alerts at all */
export function postedAlerts(body: unknown): readonly PostedAlert[] {
  if (!Array.isArray(body)) throw badBody('alerts in body must be an array');
  if (body.length > maxPostedAlerts) throw invalid(`more than ${maxPostedAlerts} alerts at once`);
  return body.map((one: unknown, at) => {
    const place = String(at);
    if (!isObject(one)) throw badBody(`${place} in body must be an object`);
    if (one['labels'] === undefined) throw badBody(`${place}.labels in body is required`);
    return {
      labels: labelSet(one['labels'], `${place}.labels`),
      annotations: labelSet(one['annotations'] ?? {}, `${place}.annotations`),
      startsAtMs: time(one['startsAt'], `${place}.startsAt`),
      endsAtMs: time(one['endsAt'], `${place}.endsAt`),
      generatorUrl: optionalText(one['generatorURL'], `${place}.generatorURL`),
    };
  });
}

function labelSet(value: unknown, place: string): LabelSet {
  if (!isObject(value)) throw badBody(`${place} in body must be an object`);
  const wrong = Object.entries(value).find(([, text]) => typeof text !== 'string');
  if (wrong !== undefined) throw badBody(`${place}.${wrong[0]} in body must be a string`);
  return value as LabelSet;
}

const lastTimeMs = Date.parse('9999-12-31T23:59:59.999Z');

/** The zero time of Go stands for none. */
function time(value: unknown, place: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value);
  const timeMs = isTime ? Date.parse(value) : Number.NaN;
  // Behind the year 9999 a time has no text that clients can read, and one alone would break their lists.
  if (Number.isNaN(timeMs) || timeMs > lastTimeMs) {
    throw badBody(`${place} in body must be of type date-time: ${JSON.stringify(value)}`);
  }
  return value === '0001-01-01T00:00:00Z' || timeMs <= -62_135_596_800_000 ? undefined : timeMs;
}

function optionalText(value: unknown, place: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw badBody(`${place} in body must be a string`);
  return value;
}

/** @throws {AppError} ALERTING_INVALID, ALERTING_UNPROCESSABLE */
export function postedSilence(body: unknown): {
  readonly id: string | undefined;
  readonly matchers: Silence['matchers'];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
} {
  if (!isObject(body)) throw badBody('silence in body must be an object');
  const { id, matchers, startsAt, endsAt, createdBy, comment } = body;
  const required = { matchers, startsAt, endsAt, createdBy, comment };
  const missing = Object.entries(required).find(([, value]) => value === undefined);
  if (missing !== undefined) throw badBody(`silence.${missing[0]} in body is required`);
  if (!Array.isArray(matchers) || matchers.length === 0) {
    throw badBody('silence.matchers in body should have at least 1 items');
  }
  const startsAtMs = time(startsAt, 'silence.startsAt');
  const endsAtMs = time(endsAt, 'silence.endsAt');
  if (startsAtMs === undefined) throw invalid('invalid silence: start time must be set');
  if (endsAtMs === undefined) throw invalid('invalid silence: end time must be set');
  return {
    id: optionalText(id, 'silence.id') || undefined,
    matchers: matchers.map(matcherFromJson),
    startsAtMs,
    endsAtMs,
    createdBy: optionalText(createdBy, 'silence.createdBy'),
    comment: optionalText(comment, 'silence.comment'),
  };
}

function matcherFromJson(value: unknown, at: number): Silence['matchers'][number] {
  const place = `silence.matchers.${at}`;
  if (!isObject(value)) throw badBody(`${place} in body must be an object`);
  const { name, value: text, isRegex = false, isEqual = true } = value;
  if (typeof name !== 'string' || name === '') throw badBody(`${place}.name in body is required`);
  if (typeof text !== 'string') throw badBody(`${place}.value in body is required`);
  const operator: MatchOperator =
    isEqual === false ? (isRegex === true ? '!~' : '!=') : isRegex === true ? '=~' : '=';
  return matcherOf(name, operator, text);
}

const timeText = (timeMs: number): string => new Date(timeMs).toISOString();

export const alertJson = (
  alert: Alert,
  status: AlertStatus,
  receivers: readonly string[],
): Json => ({
  annotations: alert.annotations,
  endsAt: timeText(alert.endsAtMs),
  fingerprint: alert.fingerprint,
  receivers: receivers.map((name) => ({ name })),
  startsAt: timeText(alert.startsAtMs),
  status,
  updatedAt: timeText(alert.updatedAtMs),
  generatorURL: alert.generatorUrl,
  labels: alert.labels,
});

export const silenceJson = (silence: Silence, nowMs: number): Json => ({
  id: silence.id,
  status: { state: silenceState(silence, nowMs) },
  updatedAt: timeText(silence.updatedAtMs),
  comment: silence.comment,
  createdBy: silence.createdBy,
  endsAt: timeText(silence.endsAtMs),
  matchers: silence.matchers.map(({ name, operator, value }) => ({
    name,
    value,
    isRegex: operator === '=~' || operator === '!~',
    isEqual: operator === '=' || operator === '=~',
  })),
  startsAt: timeText(silence.startsAtMs),
});
