export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '**'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '&&'
  | '||';

export type MathFunction =
  | 'abs'
  | 'log'
  | 'round'
  | 'ceil'
  | 'floor'
  | 'is_nan'
  | 'is_null'
  | 'is_inf'
  | 'is_number'
  | 'inf'
  | 'infn'
  | 'nan'
  | 'null';

/** What a math expression is read as. */
export type MathNode =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly refId: string }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: MathNode }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: MathNode;
      readonly right: MathNode;
    }
  | {
      readonly kind: 'call';
      readonly name: MathFunction;
      /** Absent for those that take none: `inf()`. */
      readonly argument: MathNode | undefined;
    };

/** Functions and whether they take an argument. */
export const mathFunctions: Readonly<Record<MathFunction, boolean>> = {
  abs: true,
  log: true,
  round: true,
  ceil: true,
  floor: true,
  is_nan: true,
  is_null: true,
  is_inf: true,
  is_number: true,
  inf: false,
  infn: false,
  nan: false,
  null: false,
};

/** The refIds that an expression reads, each once, in their order. */
export function variablesOf(node: MathNode): readonly string[] {
  const found = new Set<string>();
  const visit = (one: MathNode): void => {
    switch (one.kind) {
      case 'number':
        return;
      case 'variable':
        found.add(one.refId);
        return;
      case 'unary':
        visit(one.operand);
        return;
      case 'binary':
        visit(one.left);
        visit(one.right);
        return;
      case 'call':
        if (one.argument !== undefined) visit(one.argument);
    }
  };
  visit(node);
  return [...found];
}
