import { isAppError } from '#base';
import { builtinFunctions, shortCircuit, type TemplateFunction } from './builtins.ts';
import { templateCalls } from './calls.ts';
import { templateFailed, templateInvalid } from './errors.ts';
import { parseTemplate } from './parser.ts';
import type { Command, Expression, Node, Pipeline, TemplateTree } from './tree.ts';
import {
  bounded,
  entriesOf,
  isTrue,
  maxTextChars,
  methodOf,
  type TemplateValue,
  typeName,
  valueText,
} from './value.ts';

export interface TemplateOptions {
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
  /** What a missing key of a map is: Go's `missingkey`. Default: nothing, printed `<no value>`. */
  readonly missingKey?: 'default' | 'zero' | 'error';
  /** Templates that others define, by name. */
  readonly library?: ReadonlyMap<string, readonly Node[]>;
  /** What begins and ends an action; `{{` and `}}` unless given. */
  readonly delimiters?: { readonly left: string; readonly right: string };
  /** How a value is printed, where plain text is not what is made: HTML, say. */
  readonly print?: (value: TemplateValue) => string;
}

/** Nodes carried out by one template, loops and calls counted. */
const maxSteps = 1_000_000;
/** What a function is given takes it time by its size: so many characters or items are one step. */
const sizeOfStep = 16;
/** A function is no node: it does more. */
const stepsOfCall = 4;
/** Nothing else is done meanwhile; the slowest functions reach this before the steps are used up. */
const maxMs = 5000;
/** The clock is looked at once in so many steps. */
const looksEvery = 128;
const maxCallDepth = 100;
/** A range over a number makes a list of them. */
const maxRangeItems = 10_000;

/** A template that has been parsed, and can be carried out any number of times. */
export class Template {
  readonly tree: TemplateTree;
  readonly #options: TemplateOptions;

  /** @throws {AppError} TEMPLATE_INVALID */
  constructor(name: string, source: string, options: TemplateOptions = {}) {
    const names = new Set([
      ...Object.keys(builtinFunctions),
      ...Object.keys(options.functions ?? {}),
    ]);
    this.tree = parseTemplate(name, source, names, options.delimiters);
    this.#options = options;
  }

  /** Whether all that it calls is there, before anything is carried out. @throws {AppError} TEMPLATE_INVALID */
  checkCalls(): void {
    for (const { name, line } of templateCalls(this.tree)) {
      if (this.tree.defined.has(name) || this.#options.library?.has(name) === true) continue;
      throw templateInvalid(this.tree.name, line, `template "${name}" not defined`);
    }
  }

  /**
   * What the template prints for `data`.
   * @param functions in place of those given before, for those that know the moment
   * @throws {AppError} TEMPLATE_FAILED
   */
  execute(data: TemplateValue, functions: Readonly<Record<string, TemplateFunction>> = {}): string {
    const run = new Run(this.tree, this.#options, functions);
    run.body(this.tree.body, data, new Scope(data));
    return run.output;
  }
}

class Scope {
  readonly #names: string[] = ['$'];
  readonly #values: TemplateValue[];

  constructor(data: TemplateValue) {
    this.#values = [data];
  }

  get mark(): number {
    return this.#names.length;
  }

  release(mark: number): void {
    this.#names.length = mark;
    this.#values.length = mark;
  }

  declare(name: string, value: TemplateValue): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  assign(name: string, value: TemplateValue): void {
    this.#values[this.#names.lastIndexOf(name)] = value;
  }

  get(name: string): TemplateValue {
    return this.#values[this.#names.lastIndexOf(name)];
  }
}

type Flow = 'next' | 'break' | 'continue';

class Run {
  output = '';
  readonly #tree: TemplateTree;
  readonly #options: TemplateOptions;
  readonly #functions: Readonly<Record<string, TemplateFunction>>;
  #steps = 0;
  #looks = 0;
  readonly #endMs = performance.now() + maxMs;
  #depth = 0;

  constructor(
    tree: TemplateTree,
    options: TemplateOptions,
    functions: Readonly<Record<string, TemplateFunction>>,
  ) {
    this.#tree = tree;
    this.#options = options;
    this.#functions = { ...builtinFunctions, ...options.functions, ...functions };
  }

  body(nodes: readonly Node[], dot: TemplateValue, scope: Scope): Flow {
    const mark = scope.mark;
    for (const node of nodes) {
      this.#step();
      const flow = this.#node(node, dot, scope);
      if (flow !== 'next') {
        scope.release(mark);
        return flow;
      }
    }
    scope.release(mark);
    return 'next';
  }

  #node(node: Node, dot: TemplateValue, scope: Scope): Flow {
    switch (node.kind) {
      case 'text':
        this.#print(node.text, 0);
        return 'next';
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot, scope);
        if (node.pipeline.variables.length === 0) {
          const { line } = node.pipeline;
          this.#print(
            this.#guard(line, 'print', () => (this.#options.print ?? valueText)(value)),
            line,
          );
        }
        return 'next';
      }
      case 'if':
      case 'with': {
        const mark = scope.mark;
        const value = this.#pipeline(node.pipeline, dot, scope);
        const inner = node.kind === 'with' ? value : dot;
        const flow = isTrue(value)
          ? this.body(node.body, inner, scope)
          : this.body(node.otherwise, dot, scope);
        scope.release(mark);
        return flow;
      }
      case 'range':
        return this.#range(node, dot, scope);
      case 'template': {
        const body = this.#tree.defined.get(node.name) ?? this.#options.library?.get(node.name);
        if (body === undefined) {
          throw this.#failed(node.line, `template "${node.name}" not defined`);
        }
        const data =
          node.pipeline === undefined ? undefined : this.#pipeline(node.pipeline, dot, scope);
        if (++this.#depth > maxCallDepth) {
          throw this.#failed(node.line, 'exceeded maximum template depth');
        }
        this.body(body, data, new Scope(data));
        this.#depth--;
        return 'next';
      }
      default:
        return node.kind;
    }
  }

  #range(
    node: Extract<Node, { kind: 'if' | 'with' | 'range' }>,
    dot: TemplateValue,
    scope: Scope,
  ): Flow {
    const mark = scope.mark;
    const { variables, isAssignment } = node.pipeline;
    const value = this.#commands(node.pipeline, dot, scope);
    const items = this.#items(value, node.line);
    this.#step(items.length / sizeOfStep);
    if (items.length === 0) {
      const flow = this.body(node.otherwise, dot, scope);
      scope.release(mark);
      return flow;
    }
    for (const [key, item] of items) {
      this.#step();
      const inner = scope.mark;
      const [first, second] = variables;
      const bind = (name: string, bound: TemplateValue): void =>
        isAssignment ? scope.assign(name, bound) : scope.declare(name, bound);
      if (first !== undefined) bind(first, second === undefined ? item : key);
      if (second !== undefined) bind(second, item);
      const flow = this.body(node.body, item, scope);
      scope.release(inner);
      if (flow === 'break') break;
    }
    scope.release(mark);
    return 'next';
  }

  #items(value: TemplateValue, line: number): readonly (readonly [TemplateValue, TemplateValue])[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.map((item, at) => [BigInt(at), item] as const);
    if (typeof value === 'bigint') {
      if (value > BigInt(maxRangeItems)) throw this.#failed(line, 'range over too large a number');
      return Array.from({ length: Math.max(0, Number(value)) }, (_, at) => [
        BigInt(at),
        BigInt(at),
      ]);
    }
    if (typeof value === 'object') return entriesOf(value);
    throw this.#failed(line, `range can't iterate over ${valueText(value)}`);
  }

  #pipeline(pipeline: Pipeline, dot: TemplateValue, scope: Scope): TemplateValue {
    const value = this.#commands(pipeline, dot, scope);
    const [name] = pipeline.variables;
    if (name !== undefined) {
      if (pipeline.isAssignment) scope.assign(name, value);
      else scope.declare(name, value);
    }
    return value;
  }

  #commands(pipeline: Pipeline, dot: TemplateValue, scope: Scope): TemplateValue {
    let value: TemplateValue;
    for (const [at, command] of pipeline.commands.entries()) {
      this.#step();
      value = this.#command(command, dot, scope, at > 0 ? [value] : []);
    }
    return value;
  }

  #command(
    command: Command,
    dot: TemplateValue,
    scope: Scope,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    const { operand, args, line } = command;
    if (operand.kind === 'function') {
      if (shortCircuit.has(operand.name)) {
        return this.#andOr(operand.name === 'and', command, dot, scope, piped);
      }
      const values = args.map((arg) => this.#evaluate(arg, dot, scope));
      return this.#call(operand.name, [...values, ...piped], line);
    }
    const value = this.#evaluate(operand, dot, scope, true);
    const values = args.map((arg) => this.#evaluate(arg, dot, scope));
    if (typeof value === 'function') {
      return this.#run(line, 'call', value as TemplateFunction, [...values, ...piped]);
    }
    if (values.length + piped.length > 0) {
      throw this.#failed(line, `can't give argument to non-function ${describe(operand)}`);
    }
    return value;
  }

  #andOr(
    isAnd: boolean,
    { args, line }: Command,
    dot: TemplateValue,
    scope: Scope,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    if (args.length + piped.length === 0) {
      throw this.#failed(
        line,
        `wrong number of args for ${isAnd ? 'and' : 'or'}: want at least 1 got 0`,
      );
    }
    let value: TemplateValue;
    for (const arg of args) {
      value = this.#evaluate(arg, dot, scope);
      if (isTrue(value) !== isAnd) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #evaluate(
    expression: Expression,
    dot: TemplateValue,
    scope: Scope,
    keepsFunctions = false,
  ): TemplateValue {
    this.#step();
    switch (expression.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'literal':
        return expression.value;
      case 'variable':
        return scope.get(expression.name);
      case 'pipeline':
        return this.#pipeline(expression.pipeline, dot, scope);
      case 'function':
        return this.#call(expression.name, [], expression.line);
      case 'field': {
        let value = this.#evaluate(expression.of, dot, scope);
        for (const [at, name] of expression.names.entries()) {
          value = this.#field(value, name, expression.line);
          const isLast = at === expression.names.length - 1;
          if (typeof value === 'function' && !(isLast && keepsFunctions)) {
            const method = value as TemplateFunction;
            value = this.#guard(expression.line, name, () => method());
          }
        }
        return value;
      }
      default:
        return expression satisfies never;
    }
  }

  #field(value: TemplateValue, name: string, line: number): TemplateValue {
    const method = methodOf(value, name);
    if (method !== undefined) return method;
    if (value instanceof Map) {
      if (value.has(name)) return value.get(name);
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      if (Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
    } else if (value === undefined || value === null) {
      throw this.#failed(line, `nil pointer evaluating interface {}.${name}`);
    } else {
      throw this.#failed(line, `can't evaluate field ${name} in type ${typeName(value)}`);
    }
    if (this.#options.missingKey === 'error') {
      throw this.#failed(line, `map has no entry for key "${name}"`);
    }
    return this.#options.missingKey === 'zero' ? '' : undefined;
  }

  #call(name: string, args: readonly TemplateValue[], line: number): TemplateValue {
    const callee = this.#functions[name];
    if (callee === undefined) throw this.#failed(line, `function "${name}" not defined`);
    return this.#run(line, name, callee, args);
  }

  #run(
    line: number,
    name: string,
    callee: TemplateFunction,
    args: readonly TemplateValue[],
  ): TemplateValue {
    this.#step(stepsOfCall);
    for (const arg of args) {
      if (typeof arg === 'string' || Array.isArray(arg)) this.#step(arg.length / sizeOfStep);
    }
    return this.#guard(line, name, () => {
      const value = callee(...args);
      return typeof value === 'string' ? bounded(value) : value;
    });
  }

  #guard<T>(line: number, name: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (isAppError(error, 'TEMPLATE_FAILED')) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw this.#failed(line, `error calling ${name}: ${reason}`);
    }
  }

  #print(text: string, line: number): void {
    this.output += text;
    if (this.output.length > maxTextChars) {
      throw this.#failed(line, `it prints more than ${maxTextChars} characters`);
    }
  }

  #step(cost = 1): void {
    this.#steps += cost;
    if (this.#steps > maxSteps) throw this.#failed(0, `it takes more than ${maxSteps} steps`);
    this.#looks += 1;
    if (this.#looks % looksEvery === 0 && performance.now() > this.#endMs) {
      throw this.#failed(0, `it takes more than ${maxMs / 1000} s`);
    }
  }

  #failed(line: number, message: string): Error {
    return templateFailed(this.#tree.name, line, message);
  }
}

const describe = (expression: Expression): string =>
  expression.kind === 'field' ? `.${expression.names.join('.')}` : expression.kind;
