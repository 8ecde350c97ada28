import { isObject, type JsonObject } from './json.ts';
import type { Report } from './report-items.ts';
import { panelsOf } from './walk.ts';

/** A, B, … Z, AA, AB, … */
export function refIdAt(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : refIdAt(Math.floor(index / 26) - 1) + letter;
}

/** The first of A, B, … that is not in use. */
export function freeRefId(used: ReadonlySet<string>): string {
  let index = 0;
  while (used.has(refIdAt(index))) index++;
  return refIdAt(index);
}

/**
 * Gives every query an id of its own. Comes before all else: options name their results, `Value #A`,
 * though half of all real queries have no `refId`.
 */
export function assignRefIds(dashboard: JsonObject, report: Report): void {
  for (const { panel, path } of panelsOf(dashboard)) {
    const targets = panel['targets'];
    if (!Array.isArray(targets)) {
      if (targets !== undefined) delete panel['targets'];
      continue;
    }
    const kept = targets.filter(isObject);
    panel['targets'] = kept;
    const given = (target: JsonObject): string | undefined =>
      typeof target['refId'] === 'string' && target['refId'] !== '' ? target['refId'] : undefined;
    const used = new Set(kept.map(given).filter((id) => id !== undefined));
    const seen = new Set<string>();
    for (const [index, target] of kept.entries()) {
      const own = given(target);
      const refId = own === undefined || seen.has(own) ? freeRefId(used) : own;
      if (own !== undefined && refId !== own) {
        const place = `${path}.targets[${index}]`;
        report.add('warning', 'duplicate-ref-id', place, { refId: own, to: refId });
      }
      target['refId'] = refId;
      used.add(refId);
      seen.add(refId);
    }
  }
}
