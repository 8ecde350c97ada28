import type { Span } from './diagnostics.ts';
import type { PathSegment } from './lexer.ts';

/** The syntax tree of a query: what was written, before names and types are looked at. */

export interface FieldPath {
  /** Segments joined by dots: how the field is shown and looked up. */
  readonly name: string;
  readonly segments: readonly PathSegment[];
}

export type CompareOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^';

export type Expression = Span &
  (
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'period'; readonly text: string }
    | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
    | { readonly kind: 'field'; readonly path: FieldPath }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    /** Steps into a JSON value: `x[0].y`. */
    | { readonly kind: 'access'; readonly object: Expression; readonly steps: readonly string[] }
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly nameSpan: Span;
        readonly args: readonly Expression[];
        /** `count(*)`. */
        readonly star: boolean;
      }
    | { readonly kind: 'not'; readonly operand: Expression }
    | { readonly kind: 'negate'; readonly operand: Expression }
    | {
        readonly kind: 'arithmetic';
        readonly operator: ArithmeticOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'compare';
        readonly operator: CompareOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: 'like';
        readonly negated: boolean;
        readonly value: Expression;
        readonly pattern: Expression;
      }
    | {
        readonly kind: 'in';
        readonly negated: boolean;
        readonly value: Expression;
        readonly set: Expression | Query;
      }
  );

export interface NamedExpression {
  readonly expression: Expression;
  readonly alias: (Span & { readonly name: string }) | undefined;
  /** Source text of the expression, spaces normalised: its name where it has no alias. */
  readonly text: string;
  /** `by bin(5m) offset 1h`. */
  readonly offset?: Span & { readonly text: string };
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface Name extends Span {
  readonly path: FieldPath;
}

export type ParsePattern = Span &
  (
    | { readonly kind: 'glob'; readonly text: string }
    | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
    | { readonly kind: 'logfmt' }
    | { readonly kind: 'csv' }
  );

export type Command = Span &
  (
    | { readonly kind: 'fields' | 'display'; readonly items: readonly NamedExpression[] }
    | { readonly kind: 'filter'; readonly condition: Expression }
    | {
        readonly kind: 'filterIndex';
        readonly condition: Expression;
      }
    | {
        readonly kind: 'stats';
        readonly aggregates: readonly NamedExpression[];
        readonly groups: readonly NamedExpression[];
      }
    | { readonly kind: 'sort'; readonly keys: readonly SortKey[] }
    | {
        readonly kind: 'limit';
        readonly rows: number;
        readonly any: boolean;
        readonly oldest: boolean;
      }
    | {
        readonly kind: 'parse';
        readonly source: Expression | undefined;
        readonly pattern: ParsePattern;
        readonly names: readonly Name[];
        readonly multi: boolean;
      }
    /** `json field=f "k.s" as a, …` */
    | {
        readonly kind: 'json';
        readonly source: Expression | undefined;
        readonly items: readonly {
          readonly key: string;
          readonly name: string;
          readonly span: Span;
        }[];
      }
    | { readonly kind: 'dedup'; readonly keys: readonly Expression[] }
    | { readonly kind: 'unnest'; readonly list: Expression; readonly name: Name }
    | { readonly kind: 'pattern'; readonly source: Expression }
    | { readonly kind: 'diff'; readonly modifier: string | undefined }
    | { readonly kind: 'anomaly' }
    | { readonly kind: 'unmask'; readonly items: readonly Expression[] }
    | { readonly kind: 'countFrequent'; readonly keys: readonly Expression[] }
    | { readonly kind: 'addtotals'; readonly options: Readonly<Record<string, string>> }
    | { readonly kind: 'filldown'; readonly names: readonly Name[] }
    | {
        readonly kind: 'fillmissing';
        readonly value: string | number;
        readonly names: readonly Name[];
      }
    | { readonly kind: 'accum'; readonly source: Name; readonly target: Name | undefined }
    | {
        readonly kind: 'autoregress';
        readonly source: Name;
        readonly target: Name | undefined;
        readonly first: number;
        readonly last: number;
      }
    | {
        readonly kind: 'lookup';
        readonly table: Name;
        readonly keys: readonly { readonly column: Name; readonly field: Name | undefined }[];
        readonly outputs: readonly { readonly column: Name; readonly alias: Name | undefined }[];
        readonly keepExisting: boolean;
      }
    /** `join type=… left=a right=b where a.k = b.k (SOURCE '…' | …)` */
    | {
        readonly kind: 'join';
        readonly type: 'inner' | 'left';
        readonly left: Name;
        readonly right: Name;
        /** As written: either may be of either side. */
        readonly on: readonly (readonly [Name, Name])[];
        readonly query: Query;
      }
    | { readonly kind: 'unsupported'; readonly name: string }
  );

export interface Source extends Span {
  readonly kind: 'groups' | 'names';
  readonly namePrefixes: readonly string[];
  readonly names: readonly string[];
}

export interface Query extends Span {
  readonly kind: 'query';
  readonly source: Source | undefined;
  readonly commands: readonly Command[];
}
