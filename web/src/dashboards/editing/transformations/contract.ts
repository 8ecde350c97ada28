import type {
  Choice,
  ChoiceValue,
  OptionKind,
  Words,
} from '../../../../../src/dashboards/model/panel-kinds/index.ts';

/**
 * What edits one option of a step, beside the kinds that panels have: `columns` names several fields,
 * `query` a refId, `queries` several with bars between, `label` a label's name, `value` a number or a
 * text, `operand` a column or a fixed number, `matcher` says which fields are meant.
 */
export type StepFieldKind =
  | OptionKind
  | 'columns'
  | 'label'
  | 'labels'
  | 'matcher'
  | 'operand'
  | 'queries'
  | 'query'
  | 'value';

export interface StepField {
  /** From the step's options: `reduce.reducer`. */
  readonly path: string;
  readonly kind: StepFieldKind;
  readonly label: Words;
  readonly help?: Words;
  /** What holds where the options say nothing. */
  readonly default?: unknown;
  readonly choices?: readonly Choice[];
  readonly min?: number;
  readonly max?: number;
  /** Only of use while another option of the same step, or of the same entry, has one of these values. */
  readonly when?: { readonly path: string; readonly is: readonly ChoiceValue[] };
}

/** Options that are a list, each entry with fields of its own. */
export interface StepList {
  readonly path: string;
  readonly kind: 'list';
  readonly label: Words;
  readonly add: Words;
  /** What a new entry begins with. */
  readonly preset: Readonly<Record<string, unknown>>;
  readonly fields: readonly StepField[];
}

/** A step with a form that no list of fields can be. */
export type SpecialForm = 'groupBy' | 'namedFields' | 'organize' | 'trendStats';

/** The form of one transformation as data. */
export interface StepForm {
  readonly id: string;
  /** What comes of it, in a sentence. */
  readonly about: Words;
  /** Options of a new step. */
  readonly preset: Readonly<Record<string, unknown>>;
  readonly special?: SpecialForm;
  readonly fields: readonly (StepField | StepList)[];
}
