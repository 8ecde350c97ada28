/** The same words in the languages of the page. */
export interface Words {
  readonly en: string;
  readonly ko: string;
}

/**
 * What edits and checks a value. `data` is a structure with an editor of its own; `field` names a
 * column, `reducer` a calculation such as `lastNotNull`, `colorScheme` a `continuous-…` scheme's
 * name, `lengthOrShare` a number of pixels or a share such as `40%`.
 */
export type OptionKind =
  | 'boolean'
  | 'choice'
  | 'choices'
  | 'color'
  | 'colorScheme'
  | 'data'
  | 'field'
  | 'lengthOrShare'
  | 'longText'
  | 'nullsOver'
  | 'number'
  | 'reducer'
  | 'reducers'
  | 'tags'
  | 'text'
  | 'timeZones'
  | 'unit';

/** The heading under which an editor shows an option. */
export type OptionGroup =
  | 'alerts'
  | 'annotations'
  | 'axis'
  | 'bars'
  | 'buckets'
  | 'cells'
  | 'color'
  | 'columns'
  | 'content'
  | 'footer'
  | 'graph'
  | 'legend'
  | 'lines'
  | 'list'
  | 'logs'
  | 'nodes'
  | 'points'
  | 'stacking'
  | 'table'
  | 'text'
  | 'thresholds'
  | 'time'
  | 'tooltip'
  | 'value'
  | 'yAxis';

export type ChoiceValue = string | number | boolean;

export interface Choice {
  readonly value: ChoiceValue;
  readonly label: Words;
}

/** One option of a panel, or one custom field of its field config. */
export interface OptionSpec {
  /** From `panel.options` or `fieldConfig.defaults.custom`: `legend.showLegend`. */
  readonly path: string;
  readonly kind: OptionKind;
  readonly label: Words;
  readonly group: OptionGroup;
  /** What holds where a document says nothing; absent for "none". */
  readonly default?: unknown;
  /** Of `choice` and `choices`. */
  readonly choices?: readonly Choice[];
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Only of use while another option of the same panel has one of these values. */
  readonly when?: { readonly path: string; readonly is: readonly ChoiceValue[] };
  /** Kept and exported, but the panel looks the same with and without it; says what happens instead. */
  readonly notDrawn?: Words;
  /** Written by a program and of no use in a form: read, checked, kept. */
  readonly isHidden?: boolean;
}

/** A standard field option: `unit`, `decimals`, … of `fieldConfig.defaults`. */
export type StandardField =
  | 'color'
  | 'decimals'
  | 'description'
  | 'displayName'
  | 'filterable'
  | 'links'
  | 'mappings'
  | 'max'
  | 'min'
  | 'noValue'
  | 'thresholds'
  | 'unit';

/** A panel type as data: what panels take their defaults from, editors their forms, reports their knowledge. */
export interface PanelKind {
  /** As in `panel.type`. */
  readonly type: string;
  readonly name: Words;
  /** Not drawn: the result of its queries is shown as a table. */
  readonly isDrawn: boolean;
  /** Text, lists and rows ask no data source. */
  readonly hasQueries: boolean;
  readonly standardFields: readonly StandardField[];
  /** Standard field options which this kind sets where a document says nothing. */
  readonly fieldDefaults: Readonly<Record<string, unknown>>;
  readonly options: readonly OptionSpec[];
  readonly custom: readonly OptionSpec[];
}
