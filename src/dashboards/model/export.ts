/** A dashboard as a file for others: without what only this server knows. */
import type { Dashboard } from './contract.ts';
import { defaultDataSource, type KnownDataSource } from './data-source-refs.ts';
import { copyJson, isObject, type JsonObject, objectsOf, stringOf } from './json.ts';
import type { LibraryElement } from './library-panels.ts';
import { jsonLimits } from './limits.ts';
import { panelKind } from './panel-kinds/index.ts';
import { panelsOf, variablesOf } from './walk.ts';

export interface ExportOptions {
  /** Sources whose uids are replaced by inputs; others are no server's own and stay. */
  readonly dataSources: readonly KnownDataSource[];
  /** Library panels that the dashboard refers to; they travel inside the file. */
  readonly libraryElements?: readonly LibraryElement[];
}

/** The version that files name as their least; readers do not check it. */
const grafanaVersion = '12.0.0';

const inputNameOf = (name: string): string =>
  `DS_${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`;

/** The inputs of one file: each data source that occurs gets one, under a name of its own. */
class Inputs {
  readonly declared = new Map<string, JsonObject>();
  readonly #known: readonly KnownDataSource[];
  readonly #nameByUid = new Map<string, string>();

  constructor(known: readonly KnownDataSource[]) {
    this.#known = known;
  }

  /** The reference with an input for its uid; unchanged when its uid is no server's. */
  refer(ref: unknown): unknown {
    const uid = isObject(ref) ? stringOf(ref['uid']) : undefined;
    const type = isObject(ref) ? stringOf(ref['type']) : undefined;
    const source =
      uid === undefined
        ? defaultDataSource(this.#known, type)
        : this.#known.find((candidate) => candidate.uid === uid || candidate.name === uid);
    if (source === undefined) return ref;
    return { ...(isObject(ref) ? ref : {}), type: source.type, uid: `\${${this.#nameOf(source)}}` };
  }

  constant(variable: string, value: string): string {
    const name = `VAR_${variable.toUpperCase().replaceAll(/\W+/g, '_')}`;
    this.declared.set(name, { name, type: 'constant', label: variable, value, description: '' });
    return `\${${name}}`;
  }

  #nameOf(source: KnownDataSource): string {
    const used = this.#nameByUid.get(source.uid);
    if (used !== undefined) return used;
    const base = inputNameOf(source.name);
    let name = base;
    for (let count = 2; this.declared.has(name); count++) name = `${base}_${count}`;
    this.#nameByUid.set(source.uid, name);
    this.declared.set(name, {
      name,
      label: source.name,
      description: '',
      type: 'datasource',
      pluginId: source.type,
      pluginName: source.type.charAt(0).toUpperCase() + source.type.slice(1),
    });
    return name;
  }
}

/**
 * The document "for sharing externally": data sources and constants as inputs, values of the day left
 * out, library panels inside. Import and export again give the same file.
 */
export function exportDashboard(dashboard: Dashboard, options: ExportOptions): JsonObject {
  const made = copyJson(dashboard, jsonLimits) as JsonObject;
  const inputs = new Inputs(options.dataSources);
  const elements = usedElements(made, options.libraryElements ?? []);
  for (const document of [made, { panels: elements.map((element) => element['model']) }]) {
    for (const { panel } of panelsOf(document)) referInPanel(panel, inputs);
  }
  for (const variable of variablesOf(made)) exportVariable(variable, inputs);
  const annotations = isObject(made['annotations']) ? made['annotations']['list'] : [];
  for (const annotation of objectsOf(annotations)) {
    if (annotation['datasource'] !== undefined) {
      annotation['datasource'] = inputs.refer(annotation['datasource']);
    }
  }
  const { id: _, ...rest } = made;
  return {
    __inputs: [...inputs.declared.values()],
    __elements: Object.fromEntries(elements.map((element) => [element['uid'], element])),
    __requires: requirementsOf(made, inputs, elements),
    id: null,
    ...rest,
  };
}

function referInPanel(panel: JsonObject, inputs: Inputs): void {
  const targets = objectsOf(panel['targets']);
  if (panel['datasource'] !== undefined && (panel['datasource'] !== null || targets.length > 0)) {
    panel['datasource'] = inputs.refer(panel['datasource']);
  }
  for (const target of targets) {
    if (target['datasource'] !== undefined)
      target['datasource'] = inputs.refer(target['datasource']);
  }
}

/** Values of the day are this server's; a constant becomes a question. */
function exportVariable(variable: JsonObject, inputs: Inputs): void {
  if (variable['datasource'] !== undefined) {
    variable['datasource'] = inputs.refer(variable['datasource']);
  }
  if (variable['type'] === 'query') {
    variable['current'] = {};
    variable['options'] = [];
  }
  if (variable['type'] === 'datasource') {
    variable['current'] = {};
    if (variable['options'] !== undefined) variable['options'] = [];
  }
  if (variable['type'] === 'constant') {
    const value = inputs.constant(String(variable['name']), stringOf(variable['query']) ?? '');
    variable['query'] = value;
    variable['current'] = { value, text: value, selected: false };
    variable['options'] = [{ value, text: value, selected: false }];
  }
}

function usedElements(made: JsonObject, known: readonly LibraryElement[]): JsonObject[] {
  const used = new Set<string>();
  for (const { panel } of panelsOf(made)) {
    const reference = panel['libraryPanel'];
    const uid = isObject(reference) ? stringOf(reference['uid']) : undefined;
    if (uid !== undefined) used.add(uid);
  }
  return known
    .filter((element) => used.has(element.uid))
    .map(({ uid, name, model }) => ({ name, uid, kind: 1, model: copyJson(model, jsonLimits) }));
}

function requirementsOf(
  made: JsonObject,
  inputs: Inputs,
  elements: readonly JsonObject[],
): JsonObject[] {
  const panels = [
    ...panelsOf(made),
    ...panelsOf({ panels: elements.map((element) => element['model']) }),
  ];
  const types = new Set(panels.map(({ panel }) => String(panel['type'])));
  const sources = new Set(
    [...inputs.declared.values()].map((input) => stringOf(input['pluginId'])),
  );
  return [
    { type: 'grafana', id: 'grafana', name: 'Grafana', version: grafanaVersion },
    ...[...sources]
      .filter((type) => type !== undefined)
      .sort()
      .map((type) => ({ type: 'datasource', id: type, name: type, version: '1.0.0' })),
    ...[...types]
      .filter((type) => type !== 'row')
      .sort()
      .map((type) => ({
        type: 'panel',
        id: type,
        name: panelKind(type)?.name.en ?? type,
        version: '',
      })),
  ];
}
