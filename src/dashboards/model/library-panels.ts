/** Panels that several dashboards share: the ones a file brings along, and references to them. */
import type { Panel } from './contract.ts';
import { answerInputs, type InputValue } from './inputs.ts';
import { isObject, type JsonObject, objectsOf, stringOf } from './json.ts';

export interface LibraryElement {
  readonly uid: string;
  readonly name: string;
  /** The panel without its place. */
  readonly model: JsonObject;
}

/** Elements that are panels; the other kind is variables, which nobody writes. */
const panelKindNumber = 1;

/** What `__elements` of a document holds: a map by uid, a list in older files. */
function libraryElementsIn(document: JsonObject): LibraryElement[] {
  const elements = document['__elements'];
  const entries: [string | undefined, JsonObject][] = Array.isArray(elements)
    ? objectsOf(elements).map((element) => [undefined, element])
    : isObject(elements)
      ? Object.entries(elements).filter((entry): entry is [string, JsonObject] =>
          isObject(entry[1]),
        )
      : [];
  return entries.flatMap(([key, element]) => {
    const uid = stringOf(element['uid']) ?? key;
    const isPanel = (element['kind'] ?? panelKindNumber) === panelKindNumber;
    if (!uid || !isPanel || !isObject(element['model'])) return [];
    return [{ uid, name: stringOf(element['name']) ?? uid, model: element['model'] }];
  });
}

/**
 * The library panels that an exported document brings along, wrapped or not, with its inputs answered.
 * Their models are as old as the file: `readPanel` brings them to the present form.
 *
 * @throws {DashboardError} when there is no dashboard in it, or an input has no answer
 */
export const libraryElementsOf = (
  input: unknown,
  answers: readonly InputValue[],
): readonly LibraryElement[] => libraryElementsIn(answerInputs(input, answers));

/** A reference with its panel put in: the place, the id and the repetition stay the dashboard's own. */
export function withLibraryModel(reference: Panel, element: LibraryElement): Panel {
  const own = ['id', 'gridPos', 'repeat', 'repeatDirection', 'maxPerRow'] as const;
  const kept = Object.fromEntries(
    own.filter((key) => reference[key] !== undefined).map((key) => [key, reference[key]]),
  );
  return {
    ...element.model,
    ...kept,
    ...(reference.title ? { title: reference.title } : {}),
    libraryPanel: { uid: element.uid, name: element.name },
  } as unknown as Panel;
}
