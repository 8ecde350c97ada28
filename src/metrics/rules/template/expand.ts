import { AppError, describeError } from '#base';
import { plainText, Template, type TemplateFunction, type TemplateValue } from '#go-template';
import { parsePrometheusDurationMs } from '#metrics/config';
import { type Labels, labelsToRecord } from '#metrics/model';
import type { ResultSeries } from '#metrics/promql';
import {
  goTimeText,
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  toNumber,
} from './humanize.ts';
import { findsMatch, replaceMatches } from './regex.ts';

/** What a template of an alert sees. */
export interface TemplateScope {
  readonly labels: Labels;
  readonly value: number;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  readonly nowMs: number;
}

/** Answers of the queries that the template asks for, by their text; undefined: not there yet. */
type Answer = (query: string) => readonly ResultSeries[] | undefined;

const prelude =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

/** What a template may ask of the store, one alert. */
const maxQueries = 20;

const functionNames: Readonly<Record<string, TemplateFunction>> = functionsOf(
  { labels: [], value: 0, externalLabels: {}, externalUrl: '', nowMs: 0 },
  () => [],
);

function compile(name: string, text: string): Template {
  return new Template(`__alert_${name}`, prelude + text, {
    functions: functionNames,
    missingKey: 'zero',
  });
}

/** Undefined, or what is wrong with the template's text. */
export function checkTemplate(alert: string, text: string): string | undefined {
  if (!text.includes('{{')) return undefined;
  try {
    compile(alert, text);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** A text of a rule, compiled once. */
export class AlertTemplate {
  readonly #text: string;
  readonly #template: Template | undefined;

  constructor(alert: string, text: string) {
    this.#text = text;
    this.#template = text.includes('{{') ? compile(alert, text) : undefined;
  }

  /**
   * The text for one element. A template that fails becomes `<error expanding template: …>`.
   * @param ask answers an instant query at the time of the evaluation
   */
  async expand(
    scope: TemplateScope,
    ask: (query: string) => Promise<readonly ResultSeries[]>,
  ): Promise<string> {
    const template = this.#template;
    if (template === undefined) return this.#text;
    const answers = new Map<string, readonly ResultSeries[]>();
    for (;;) {
      let needed: string | undefined;
      const functions = functionsOf(scope, (query) => {
        const answer = answers.get(query);
        if (answer === undefined) needed = query;
        return answer;
      });
      try {
        return template.execute(dataOf(scope), functions);
      } catch (error) {
        // Templates run without waiting: the query is answered, and the template starts again.
        if (needed === undefined || answers.size >= maxQueries) return failureText(error);
      }
      try {
        answers.set(needed, await ask(needed));
      } catch (error) {
        return failureText(error);
      }
    }
  }
}

const failureText = (error: unknown): string =>
  `<error expanding template: ${describeError(error)}>`;

function dataOf(scope: TemplateScope): TemplateValue {
  return {
    Labels: labelsToRecord(scope.labels),
    ExternalLabels: scope.externalLabels,
    ExternalURL: scope.externalUrl,
    Value: scope.value,
  };
}

interface Element {
  readonly Labels: Readonly<Record<string, string>>;
  readonly Value: number;
}

function elementsOf(series: readonly ResultSeries[]): readonly Element[] {
  return series.map((one) => ({
    Labels: labelsToRecord(one.labels),
    Value: one.values[0] ?? Number.NaN,
  }));
}

const text = (value: TemplateValue): string => (typeof value === 'string' ? value : String(value));

const elementOf = (value: TemplateValue): Element => {
  if (typeof value !== 'object' || value === null || !('Labels' in value)) {
    throw new Error('not an element of a query result');
  }
  return value as Element;
};

/** Go's strings.Title, for ASCII words: the first letter of each. */
export const titleCase = (words: string): string =>
  words.replace(
    /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
    (_all, before: string, letter: string) => before + letter.toUpperCase(),
  );

/** The functions of the reference's templates. @param answerOf undefined: the answer is not there yet */
export function functionsOf(
  scope: TemplateScope,
  answerOf: Answer,
): Readonly<Record<string, TemplateFunction>> {
  return {
    query: (query) => {
      const answer = answerOf(text(query));
      if (answer === undefined) throw new Error('the answer of the query is not there yet');
      return elementsOf(answer);
    },
    first: (list) => {
      if (Array.isArray(list) && list.length > 0) return list[0] as TemplateValue;
      throw new Error('first() called on vector with no elements');
    },
    label: (name, element) => elementOf(element).Labels[text(name)] ?? '',
    value: (element) => elementOf(element).Value,
    strvalue: (element) => elementOf(element).Labels['__value__'] ?? '',
    sortByLabel: (name, list) =>
      [...(list as readonly Element[])].sort((a, b) => {
        const left = a.Labels[text(name)] ?? '';
        const right = b.Labels[text(name)] ?? '';
        return left < right ? -1 : left > right ? 1 : 0;
      }),
    args: (...values) => Object.fromEntries(values.map((value, at) => [`arg${at}`, value])),
    reReplaceAll: (pattern, replacement, input) =>
      replaceMatches(text(pattern), text(replacement), text(input)),
    match: (pattern, input) => findsMatch(text(pattern), text(input)),
    title: (input) => titleCase(text(input)),
    toUpper: (input) => text(input).toUpperCase(),
    toLower: (input) => text(input).toLowerCase(),
    safeHtml: (input) => input,
    stripPort: (input) => text(input).replace(/^\[(.*)\]:\d+$|:\d+$/, '$1'),
    stripDomain: (input) => stripDomain(text(input)),
    urlQueryEscape: (input) => encodeURIComponent(text(input)).replaceAll('%20', '+'),
    graphLink: (expr) => `/graph?g0.expr=${queryEscape(text(expr))}&g0.tab=0`,
    tableLink: (expr) => `/graph?g0.expr=${queryEscape(text(expr))}&g0.tab=1`,
    pathPrefix: () => pathOf(scope.externalUrl),
    externalURL: () => scope.externalUrl,
    humanize,
    humanize1024,
    humanizeDuration,
    humanizePercentage,
    humanizeTimestamp,
    toTime: (input) => {
      const value = toNumber(input);
      return Number.isFinite(value)
        ? { toTemplateText: () => goTimeText(value * 1000) }
        : undefined;
    },
    toDuration: (input) => ({ toTemplateText: () => goDuration(toNumber(input)) }),
    now: () => scope.nowMs / 1000,
    parseDuration: (input) => parseSeconds(text(input)),
  };
}

export const queryEscape = (input: string): string =>
  encodeURIComponent(input).replaceAll('%20', '+');

function pathOf(url: string): string {
  try {
    return new URL(url).pathname.replace(/\/$/, '');
  } catch {
    return '';
  }
}

function stripDomain(hostPort: string): string {
  const [, host = hostPort, port = ''] = /^(.*?)(:\d+)?$/.exec(hostPort) ?? [];
  if (/^[\d.]+$/.test(host) || host.includes(':')) return hostPort;
  return `${host.split('.')[0]}${port}`;
}

/** `1h30m` in seconds. */
const parseSeconds = (input: string): number => parsePrometheusDurationMs(input) / 1000;

/** As Go prints a duration: `1h30m0s`, `1.5s`, `2ms`. */
function goDuration(seconds: number): string {
  if (seconds === 0) return '0s';
  const sign = seconds < 0 ? '-' : '';
  const size = Math.abs(seconds);
  if (size < 1) {
    if (size >= 1e-3) return `${sign}${plainText(size * 1e3)}ms`;
    return size >= 1e-6
      ? `${sign}${plainText(size * 1e6)}µs`
      : `${sign}${Math.round(size * 1e9)}ns`;
  }
  const hours = Math.floor(size / 3600);
  const minutes = Math.floor(size / 60) % 60;
  const rest = plainText(Number((size % 60).toFixed(9)));
  return `${sign}${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`;
}
