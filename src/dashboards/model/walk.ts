/** Going over what a document holds, wherever it stands. */
import { isObject, type JsonObject, objectsOf } from './json.ts';

export interface PlacedPanel {
  readonly panel: JsonObject;
  /** In the document: `panels[3]`, `panels[3].panels[0]`. */
  readonly path: string;
}

/** Every panel and row, those in collapsed rows after their row. */
export function* panelsOf(dashboard: JsonObject): Generator<PlacedPanel> {
  yield* panelsIn(dashboard['panels'], 'panels');
}

function* panelsIn(list: unknown, path: string): Generator<PlacedPanel> {
  if (!Array.isArray(list)) return;
  for (const [index, panel] of list.entries()) {
    if (!isObject(panel)) continue;
    const place = `${path}[${index}]`;
    yield { panel, path: place };
    yield* panelsIn(panel['panels'], `${place}.panels`);
  }
}

export const variablesOf = (dashboard: JsonObject): JsonObject[] =>
  isObject(dashboard['templating']) ? objectsOf(dashboard['templating']['list']) : [];

/** Changes every string of a JSON value, however deep; keys stay. */
export function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((entry) => mapStrings(entry, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, mapStrings(entry, change)]),
  );
}
