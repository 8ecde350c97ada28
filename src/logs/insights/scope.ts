import type { FieldPath } from './ast.ts';
import type { Diagnostics, Span } from './diagnostics.ts';
import { nearestName } from './diagnostics.ts';
import type { Column, OutputColumn, PlanExpression, SystemField, ValueType } from './plan.ts';

const systemTypes: Readonly<Record<SystemField, ValueType>> = {
  '@timestamp': 'timestamp',
  '@ingestionTime': 'timestamp',
  '@message': 'string',
  '@logStream': 'string',
  '@log': 'string',
  '@logGroup': 'string',
  '@ptr': 'string',
};

const plainCall = (text: string): string => text.replace(/\s+/g, '').toLowerCase();

export type ResolveName = (path: FieldPath, span: Span) => PlanExpression;

/** Which names mean what at one place of the pipeline. */
export class Scope {
  readonly #diagnostics: Diagnostics;
  #columns = new Map<string, PlanExpression>();
  #closed = false;
  readonly #sides = new Map<string, ResolveName>();
  #nextId = 1;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** True after stats and pattern: only what they produce can be named. */
  get closed(): boolean {
    return this.#closed;
  }

  get names(): IteratorObject<string> {
    return this.#columns.keys();
  }

  newColumn(name: string, type: ValueType): Column {
    return { id: this.#nextId++, name, type };
  }

  define(name: string, expression: PlanExpression): void {
    this.#columns.set(name, expression);
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** The name of a column that was made from the same call, whatever its case and spaces. */
  nameOfCall(text: string): string | undefined {
    if (this.#columns.has(text)) return text;
    const wanted = plainCall(text);
    return this.names.find((name) => plainCall(name) === wanted);
  }

  /** Forgets the events: from here on only these names exist. */
  close(columns: readonly OutputColumn[]): void {
    this.#columns = new Map(columns.map((one) => [one.name, one.expression]));
    this.#closed = true;
    this.#sides.clear();
  }

  /** From here on `alias.name` means what `resolve` says of `name`. */
  addSide(alias: string, resolve: ResolveName): void {
    this.#sides.set(alias, resolve);
  }

  isKnown(path: FieldPath): boolean {
    return !this.#closed || this.#lookUp(path) !== undefined || this.#sideOf(path) !== undefined;
  }

  /** A field's expression; after stats an unknown name is an error. */
  resolve(path: FieldPath, span: Span): PlanExpression {
    const known = this.#lookUp(path);
    if (known !== undefined) return known;
    const side = this.#sideOf(path);
    if (side !== undefined) return side(withoutFirst(path), span);
    if (this.#closed) {
      this.#diagnostics.error(span, 'NAME_GONE', {
        name: path.name,
        near: nearestName(path.name, this.names),
      });
      return { kind: 'literal', value: null, type: 'string' };
    }
    const system = systemFieldOf(path);
    if (system !== undefined) return { kind: 'system', name: system, type: systemTypes[system] };
    return { kind: 'raw', name: path.name, path: path.segments, type: 'string' };
  }

  #sideOf(path: FieldPath): ResolveName | undefined {
    const first = path.segments[0];
    return path.segments.length > 1 && first !== undefined
      ? this.#sides.get(first.text)
      : undefined;
  }

  /** A column of this name, or a path into a column that holds a map or a list. */
  #lookUp(path: FieldPath): PlanExpression | undefined {
    const whole = this.#columns.get(path.name);
    if (whole !== undefined) return whole;
    for (let length = path.segments.length - 1; length > 0; length--) {
      const name = path.segments
        .slice(0, length)
        .map((segment) => segment.text)
        .join('.');
      const object = this.#columns.get(name);
      if (object?.type !== 'json') continue;
      const steps = path.segments.slice(length).map((segment) => segment.text);
      return { kind: 'access', object, steps, type: 'string' };
    }
    return undefined;
  }
}

/** `a.b.c` without its first segment. */
export function withoutFirst({ segments }: FieldPath): FieldPath {
  const rest = segments.slice(1);
  return { name: rest.map((segment) => segment.text).join('.'), segments: rest };
}

function systemFieldOf(path: FieldPath): SystemField | undefined {
  return path.segments.length === 1 && Object.hasOwn(systemTypes, path.name)
    ? (path.name as SystemField)
    : undefined;
}
