import { isObject, type JsonObject, objectsOf } from './json.ts';
import type { Report } from './report-items.ts';
import { panelsOf } from './walk.ts';

/** A copy that an old program made for one value of a repeated panel or row, and stored. */
const isClone = (panel: JsonObject): boolean =>
  (panel['repeatPanelId'] !== undefined && panel['repeatPanelId'] !== null) ||
  panel['repeatByRow'] === true ||
  (Boolean(panel['repeatIteration']) && !panel['repeat']);

/** Drops stored copies: they are made anew for the values of the day. In place. */
export function dropClones(dashboard: JsonObject, report: Report): void {
  let count = 0;
  const originals = (list: unknown): JsonObject[] =>
    objectsOf(list).filter((panel) => {
      if (isClone(panel)) count++;
      return !isClone(panel);
    });
  if (Array.isArray(dashboard['panels'])) dashboard['panels'] = originals(dashboard['panels']);
  for (const { panel } of panelsOf(dashboard)) {
    if (Array.isArray(panel['panels'])) panel['panels'] = originals(panel['panels']);
    delete panel['repeatIteration'];
    if (isObject(panel['scopedVars'])) delete panel['scopedVars'];
  }
  if (count > 0) report.add('note', 'clones-dropped', 'panels', { count });
}
