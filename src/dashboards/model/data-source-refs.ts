/** The forms in which documents name data sources, brought to `{type, uid}` or null for the default one. */
import { isObject, type JsonObject, objectsOf, stringOf } from './json.ts';
import { panelsOf, variablesOf } from './walk.ts';

/** A data source that a reader may know: names in old documents become its uid. */
export interface KnownDataSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault?: boolean;
}

/** The default one of a type, else the first of that type; of any type where none is named. */
export function defaultDataSource(
  known: readonly KnownDataSource[],
  type?: string,
): KnownDataSource | undefined {
  const candidates = type ? known.filter((source) => source.type === type) : known;
  return candidates.find((source) => source.isDefault === true) ?? candidates[0];
}

/** How exports name the data sources that an import asks for. */
const inputName = /^\$\{(DS_\w+)\}$/;

/** Data sources that are no servers but places in the program. */
const builtIn: Readonly<Record<string, { readonly type: string; readonly uid: string }>> = {
  '-- Mixed --': { type: 'datasource', uid: '-- Mixed --' },
  '-- Dashboard --': { type: 'datasource', uid: '-- Dashboard --' },
  '-- Grafana --': { type: 'grafana', uid: '-- Grafana --' },
  grafana: { type: 'grafana', uid: '-- Grafana --' },
};

const variableName = /^\$(?:(\w+)|\{(\w+)(?::\w+)?\})$|^\[\[(\w+)(?::\w+)?\]\]$/;

export class DataSourceRefs {
  readonly #known: readonly KnownDataSource[];
  readonly #byNameOrUid: ReadonlyMap<string, KnownDataSource>;
  readonly #typeOfVariable: ReadonlyMap<string, string>;

  constructor(dashboard: JsonObject, known: readonly KnownDataSource[]) {
    this.#known = known;
    // A uid is exact and a name may be anything: the uid wins where they meet.
    this.#byNameOrUid = new Map([
      ...known.map((source) => [source.name, source] as const),
      ...known.map((source) => [source.uid, source] as const),
    ]);
    const types = new Map<string, string>();
    for (const input of objectsOf(dashboard['__inputs'])) {
      const [name, type] = [stringOf(input['name']), stringOf(input['pluginId'])];
      if (name !== undefined && type) types.set(name, type);
    }
    for (const variable of variablesOf(dashboard)) {
      const [name, type] = [stringOf(variable['name']), stringOf(variable['query'])];
      if (variable['type'] === 'datasource' && name !== undefined && type) types.set(name, type);
    }
    this.#typeOfVariable = types;
  }

  /** The reference in its one form; undefined where nothing is said. */
  read(ref: unknown): JsonObject | null | undefined {
    if (ref === undefined) return undefined;
    if (typeof ref === 'string') return this.#fromText(ref);
    if (!isObject(ref)) return null;
    const uid = stringOf(ref['uid']);
    if (uid === undefined || uid === '' || uid === 'default') {
      // Some files name a data source where a uid belongs, others only its type.
      const name = stringOf(ref['name']);
      if (name !== undefined) return this.#fromText(name);
      if (stringOf(ref['type']) === undefined) return null;
      const { uid: _, ...rest } = ref;
      return rest;
    }
    const place = Object.hasOwn(builtIn, uid) ? builtIn[uid] : undefined;
    if (place !== undefined) return { ...ref, type: place.type, uid: place.uid };
    const fallback = this.#forInput(uid, stringOf(ref['type']));
    if (fallback !== undefined) return { ...ref, type: fallback.type, uid: fallback.uid };
    if (stringOf(ref['type'])) return ref;
    const { type: _, ...rest } = ref;
    const type = this.#typeOf(uid);
    return type === undefined ? rest : { type, ...rest };
  }

  #fromText(name: string): JsonObject | null {
    if (name === '' || name === 'default') return null;
    if (Object.hasOwn(builtIn, name)) return { ...builtIn[name] };
    const fallback = this.#forInput(name, undefined);
    if (fallback !== undefined) return { type: fallback.type, uid: fallback.uid };
    const uid = this.#byNameOrUid.get(name)?.uid ?? name;
    const type = this.#typeOf(name);
    return type === undefined ? { uid } : { type, uid };
  }

  /** An input that was never answered, in a file that declares none: the default one of its type. */
  #forInput(uid: string, type: string | undefined): KnownDataSource | undefined {
    const name = inputName.exec(uid)?.[1];
    if (name === undefined || this.#typeOfVariable.has(name)) return undefined;
    return defaultDataSource(this.#known, type);
  }

  #typeOf(uid: string): string | undefined {
    const match = variableName.exec(uid);
    if (match === null) return this.#byNameOrUid.get(uid)?.type;
    return this.#typeOfVariable.get((match[1] ?? match[2] ?? match[3])!);
  }
}

/** Brings every reference of a document to its one form, in place. */
export function normaliseDataSources(
  dashboard: JsonObject,
  known: readonly KnownDataSource[],
): void {
  const refs = new DataSourceRefs(dashboard, known);
  const put = (owner: JsonObject): void => {
    const ref = refs.read(owner['datasource']);
    if (ref !== undefined) owner['datasource'] = ref;
  };
  for (const { panel } of panelsOf(dashboard)) {
    put(panel);
    for (const target of objectsOf(panel['targets'])) put(target);
  }
  for (const variable of variablesOf(dashboard)) put(variable);
  const annotations = isObject(dashboard['annotations']) ? dashboard['annotations']['list'] : [];
  for (const annotation of objectsOf(annotations)) {
    put(annotation);
    if (isObject(annotation['target'])) put(annotation['target']);
  }
}
