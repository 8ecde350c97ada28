import type { Variable } from '#dashboards/model';
import { referencesIn } from './interpolate.ts';

/** The variables that decide what a variable has to offer. */
export function dependenciesOf(variable: Variable): ReadonlySet<string> {
  const { query, regex, datasource } = variable;
  const texts = [...textsIn(query), regex ?? '', ...textsIn(datasource ?? undefined)];
  const names = new Set<string>();
  for (const text of texts) for (const name of referencesIn(text)) names.add(name);
  return names;
}

/** Queries of dashboards are shallow; this ends whatever else may come. */
const maxNesting = 8;

function textsIn(value: unknown, nesting = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || nesting > maxNesting) return [];
  return Object.values(value).flatMap((item) => textsIn(item, nesting + 1));
}

/**
 * The names whose variables wait for each other in a circle, or for themselves. Those that only wait
 * for such a circle are not among them.
 */
export function cyclesIn(
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  // Tarjan's strongly connected components.
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const cyclic = new Set<string>();
  const visit = (name: string): void => {
    const at = order.size;
    order.set(name, at);
    low.set(name, at);
    stack.push(name);
    onStack.add(name);
    const lower = (value: number): void => {
      if (value < (low.get(name) as number)) low.set(name, value);
    };
    for (const next of dependencies.get(name) ?? []) {
      if (!dependencies.has(next)) continue;
      if (!order.has(next)) {
        visit(next);
        lower(low.get(next) as number);
      } else if (onStack.has(next)) {
        lower(order.get(next) as number);
      }
    }
    if (low.get(name) !== at) return;
    const component = stack.splice(stack.indexOf(name));
    for (const member of component) onStack.delete(member);
    if (component.length > 1 || dependencies.get(name)?.has(name) === true) {
      for (const member of component) cyclic.add(member);
    }
  };
  for (const name of dependencies.keys()) if (!order.has(name)) visit(name);
  return cyclic;
}
