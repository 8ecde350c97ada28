import { isAppError } from '#base';
import type { Field } from '#metrics/config';
import { type Matchers, parseMatchers } from '../matchers.ts';

/** A value with the place it is written at, for problems that show only when all is read. */
export interface Placed<T> {
  readonly value: T;
  problem(message: string): void;
}

export const placed = <T>(field: Field<T>): Field<Placed<T>> => ({
  absent: () => ({ value: field.absent(), problem: () => {} }),
  read: (node, reader, at) => ({
    value: field.read(node, reader, at),
    problem: (message) => reader.problem(node, at, { message }),
  }),
});

/** For sections that contain themselves. */
export const lazy = <T>(field: () => Field<T>): Field<T> => ({
  absent: () => field().absent(),
  read: (node, reader, at) => field().read(node, reader, at),
});

/** A text that means something else; `parse` throws a TypeError or AppError with what is wrong. */
export const parsed = <T>(allowed: string, fallback: T, parse: (text: string) => T): Field<T> => ({
  absent: () => fallback,
  read: (node, reader, at) => {
    const value = reader.text(node, at, allowed);
    if (value === undefined) return fallback;
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof TypeError) && !isAppError(error)) throw error;
      reader.problem(node, at, { message: error.message, value, allowed });
      return fallback;
    }
  },
});

/** `a="b", c=~"d"`: one or several conditions. */
export const matcherText: Field<Matchers> = parsed(
  'matchers such as team="x", severity=~"a|b"',
  [],
  parseMatchers,
);
