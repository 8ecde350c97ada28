import type { Labels } from '#metrics/model';
import type { Span } from '../parser/position.ts';
import type { Evaluation } from './evaluation.ts';
import { FloatGroup, foldFloats } from './fold-floats.ts';
import { HistogramGroup } from './fold-histograms.ts';
import { histogramSample, Row } from './row.ts';
import { type StoredSeries, storedSeries, Vector } from './vector.ts';

/** Aggregations that make one sample of all samples of a group, in any order. */
export const foldOperators = [
  'sum',
  'avg',
  'count',
  'group',
  'min',
  'max',
  'stddev',
  'stdvar',
] as const;
export type FoldOperator = (typeof foldOperators)[number];

interface Group {
  floats: FloatGroup | undefined;
  histograms: HistogramGroup | undefined;
  dropsName: boolean;
}

/** Folds rows into groups; a group's memory is made with its first row. */
export class Folder {
  readonly #op: FoldOperator;
  readonly #labels: readonly Labels[];
  readonly #steps: number;
  readonly #evaluation: Evaluation;
  readonly #span: Span;
  readonly #groups: Group[];

  constructor(
    op: FoldOperator,
    labels: readonly Labels[],
    steps: number,
    evaluation: Evaluation,
    span: Span,
  ) {
    this.#op = op;
    this.#labels = labels;
    this.#steps = steps;
    this.#evaluation = evaluation;
    this.#span = span;
    this.#groups = labels.map(() => ({
      floats: undefined,
      histograms: undefined,
      dropsName: false,
    }));
  }

  add(group: number, row: Row, dropsName: boolean, metric: () => string): void {
    const into = this.#groups[group]!;
    if (dropsName) into.dropsName = true;
    if (row.histograms !== undefined) this.#addHistograms(into, row, metric);
    foldFloats(this.#op, this.floats(group), row);
  }

  /** The floats of a group, for those who fold into them elsewhere. */
  floats(group: number): FloatGroup {
    const into = this.#groups[group]!;
    if (into.floats === undefined) {
      this.#evaluation.hold(this.#steps);
      into.floats = new FloatGroup(this.#op, this.#steps);
    }
    return into.floats;
  }

  setDropsName(group: number): void {
    this.#groups[group]!.dropsName = true;
  }

  #addHistograms(into: Group, row: Row, metric: () => string): void {
    switch (this.#op) {
      case 'sum':
      case 'avg':
        into.histograms ??= new HistogramGroup(this.#op, this.#steps);
        into.histograms.add(row, {
          annotations: this.#evaluation.annotations,
          span: this.#span,
          metric,
        });
        return;
      case 'count':
      case 'group':
        return;
      default:
        if (!row.kinds.includes(histogramSample)) return;
        this.#evaluation.annotations.inform(
          `ignored histogram in ${this.#op} aggregation`,
          this.#span,
        );
    }
  }

  finish(): Vector {
    const series: StoredSeries[] = [];
    const row = new Row(this.#steps);
    for (const [index, { floats, histograms, dropsName }] of this.#groups.entries()) {
      if (floats === undefined && histograms === undefined) continue;
      row.clear();
      floats?.finish(row);
      histograms?.finish(row, floats, {
        annotations: this.#evaluation.annotations,
        span: this.#span,
      });
      this.#evaluation.release(this.#steps);
      const stored = storedSeries(this.#labels[index]!, dropsName, row);
      if (stored === undefined) continue;
      this.#evaluation.hold(stored.values.length);
      series.push(stored);
    }
    return new Vector(series);
  }
}
