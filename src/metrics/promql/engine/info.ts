import {
  type LabelMatcher,
  type Labels,
  labelMatcher,
  labelsKey,
  labelsOfMap,
  labelValue,
  metricNameLabel,
} from '#metrics/model';
import { executionError } from '../errors.ts';
import { type Call, childrenOf, type Expr } from '../parser/ast.ts';
import type { Grid } from './grid.ts';
import { labelsText } from './labels-text.ts';
import { sameLabelsError } from './names.ts';
import { histogramSample, noSample, Row } from './row.ts';
import { evaluateVector, type Scope } from './scope.ts';
import { InstantSource, noExtent, selectSeries, windowsOf } from './selectors.ts';
import { storeVector } from './store-vector.ts';
import { type StoredSeries, storedSeries, Vector, type VectorSource } from './vector.ts';

/** The labels that tell which target a series is of. */
const identifyingLabels = ['instance', 'job'] as const;
const defaultInfoMetric = 'target_info';

const escapedPattern = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}-]/g, '\\$&');

/** What is asked for: which info metrics, and which of their labels. */
interface InfoQuery {
  readonly nameMatchers: readonly LabelMatcher[];
  /** By label; empty: all labels. */
  readonly dataMatchers: ReadonlyMap<string, readonly LabelMatcher[]>;
}

function infoQuery(selector: Expr | undefined): InfoQuery {
  const names: LabelMatcher[] = [];
  const data = new Map<string, LabelMatcher[]>();
  for (const matcher of selector?.kind === 'vector' ? selector.matchers : []) {
    if (matcher.name === metricNameLabel) names.push(matcher);
    else data.set(matcher.name, [...(data.get(matcher.name) ?? []), matcher]);
  }
  return { nameMatchers: effectiveNames(names), dataMatchers: data };
}

/** Without a matcher that says what an info metric is, names that end in `_info` are. */
function effectiveNames(names: readonly LabelMatcher[]): readonly LabelMatcher[] {
  if (names.length === 0) return [labelMatcher(metricNameLabel, '=', defaultInfoMetric)];
  if (names.some(({ operator }) => operator === '=' || operator === '=~')) return names;
  return [labelMatcher(metricNameLabel, '=~', '.+_info'), ...names];
}

/** `@` and offset of the first selector of an expression, with those of the subqueries around it. */
function referenceTime(
  expr: Expr,
  around: readonly { readonly atMs: number | undefined; readonly offsetMs: number }[] = [],
): { atMs: number | undefined; offsetMs: number } | undefined {
  if (expr.kind === 'vector') {
    let { atMs, offsetMs } = expr;
    for (const outer of around) {
      if (atMs !== undefined) break;
      offsetMs += outer.offsetMs;
      atMs = outer.atMs;
    }
    return { atMs, offsetMs };
  }
  const inside = expr.kind === 'subquery' ? [expr, ...around] : around;
  for (const child of childrenOf(expr)) {
    const found = referenceTime(child, inside);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `info`: adds labels of info metrics of the same target. */
export async function evaluateInfo(call: Call, scope: Scope): Promise<VectorSource> {
  const { evaluation, grid } = scope;
  const shift = referenceTime(call.args[0]!) ?? { atMs: undefined, offsetMs: 0 };
  const base = await storeVector(await evaluateVector(call.args[0]!, scope), grid, evaluation);
  const query = infoQuery(call.args[1]);
  const isInfo = base.series.map(({ labels }) => {
    const name = labelValue(labels, metricNameLabel);
    return query.nameMatchers.every((matcher) => matcher.matches(name));
  });
  const infos = await selectInfos(base, isInfo, query, shift, scope);
  return enriched(base, isInfo, infos, query, grid);
}

interface InfoSeries {
  readonly labels: Labels;
  /** When the sample of each step was taken; NaN: there is none. */
  readonly takenMs: Float64Array;
}

async function selectInfos(
  base: Vector,
  isInfo: readonly boolean[],
  query: InfoQuery,
  shift: { readonly atMs: number | undefined; readonly offsetMs: number },
  { evaluation, grid }: Scope,
): Promise<InfoSeries[]> {
  const matchers: LabelMatcher[] = [];
  for (const name of identifyingLabels) {
    const values = new Set<string>();
    for (const [index, { labels }] of base.series.entries()) {
      const value = labelValue(labels, name);
      if (!isInfo[index] && value !== '') values.add(value);
    }
    if (values.size === 0) continue;
    matchers.push(labelMatcher(name, '=~', [...values].map(escapedPattern).join('|')));
  }
  if (matchers.length === 0) return [];
  for (const same of query.dataMatchers.values()) matchers.push(...same);
  matchers.push(...query.nameMatchers);

  const windows = windowsOf(shift, evaluation.options.lookbackMs, grid);
  const hint = { function: 'info', rangeMs: 0, stepMs: grid.stepMs };
  const selection = await selectSeries(evaluation, matchers, windows, noExtent, hint);
  const source = new InstantSource(selection, windows, evaluation);
  const found: InfoSeries[] = [];
  const row = new Row(grid.count);
  try {
    for (let index = 0; index < source.count; index++) {
      if (evaluation.isDue()) await evaluation.pause();
      if (!source.read(index, row)) continue;
      const labels = source.labels(index);
      if (row.kinds.includes(histogramSample)) {
        throw executionError(
          `this should be an info metric, with float samples: ${labelsText(labels)}`,
        );
      }
      evaluation.hold(grid.count);
      const takenMs = source.timesMs.map((ms, step) =>
        row.kinds[step] === noSample ? Number.NaN : ms,
      );
      found.push({ labels, takenMs });
    }
  } finally {
    source.dispose();
  }
  return found;
}

/** Key of the target that a series is of. */
const targetKey = (labels: Labels): string =>
  identifyingLabels.map((name) => labelValue(labels, name)).join('\u0000');

function enriched(
  base: Vector,
  isInfo: readonly boolean[],
  infos: readonly InfoSeries[],
  query: InfoQuery,
  grid: Grid,
): Vector {
  const byTarget = new Map<string, Map<string, InfoSeries[]>>();
  for (const info of infos) {
    const key = targetKey(info.labels);
    const byName = byTarget.get(key) ?? new Map<string, InfoSeries[]>();
    byTarget.set(key, byName);
    const name = labelValue(info.labels, metricNameLabel);
    byName.set(name, [...(byName.get(name) ?? []), info]);
  }
  const mayBeMissing = [...query.dataMatchers.values()].every((same) =>
    same.every((matcher) => matcher.matches('')),
  );
  const results = new Results(grid.count);
  const row = new Row(grid.count);
  for (let index = 0; index < base.count; index++) {
    base.read(index, row);
    const labels = base.labels(index);
    const dropsName = base.dropsName(index);
    const byName = isInfo[index] ? undefined : byTarget.get(targetKey(labels));
    // Which labels are added changes only where the info series that count change.
    let known: readonly (InfoSeries | undefined)[] = [];
    let target: Row | undefined;
    for (let step = 0; step < grid.count; step++) {
      if (row.kinds[step] === noSample) continue;
      const current = [...(byName?.values() ?? [])].map((same) => newest(same, step));
      if (target === undefined || current.some((info, at) => info !== known[at])) {
        known = current;
        const matched = current.filter((info) => info !== undefined);
        const isLeftOut = !isInfo[index] && matched.length === 0 && !mayBeMissing;
        target = isLeftOut
          ? nothing
          : results.rowOf(withInfo(labels, matched, query.dataMatchers), dropsName);
      }
      if (target === nothing) continue;
      if (target.kinds[step] !== noSample) throw sameLabelsError();
      target.copySample(step, row, step);
    }
  }
  return results.vector();
}

/** In the place of a row, for steps that are left out. */
const nothing = new Row(0);

/** The info series whose sample is the newest at a step. */
function newest(same: readonly InfoSeries[], step: number): InfoSeries | undefined {
  let best: InfoSeries | undefined;
  for (const info of same) {
    const takenMs = info.takenMs[step]!;
    if (Number.isNaN(takenMs)) continue;
    if (best === undefined || takenMs > best.takenMs[step]!) best = info;
    else if (takenMs === best.takenMs[step]) {
      throw executionError(
        `found duplicate series for info metric: existing ${labelsText(best.labels)} @ ${takenMs}, new ${labelsText(info.labels)} @ ${takenMs}`,
      );
    }
  }
  return best;
}

function withInfo(
  labels: Labels,
  infos: readonly InfoSeries[],
  dataMatchers: InfoQuery['dataMatchers'],
): Labels {
  if (infos.length === 0) return labels;
  const own = new Map<string, string>();
  for (let at = 0; at < labels.length; at += 2) own.set(labels[at]!, labels[at + 1]!);
  const added = new Map<string, string>();
  for (const info of infos) {
    for (let at = 0; at < info.labels.length; at += 2) {
      const name = info.labels[at]!;
      const value = info.labels[at + 1]!;
      if (name === metricNameLabel) continue;
      if (dataMatchers.size > 0 && !dataMatchers.has(name)) continue;
      const known = added.get(name);
      if (known !== undefined && known !== value)
        throw executionError(`conflicting label: ${name}`);
      if (!own.has(name)) added.set(name, value);
    }
  }
  return labelsOfMap(new Map([...own, ...added]));
}

/** Rows by labels. */
export class Results {
  readonly #steps: number;
  readonly #rows = new Map<string, { labels: Labels; dropsName: boolean; row: Row }>();

  constructor(steps: number) {
    this.#steps = steps;
  }

  rowOf(labels: Labels, dropsName: boolean): Row {
    const key = labelsKey(labels);
    let found = this.#rows.get(key);
    if (found === undefined) {
      found = { labels, dropsName, row: new Row(this.#steps) };
      this.#rows.set(key, found);
    }
    return found.row;
  }

  vector(): Vector {
    const series: StoredSeries[] = [];
    for (const { labels, dropsName, row } of this.#rows.values()) {
      const stored = storedSeries(labels, dropsName, row);
      if (stored !== undefined) series.push(stored);
    }
    return new Vector(series);
  }
}
