/** A rule as it is saved: the fields of a `metric_relabel_configs` entry that drops. */
export interface DropRule {
  /** `drop`: series whose source labels, joined by `;`, match. `labeldrop`: labels whose name matches. */
  readonly action: 'drop' | 'labeldrop';
  /** Empty for `labeldrop`. */
  readonly sourceLabels: readonly string[];
  /** RE2, anchored at both ends. */
  readonly regex: string;
}

/** What a rule has done since this process started. */
export interface DropCounts {
  /** Samples that were thrown away; always 0 for `labeldrop`, which keeps samples. */
  readonly samples: number;
  /** Series that it took, or took a label from, each counted when it was first seen. */
  readonly series: number;
  /** Unix ms; undefined: nothing yet. */
  readonly lastMs: number | undefined;
}

export interface DropRuleView extends DropRule {
  readonly id: string;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly dropped: DropCounts;
}

/** What a rule would meet now: series that had samples lately. */
export interface DropPreview {
  readonly series: number;
  /** Metrics with the most such series, largest first. */
  readonly metrics: readonly { readonly name: string; readonly series: number }[];
  readonly jobs: readonly { readonly name: string; readonly series: number }[];
  /** The count ends here: there are more. */
  readonly isCut: boolean;
}
