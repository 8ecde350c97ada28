import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { AppError, nearestWord } from '#base';
import { parsePrometheusDurationMs } from '#metrics/config';
import { type FloatHistogram, type Labels, labelsToRecord } from '#metrics/model';
import { parseSeries, type SeriesValue } from '#metrics/promql';

/** Files are written by people; a larger one is none. */
const maxFileBytes = 16 * 1024 * 1024;
const maxProblems = 100;
const defaultIntervalMs = 60_000;

/** A file of unit tests for rules, in the format of `promtool test rules`. Durations in ms. */
export interface RuleTestFile {
  readonly ruleFiles: readonly string[];
  readonly evaluationIntervalMs: number;
  readonly groupEvalOrder: readonly string[];
  /** Values that differ in the last bit are the same. */
  readonly fuzzyCompare: boolean;
  readonly tests: readonly RuleTest[];
}

export interface RuleTest {
  readonly name: string;
  readonly intervalMs: number;
  /** When the first sample and evaluation are, Unix ms. */
  readonly startMs: number;
  readonly series: readonly { readonly labels: Labels; readonly values: readonly SeriesValue[] }[];
  readonly alerts: readonly AlertExpectation[];
  readonly queries: readonly QueryExpectation[];
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

export interface AlertExpectation {
  readonly line: number;
  readonly alertname: string;
  /** After the start. */
  readonly evalTimeMs: number;
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

export interface QueryExpectation {
  readonly line: number;
  readonly expr: string;
  readonly evalTimeMs: number;
  readonly samples: readonly {
    readonly labels: Labels;
    readonly value: number;
    readonly histogram: FloatHistogram | undefined;
  }[];
}

const fileKeys = [
  ...['rule_files', 'evaluation_interval', 'group_eval_order', 'fuzzy_compare', 'tests'],
];
const testKeys = [
  ...['name', 'interval', 'start_timestamp', 'input_series', 'alert_rule_test'],
  ...['promql_expr_test', 'external_labels', 'external_url'],
];

/**
 * Reads a file of tests.
 * @throws {AppError} RULE_TESTS_INVALID with every problem, a line each: `FILE: LINE:COLUMN: …`
 */
export function parseRuleTestFile(file: string, text: string): RuleTestFile {
  if (text.length > maxFileBytes) {
    throw new AppError('RULE_TESTS_INVALID', `${file} is larger than ${maxFileBytes} bytes`);
  }
  const reader = new TestReader(file, text);
  const read = reader.file();
  if (reader.problems.length > 0) {
    throw new AppError('RULE_TESTS_INVALID', reader.problems.slice(0, maxProblems).join('\n'));
  }
  return read;
}

class TestReader {
  readonly problems: string[] = [];
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #root: unknown;

  constructor(file: string, text: string) {
    this.#file = file;
    const document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true });
    for (const error of document.errors) this.#say(error.pos[0], error.message.split('\n')[0]!);
    this.#root = document.errors.length > 0 ? undefined : document.contents;
  }

  file(): RuleTestFile {
    const map = this.#map(this.#root, 'the file', fileKeys);
    const evaluationIntervalMs =
      this.#duration(map, 'evaluation_interval', true) ?? defaultIntervalMs;
    const order = this.#list(map, 'group_eval_order').map((node) => this.#textOf(node) ?? '');
    const twice = order.find((name, at) => order.indexOf(name) !== at);
    if (twice !== undefined) {
      this.#say(map, `group name repeated in evaluation order: ${twice}`);
    }
    return {
      ruleFiles: this.#list(map, 'rule_files').map((node) => this.#textOf(node) ?? ''),
      evaluationIntervalMs,
      groupEvalOrder: order,
      fuzzyCompare: this.#flag(map, 'fuzzy_compare'),
      tests: this.#list(map, 'tests').map((node) => this.#test(node, evaluationIntervalMs)),
    };
  }

  #test(node: unknown, evaluationIntervalMs: number): RuleTest {
    const map = this.#map(node, 'a test', testKeys);
    return {
      name: this.#text(map, 'name') ?? '',
      intervalMs: this.#duration(map, 'interval', true) ?? evaluationIntervalMs,
      startMs: this.#timestamp(map),
      series: this.#list(map, 'input_series').map((item) => this.#series(item)),
      alerts: this.#list(map, 'alert_rule_test').map((item) => this.#alert(item)),
      queries: this.#list(map, 'promql_expr_test').map((item) => this.#query(item)),
      externalLabels: this.#record(map, 'external_labels'),
      externalUrl: this.#text(map, 'external_url') ?? '',
    };
  }

  #series(node: unknown): RuleTest['series'][number] {
    const map = this.#map(node, 'a series', ['series', 'values']);
    const name = this.#text(map, 'series') ?? '';
    return this.#notation(map, `${name} ${this.#text(map, 'values') ?? ''}`);
  }

  #alert(node: unknown): AlertExpectation {
    const map = this.#map(node, 'an alert test', ['eval_time', 'alertname', 'exp_alerts']);
    const alertname = this.#text(map, 'alertname') ?? '';
    if (alertname === '') this.#say(node, 'an item of alert_rule_test needs "alertname"');
    return {
      line: this.#lineOf(node),
      alertname,
      evalTimeMs: this.#duration(map, 'eval_time') ?? 0,
      alerts: this.#list(map, 'exp_alerts').map((item) => {
        const alert = this.#map(item, 'an alert', ['exp_labels', 'exp_annotations']);
        return {
          labels: this.#record(alert, 'exp_labels'),
          annotations: this.#record(alert, 'exp_annotations'),
        };
      }),
    };
  }

  #query(node: unknown): QueryExpectation {
    const map = this.#map(node, 'a query test', ['expr', 'eval_time', 'exp_samples']);
    const expr = this.#text(map, 'expr') ?? '';
    if (expr.trim() === '') this.#say(node, 'an item of promql_expr_test needs "expr"');
    return {
      line: this.#lineOf(node),
      expr,
      evalTimeMs: this.#duration(map, 'eval_time') ?? 0,
      samples: this.#list(map, 'exp_samples').map((item) => this.#sample(item)),
    };
  }

  #sample(node: unknown): QueryExpectation['samples'][number] {
    const map = this.#map(node, 'a sample', ['labels', 'value', 'histogram']);
    const { labels } = this.#notation(map, (this.#text(map, 'labels') ?? '').trim() || '{}');
    const notation = this.#text(map, 'histogram') ?? '';
    if (notation === '') return { labels, value: this.#number(map), histogram: undefined };
    const { values } = this.#notation(map, `{} ${notation}`);
    const [only] = values;
    if (values.length === 1 && only?.kind === 'histogram') {
      return { labels, value: 0, histogram: only.histogram };
    }
    this.#say(map, `"histogram" must be one histogram such as {{count:1 sum:2}}, not ${notation}`);
    return { labels, value: 0, histogram: undefined };
  }

  #notation(node: unknown, text: string): ReturnType<typeof parseSeries> {
    try {
      return parseSeries(text);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#say(node, error.message);
      return { labels: [], values: [] };
    }
  }

  #number(map: YAMLMap | undefined): number {
    const text = this.#text(map, 'value') ?? '0';
    const special = /^([+-]?)\.?(inf|nan)$/i.exec(text);
    if (special !== null) {
      if (special[2]!.toLowerCase() === 'nan') return Number.NaN;
      return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    }
    const value = Number(text.replaceAll('_', ''));
    if (Number.isNaN(value)) this.#say(map?.get('value', true), `"${text}" is not a number`);
    return value;
  }

  /** Unix seconds or RFC 3339, to ms. */
  #timestamp(map: YAMLMap | undefined): number {
    const text = this.#text(map, 'start_timestamp') ?? '0';
    const ms = /^-?\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Date.parse(text);
    if (!Number.isNaN(ms)) return ms;
    const node = map?.get('start_timestamp', true);
    this.#say(node, `"start_timestamp" must be Unix seconds or RFC 3339, not "${text}"`);
    return 0;
  }

  #duration(map: YAMLMap | undefined, key: string, isPositive = false): number | undefined {
    const text = this.#text(map, key);
    if (text === undefined) return undefined;
    try {
      const ms = parsePrometheusDurationMs(text);
      if (ms > 0) return ms;
      return isPositive ? undefined : 0;
    } catch (error) {
      this.#say(map?.get(key, true), `"${key}": ${(error as Error).message}`);
      return undefined;
    }
  }

  #flag(map: YAMLMap | undefined, key: string): boolean {
    const node = map?.get(key, true);
    if (node === undefined) return false;
    if (isScalar(node) && (typeof node.value === 'boolean' || node.value === null)) {
      return node.value === true;
    }
    this.#say(node, `"${key}" must be true or false`);
    return false;
  }

  #record(map: YAMLMap | undefined, key: string): Readonly<Record<string, string>> {
    const node = map?.get(key, true);
    if (!isMap(node)) {
      if (node !== undefined && !isNull(node)) this.#say(node, `"${key}" must be a map of texts`);
      return {};
    }
    const pairs = node.items.flatMap((pair) => {
      const name = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : '';
      return [name, this.#textOf(pair.value) ?? ''];
    });
    return labelsToRecord(pairs);
  }

  #text(map: YAMLMap | undefined, key: string): string | undefined {
    return this.#textOf(map?.get(key, true));
  }

  /** Numbers as they were written. */
  #textOf(node: unknown): string | undefined {
    if (node === undefined || node === null || isNull(node)) return undefined;
    if (isScalar(node)) {
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    this.#say(node, 'this must be a text');
    return undefined;
  }

  #list(map: YAMLMap | undefined, key: string): readonly unknown[] {
    const node = map?.get(key, true);
    if (isSeq(node)) return node.items;
    if (node !== undefined && !isNull(node)) this.#say(node, `"${key}" must be a list`);
    return [];
  }

  #map(node: unknown, what: string, known: readonly string[]): YAMLMap | undefined {
    if (!isMap(node)) {
      if (node !== undefined && !isNull(node)) this.#say(node, `${what} must be a map`);
      return undefined;
    }
    for (const { key } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (known.includes(name)) continue;
      const near = nearestWord(name, known);
      const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`;
      this.#say(key, `unknown key "${name}" in ${what} (${hint})`);
    }
    return node;
  }

  #lineOf(node: unknown): number {
    return this.#lines.linePos((node as Node | undefined)?.range?.[0] ?? 0).line;
  }

  #say(at: unknown, message: string): void {
    const offset = typeof at === 'number' ? at : ((at as Node | undefined)?.range?.[0] ?? 0);
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push(`${this.#file}: ${line}:${col}: ${message}`);
  }
}

const isNull = (node: unknown): boolean => isScalar(node) && node.value === null;
