/**
 * Shapes of request members: type, bounds, pattern, allowed values; and the check of a parsed JSON
 * body against them, with the texts that AWS uses. Members that a shape does not know are ignored.
 */
import { AwsError } from './errors.ts';

/** One failed constraint. */
export interface Problem {
  /** `logEvents.1.member.message`; list indexes count from 1, as AWS does. */
  readonly path: string;
  /** Undefined: the message shows no value. */
  readonly value: string | undefined;
  readonly constraint: string;
}

export interface Shape<T> {
  /** Checks `value`, adds what is wrong to `problems`. @throws {AwsError} on a wrong JSON type */
  check(value: unknown, path: string, problems: Problem[]): void;
  /** Only for types: never read. */
  readonly type?: T;
}

export interface RequiredShape<T> extends Shape<T> {
  readonly isRequired: true;
}

type AnyShape = Shape<unknown> | RequiredShape<unknown>;
export type Members = Readonly<Record<string, AnyShape>>;
type TypeOf<S> = S extends Shape<infer T> ? T : never;
type RequiredKeys<M> = {
  [K in keyof M]: M[K] extends { isRequired: true } ? K : never;
}[keyof M];

/** The input type that a set of members describes. */
export type Infer<M> = { readonly [K in RequiredKeys<M>]: TypeOf<M[K]> } & {
  readonly [K in Exclude<keyof M, RequiredKeys<M>>]?: TypeOf<M[K]> | undefined;
};

/** AWS shows the whole value; a megabyte of it helps nobody. */
const maxShownChars = 1024;

/** Lists and maps inside others stay unshown: they may be nested deeper than a stack goes. */
const shownInside = (value: unknown): string =>
  typeof value === 'object' && value !== null ? '…' : String(value);

const shown = (value: unknown): string => {
  const text = Array.isArray(value)
    ? `[${value.map(shownInside).join(', ')}]`
    : isObject(value)
      ? `{${Object.entries(value)
          .map(([name, inner]) => `${name}=${shownInside(inner)}`)
          .join(', ')}}`
      : String(value);
  return `'${text.length > maxShownChars ? `${text.slice(0, maxShownChars)}…` : text}'`;
};

export function required<T>(shape: Shape<T>): RequiredShape<T> {
  return { check: shape.check, isRequired: true };
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

interface TextOptions<T extends string> extends Bounds {
  /** A regular expression for the whole text, written as AWS does, for it stands in the message. */
  readonly pattern?: string;
  readonly values?: readonly T[];
  /** AWS leaves the value out of the message for a few members. */
  readonly isValueHidden?: boolean;
}

function checkLength(
  length: number,
  { min, max }: Bounds,
  value: unknown,
  path: string,
  problems: Problem[],
): void {
  if (min !== undefined && length < min) {
    problems.push({
      path,
      value: shown(value),
      constraint: `Member must have length greater than or equal to ${min}`,
    });
  }
  if (max !== undefined && length > max) {
    problems.push({
      path,
      value: shown(value),
      constraint: `Member must have length less than or equal to ${max}`,
    });
  }
}

/** Length counts UTF-16 units. */
export function text<T extends string = string>(options: TextOptions<T> = {}): Shape<T> {
  const { pattern, values } = options;
  const whole = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`, 'u');
  return {
    check: (value, path, problems) => {
      if (typeof value !== 'string') throw wrongType(value, 'String', path);
      checkLength(value.length, options, value, path, problems);
      if (whole !== undefined && !whole.test(value)) {
        problems.push({
          path,
          value: options.isValueHidden ? undefined : shown(value),
          constraint: `Member must satisfy regular expression pattern: ${pattern}`,
        });
      }
      if (values !== undefined && !values.includes(value as T)) {
        problems.push({
          path,
          value: shown(value),
          constraint: `Member must satisfy enum value set: [${values.join(', ')}]`,
        });
      }
    },
  };
}

export function integer({ min, max }: Bounds = {}): Shape<number> {
  return {
    check: (value, path, problems) => {
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
        throw wrongType(value, 'Integer', path);
      }
      if (min !== undefined && value < min) {
        problems.push({
          path,
          value: shown(value),
          constraint: `Member must have value greater than or equal to ${min}`,
        });
      }
      if (max !== undefined && value > max) {
        problems.push({
          path,
          value: shown(value),
          constraint: `Member must have value less than or equal to ${max}`,
        });
      }
    },
  };
}

export function double(): Shape<number> {
  return {
    check: (value, path) => {
      // JSON.parse makes Infinity of 1e999.
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw wrongType(value, 'Double', path);
      }
    },
  };
}

export function flag(): Shape<boolean> {
  return {
    check: (value, path) => {
      if (typeof value !== 'boolean') throw wrongType(value, 'Boolean', path);
    },
  };
}

export function list<T>(item: Shape<T>, bounds: Bounds = {}): Shape<readonly T[]> {
  return {
    check: (value, path, problems) => {
      if (!Array.isArray(value)) throw wrongType(value, 'List', path);
      checkLength(value.length, bounds, value, path, problems);
      value.forEach((entry, i) => {
        checkMember(item, entry, `${path}.${i + 1}.member`, problems, true);
      });
    },
  };
}

export function map(
  key: Shape<string>,
  item: Shape<string>,
  bounds: Bounds = {},
): Shape<Readonly<Record<string, string>>> {
  return {
    check: (value, path, problems) => {
      if (!isObject(value)) throw wrongType(value, 'Map', path);
      const entries = Object.entries(value);
      checkLength(entries.length, bounds, value, path, problems);
      for (const [name, entry] of entries) {
        key.check(name, `${path}.key`, problems);
        checkMember(item, entry, `${path}.${name}.member`, problems, true);
      }
    },
  };
}

export function struct<M extends Members>(members: M): Shape<Infer<M>> {
  return {
    check: (value, path, problems) => {
      if (!isObject(value)) throw wrongType(value, 'Structure', path);
      for (const [name, shape] of Object.entries(members)) {
        const inner = path === '' ? name : `${path}.${name}`;
        checkMember(shape, value[name], inner, problems, 'isRequired' in shape);
      }
    },
  };
}

/** A JSON null counts as absent, for clients send it so. */
function checkMember(
  shape: AnyShape,
  value: unknown,
  path: string,
  problems: Problem[],
  needed: boolean,
): void {
  if (value !== undefined && value !== null) {
    shape.check(value, path, problems);
  } else if (needed) {
    problems.push({ path, value: 'null', constraint: 'Member must not be null' });
  }
}

/**
 * The input of an operation, checked; members that were null are gone.
 * @throws {AwsError} SerializationException, InvalidParameterException with every problem
 */
export function parseInput<M extends Members>(members: M, body: unknown): Infer<M> {
  if (!isObject(body)) throw wrongType(body, 'Structure', '');
  const problems: Problem[] = [];
  struct(members).check(body, '', problems);
  if (problems.length > 0) throw invalidParameter(problems);
  const input: Record<string, unknown> = {};
  for (const name of Object.keys(members)) {
    if (body[name] !== undefined && body[name] !== null) input[name] = body[name];
  }
  return input as Infer<M>;
}

/** `1 validation error detected: Value 'x' at 'y' failed to satisfy constraint: Member must …` */
export function invalidParameter(problems: readonly Problem[]): AwsError {
  const count = problems.length;
  // A list may hold thousands of bad entries; the first few say what is wrong.
  const parts = problems
    .slice(0, 10)
    .map(
      ({ path, value, constraint }) =>
        `Value ${value === undefined ? '' : `${value} `}at '${path}' failed to satisfy constraint: ${constraint}`,
    );
  return new AwsError(
    'InvalidParameterException',
    `${count} validation error${count === 1 ? '' : 's'} detected: ${parts.join('; ')}`,
  );
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function wrongType(value: unknown, wanted: string, path: string): AwsError {
  const found =
    typeof value === 'string'
      ? 'STRING_VALUE'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'NUMBER_VALUE'
          : 'DECIMAL_VALUE'
        : typeof value === 'boolean'
          ? `${String(value).toUpperCase()}_VALUE`
          : value === null
            ? 'NULL_VALUE'
            : Array.isArray(value)
              ? 'Start of list'
              : 'Start of structure';
  return new AwsError(
    'SerializationException',
    `${found} can not be converted to ${wanted}${path === '' ? '' : ` at '${path}'`}`,
  );
}
