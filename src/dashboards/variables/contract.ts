import type { Variable } from '#dashboards/model';

/** What a reference in a text stands for. */
export interface Interpolated {
  /** A list for a variable with several values; an object where references name a path into it. */
  readonly value: unknown;
  /** What people see; absent: the value. */
  readonly text?: string | readonly string[];
  /** Goes in as it is, whatever the format: a custom value of "All". May hold references itself. */
  readonly isVerbatim?: boolean;
  /** It may hold several values, so its value stands in a regular expression, even when it is one. */
  readonly isMany?: boolean;
  /** What a link says for it, where that is not its value. */
  readonly link?: readonly string[];
  /** IANA name, for instants written as dates. */
  readonly zone?: string;
}

/** A reference as it stands in a text. */
export interface Reference {
  readonly name: string;
  /** `fields`, `Namespace` of `${__data.fields.Namespace}`. */
  readonly path: readonly string[];
  readonly format: string | undefined;
}

/** Undefined: nobody knows the name; the reference stays as it is. */
export type Lookup = (reference: Reference) => Interpolated | undefined;

/** For references without a format of their own. */
export type Formatter = (value: Interpolated, name: string) => string;

export interface Option {
  readonly text: string;
  readonly value: string;
  /** Of options given as JSON: what `${name.key}` reads. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** A variable with the value it has now. */
export interface VariableState {
  readonly variable: Variable;
  /** Without "All", which is a choice besides them. */
  readonly options: readonly Option[];
  /** What is chosen; "All" is `allValue`, in a list where the variable may hold several. */
  readonly value: string | readonly string[];
  readonly text: string | readonly string[];
  readonly isAll: boolean;
  /** In the words of whoever refused; its options are then those of before. */
  readonly error?: string;
  /** What its options came of; with the same key they need not be asked for again. */
  readonly key: string;
  /** Of an ad hoc variable. */
  readonly filters?: readonly AdhocFilter[];
}

/** By name, in the order of the dashboard. */
export type VariableStates = ReadonlyMap<string, VariableState>;

export interface AdhocFilter {
  readonly key: string;
  /** `=`, `!=`, `=~`, `!~`, `<`, `>`, `=|` (one of), `!=|` (none of). */
  readonly operator: string;
  readonly value: string;
  readonly values?: readonly string[];
}

/** What a link says for "All". */
export const allValue = '$__all';
export const allText = 'All';
