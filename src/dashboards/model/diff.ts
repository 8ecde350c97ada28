/** What changed between two versions of a document. */
import { equalJson, isObject, type JsonObject } from './json.ts';

export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  /** `panels[id=4].title`, `templating.list[name=node].query`, `tags[2]` */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** More changes than this is another dashboard. */
const maxChanges = 2_000;

/** What tells entries of a list from each other, so that one moved entry is not a list of changes. */
const identities = ['id', 'name', 'refId'] as const;

/** Different on every save, and said elsewhere. */
const ignored = new Set(['version', 'id', 'iteration']);

function identityOf(list: readonly unknown[]): (typeof identities)[number] | undefined {
  if (list.length === 0 || !list.every(isObject)) return undefined;
  return identities.find((key) => {
    const values = list.map((entry) => entry[key]);
    const areNames = values.every(
      (value) => typeof value === 'string' || typeof value === 'number',
    );
    return areNames && new Set(values).size === values.length;
  });
}

/** Changes in the order of the document; at most 2,000. */
export function diffDashboards(from: unknown, to: unknown): readonly Change[] {
  const changes: Change[] = [];
  const add = (change: Change): void => {
    if (changes.length < maxChanges) changes.push(change);
  };

  const compareObjects = (a: JsonObject, b: JsonObject, path: string): void => {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (path === '' && ignored.has(key)) continue;
      const place = path === '' ? key : `${path}.${key}`;
      if (!Object.hasOwn(b, key)) add({ kind: 'removed', path: place, from: a[key] });
      else if (!Object.hasOwn(a, key)) add({ kind: 'added', path: place, to: b[key] });
      else compare(a[key], b[key], place);
    }
  };

  const compareNamed = (
    a: readonly JsonObject[],
    b: readonly JsonObject[],
    key: string,
    path: string,
  ): void => {
    const old = new Map(a.map((entry) => [entry[key], entry]));
    const present = new Map(b.map((entry) => [entry[key], entry]));
    for (const [name, entry] of old) {
      if (!present.has(name))
        add({ kind: 'removed', path: `${path}[${key}=${name}]`, from: entry });
    }
    for (const [name, entry] of present) {
      const before = old.get(name);
      const place = `${path}[${key}=${name}]`;
      if (before === undefined) add({ kind: 'added', path: place, to: entry });
      else compareObjects(before, entry, place);
    }
    const order = (list: readonly JsonObject[], others: Map<unknown, JsonObject>): unknown[] =>
      list.map((entry) => entry[key]).filter((name) => others.has(name));
    const [before, after] = [order(a, present), order(b, old)];
    if (!equalJson(before, after)) add({ kind: 'changed', path, from: before, to: after });
  };

  const compareLists = (a: readonly unknown[], b: readonly unknown[], path: string): void => {
    const key = identityOf([...a]) ?? identityOf([...b]);
    const areNamed =
      key !== undefined && [a, b].every((l) => l.length === 0 || identityOf(l) === key);
    if (areNamed) {
      compareNamed(a as readonly JsonObject[], b as readonly JsonObject[], key, path);
      return;
    }
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      const place = `${path}[${index}]`;
      if (index >= b.length) add({ kind: 'removed', path: place, from: a[index] });
      else if (index >= a.length) add({ kind: 'added', path: place, to: b[index] });
      else compare(a[index], b[index], place);
    }
  };

  const compare = (a: unknown, b: unknown, path: string): void => {
    if (isObject(a) && isObject(b)) compareObjects(a, b, path);
    else if (Array.isArray(a) && Array.isArray(b)) compareLists(a, b, path);
    else if (!equalJson(a, b)) add({ kind: 'changed', path, from: a, to: b });
  };

  compare(from, to, '');
  return changes;
}
