/** Operands and calls. */
export type Expression =
  | { readonly kind: 'dot' }
  | { readonly kind: 'nil' }
  | { readonly kind: 'literal'; readonly value: string | number | bigint | boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly line: number }
  /** `.A.B`, `$x.A`, `(pipeline).A`: fields of what `of` gives. */
  | {
      readonly kind: 'field';
      readonly of: Expression;
      readonly names: readonly string[];
      readonly line: number;
    }
  | { readonly kind: 'function'; readonly name: string; readonly line: number }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline };

/** A function, method or value with its arguments. */
export interface Command {
  readonly operand: Expression;
  readonly args: readonly Expression[];
  readonly line: number;
}

/** `$i, $v := a | b c`; the value of each command is the last argument of the next. */
export interface Pipeline {
  readonly variables: readonly string[];
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
  readonly line: number;
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
      readonly line: number;
    }
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly pipeline: Pipeline | undefined;
      readonly line: number;
    }
  | { readonly kind: 'break' | 'continue' };

/** A template and those it defines, by name. */
export interface TemplateTree {
  readonly name: string;
  readonly body: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}
