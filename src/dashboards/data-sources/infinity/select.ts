import { dataError } from '../errors.ts';

/** A step of a path; `*` stands for every element. */
type Step = string | number | '*';

const maxSteps = 50;

/**
 * Reads a path: `items`, `data.rows[0]`, `$.a["b.c"]`, `a[*].b`. Empty and `$` mean the value itself.
 * @throws {AppError} DATA_QUERY_INVALID
 */
export function parsePath(path: string): readonly Step[] {
  const steps: Step[] = [];
  const pattern =
    /\.?(?:\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]|([^.[\]]+))/gy;
  const text = path.replace(/^\$\.?/, '');
  let end = 0;
  while (end < text.length) {
    pattern.lastIndex = end;
    const match = pattern.exec(text);
    if (match === null || steps.length >= maxSteps) {
      throw dataError(
        'DATA_QUERY_INVALID',
        `"${path}" is no path (allowed: a.b, a[0], a["b.c"], a[*])`,
      );
    }
    const [all, index, double, single, name] = match;
    const quoted = double ?? single;
    if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(quoted.replace(/\\(.)/g, '$1'));
    else steps.push(name ?? '*');
    end += all.length;
  }
  return steps;
}

/** What no path has: where nothing is found at it, it is an expression of JSONata. */
export const looksLikeJsonata = (selector: string): boolean =>
  /[(){}&~<>=!?|^%+,;`]|\[[^\]"'\d*]| (?:and|or|in) /.test(selector);

/** What is at a path; undefined: nothing. `*` gives a list. */
export function select(value: unknown, path: readonly Step[]): unknown {
  let current = value;
  for (const [at, step] of path.entries()) {
    if (current === null || typeof current !== 'object') return undefined;
    if (step === '*') {
      const rest = path.slice(at + 1);
      const found = Object.values(current).map((one) => select(one, rest));
      return found.filter((one) => one !== undefined);
    }
    // Only what the document has, nothing that objects have of themselves.
    if (!Object.hasOwn(current, step)) return undefined;
    if (Array.isArray(current) && !/^\d+$/.test(String(step))) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}
