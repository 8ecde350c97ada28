/** What of a dashboard is not fully supported: each panel, query, option and variable against what we know. */
import type { Dashboard } from './contract.ts';
import {
  equalJson,
  isObject,
  type JsonObject,
  objectOf,
  objectsOf,
  stringOf,
  valueAt,
} from './json.ts';
import {
  colorModes,
  type OptionSpec,
  type PanelKind,
  panelKind,
  standardFieldSpecs,
} from './panel-kinds/index.ts';
import { Report, type ReportItem } from './report-items.ts';
import { transformationKind } from './transformations.ts';
import { panelsOf, variablesOf } from './walk.ts';

export interface ImportReportOptions {
  /** Types of data sources that can be asked; all when absent. */
  readonly dataSourceTypes?: readonly string[];
}

/** Types of variables that have values here. */
const variableTypes = new Set([
  'query',
  'datasource',
  'custom',
  'interval',
  'constant',
  'textbox',
  'adhoc',
  'switch',
  'groupby',
]);

const matcherIds = new Set([
  'byName',
  'byNames',
  'byRegexp',
  'byRegexpOrNames',
  'byFrameRefID',
  'byType',
  'byTypes',
  'byValue',
  'numeric',
  'time',
  'first',
  'firstTimeField',
  'anyMatch',
  'allMatch',
  'invertMatch',
  'alwaysMatch',
  'neverMatch',
]);

/** Keys of field config beside the standard options; they change nothing that is drawn. */
const otherFieldKeys = new Set([
  'custom',
  'unitScale',
  'fieldMinMax',
  'nullValueMode',
  'path',
  'writeable',
  'displayNameFromDS',
  'type',
  'interval',
]);

const standardKeys = new Set<string>(standardFieldSpecs.map((spec) => spec.id));

/** Marks for data sources that are no servers. */
const places = new Set(['datasource', 'grafana', '__expr__']);

const modes = new Set(colorModes.map((mode) => mode.value));

/** Items for whatever is shown otherwise, or not at all, than its author meant; empty when all is supported. */
export function importReport(
  dashboard: Dashboard,
  options: ImportReportOptions = {},
): readonly ReportItem[] {
  const report = new Report();
  const document = dashboard as unknown as JsonObject;
  for (const { panel, path } of panelsOf(document)) {
    new PanelCheck(report, panel, path, options).run();
  }
  for (const [index, variable] of variablesOf(document).entries()) {
    const type = String(variable['type']);
    if (variableTypes.has(type)) continue;
    const params = { type, name: String(variable['name']) };
    report.add('warning', 'variable-type', `templating.list[${index}]`, params);
  }
  return report.items;
}

class PanelCheck {
  readonly #report: Report;
  readonly #panel: JsonObject;
  readonly #path: string;
  readonly #options: ImportReportOptions;
  readonly #type: string;

  constructor(report: Report, panel: JsonObject, path: string, options: ImportReportOptions) {
    this.#report = report;
    this.#panel = panel;
    this.#path = path;
    this.#options = options;
    this.#type = String(panel['type']);
  }

  run(): void {
    // What a reference looks like is said where its panel is kept.
    if (isObject(this.#panel['libraryPanel']) && this.#type === 'library-panel-ref') return;
    const kind = panelKind(this.#type);
    if (kind === undefined) this.#add('warning', 'panel-type-unknown', '', { type: this.#type });
    else if (!kind.isDrawn) this.#add('warning', 'panel-type-not-drawn', '', { type: this.#type });
    else this.#checkOptions(kind);
    this.#checkQueries();
    this.#checkTransformations();
    if (isObject(this.#panel['alert'])) this.#add('warning', 'panel-alert', 'alert');
  }

  #add(
    severity: ReportItem['severity'],
    code: ReportItem['code'],
    inside: string,
    params: Readonly<Record<string, string | number>> = {},
  ): void {
    const path = inside === '' ? this.#path : `${this.#path}.${inside}`;
    const panel = { id: Number(this.#panel['id']), title: String(this.#panel['title'] ?? '') };
    this.#report.add(severity, code, path, params, panel);
  }

  #checkOptions(kind: PanelKind): void {
    this.#checkValues(kind.options, objectOf(this.#panel['options']), 'options');
    const config = objectOf(this.#panel['fieldConfig']);
    const defaults = objectOf(config['defaults']);
    this.#checkFieldKeys(defaults);
    this.#checkValues(kind.custom, objectOf(defaults['custom']), 'fieldConfig.defaults.custom');
    this.#checkColor(defaults['color'], 'fieldConfig.defaults.color');
    for (const [index, override] of objectsOf(config['overrides']).entries()) {
      const place = `fieldConfig.overrides[${index}]`;
      const id = String(objectOf(override['matcher'])['id']);
      if (!matcherIds.has(id)) this.#add('warning', 'matcher-unknown', `${place}.matcher`, { id });
      for (const [at, property] of objectsOf(override['properties']).entries()) {
        this.#checkProperty(kind, property, `${place}.properties[${at}]`);
      }
    }
  }

  #checkProperty(kind: PanelKind, property: JsonObject, place: string): void {
    const id = String(property['id']);
    if (id === 'color') this.#checkColor(property['value'], `${place}.value`);
    if (standardKeys.has(id) || otherFieldKeys.has(id)) return;
    const path = id.startsWith('custom.') ? id.slice('custom.'.length) : undefined;
    if (path === undefined) {
      this.#add('note', 'field-unknown', place, { name: id });
      return;
    }
    const nested: JsonObject = {};
    let inner = nested;
    const keys = path.split('.');
    for (const key of keys.slice(0, -1)) inner = inner[key] = {} as JsonObject;
    inner[keys.at(-1)!] = property['value'];
    this.#checkValues(kind.custom, nested, place);
  }

  #checkFieldKeys(defaults: JsonObject): void {
    for (const key of Object.keys(defaults)) {
      if (standardKeys.has(key) || otherFieldKeys.has(key)) continue;
      this.#add('note', 'field-unknown', `fieldConfig.defaults.${key}`, { name: key });
    }
  }

  #checkColor(color: unknown, place: string): void {
    const mode = isObject(color) ? color['mode'] : undefined;
    if (typeof mode !== 'string' || modes.has(mode)) return;
    this.#add('warning', 'color-mode-unknown', place, { mode });
  }

  /** Every value of an object against the options that may be in it. */
  #checkValues(specs: readonly OptionSpec[], values: JsonObject, place: string): void {
    for (const spec of specs) {
      const value = valueAt(values, spec.path);
      if (value !== undefined && value !== null)
        this.#checkValue(spec, value, `${place}.${spec.path}`);
    }
    for (const path of leavesOf(values)) {
      const isKnown = specs.some(
        (spec) =>
          path === spec.path ||
          path.startsWith(`${spec.path}.`) ||
          spec.path.startsWith(`${path}.`),
      );
      if (isKnown) continue;
      this.#add('note', 'option-unknown', `${place}.${path}`, { name: path, type: this.#type });
    }
  }

  #checkValue(spec: OptionSpec, value: unknown, place: string): void {
    if (spec.notDrawn !== undefined && !equalJson(value, spec.default)) {
      this.#add('warning', 'option-not-drawn', place, {
        name: spec.path,
        type: this.#type,
        'instead.en': spec.notDrawn.en,
        'instead.ko': spec.notDrawn.ko,
      });
    }
    const values = spec.kind === 'choices' && Array.isArray(value) ? value : [value];
    const allowed = spec.choices?.map((choice) => choice.value);
    const wrong = values.find((entry) => allowed !== undefined && !allowed.includes(entry));
    // A variable stands for a value that is not known yet.
    if (wrong === undefined || stringOf(wrong)?.includes('$') || wrong === '') return;
    this.#add('note', 'option-value', place, {
      name: spec.path,
      type: this.#type,
      value: JSON.stringify(wrong),
      allowed: allowed!.join(', '),
    });
  }

  #checkQueries(): void {
    const types = this.#options.dataSourceTypes;
    if (types === undefined) return;
    const refs = [
      { ref: this.#panel['datasource'], place: 'datasource' },
      ...objectsOf(this.#panel['targets']).map((target, index) => ({
        ref: target['datasource'],
        place: `targets[${index}].datasource`,
      })),
    ];
    for (const { ref, place } of refs) {
      const type = isObject(ref) ? stringOf(ref['type']) : undefined;
      if (type === undefined || places.has(type) || types.includes(type)) continue;
      this.#add('problem', 'data-source-type', place, { type });
    }
  }

  #checkTransformations(): void {
    for (const [index, step] of objectsOf(this.#panel['transformations']).entries()) {
      const id = String(step['id']);
      if (step['disabled'] === true || transformationKind(id)?.isSupported === true) continue;
      this.#add('warning', 'transformation-unknown', `transformations[${index}]`, { id });
    }
  }
}

/** Paths of all values that are no objects; an empty object holds nothing. */
function leavesOf(value: JsonObject, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, entry]) =>
    isObject(entry) ? leavesOf(entry, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}
