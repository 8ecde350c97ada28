/** Variables and annotations of v2 documents in their classic form: words become numbers. */
import { isObject, type JsonObject, objectOf, setDefined, stringOf } from '../json.ts';
import { dataSourceOf } from './elements.ts';

const types: Readonly<Record<string, string>> = {
  QueryVariable: 'query',
  TextVariable: 'textbox',
  ConstantVariable: 'constant',
  DatasourceVariable: 'datasource',
  IntervalVariable: 'interval',
  CustomVariable: 'custom',
  GroupByVariable: 'groupby',
  AdhocVariable: 'adhoc',
  SwitchVariable: 'switch',
};

const hides = ['dontHide', 'hideLabel', 'hideVariable', 'inControlsMenu'];
const refreshes = ['never', 'onDashboardLoad', 'onTimeRangeChanged'];
const sorts = [
  'disabled',
  'alphabeticalAsc',
  'alphabeticalDesc',
  'numericalAsc',
  'numericalDesc',
  'alphabeticalCaseInsensitiveAsc',
  'alphabeticalCaseInsensitiveDesc',
  'naturalAsc',
  'naturalDesc',
];

const numberOfWord = (words: readonly string[], word: unknown): unknown => {
  const index = typeof word === 'string' ? words.indexOf(word) : -1;
  return index < 0 ? word : index;
};

/** A query that was a text once lies in a key of its own. */
const classicQuery = (spec: JsonObject): unknown => stringOf(spec['__legacyStringValue']) ?? spec;

export function variableOf(variable: JsonObject): JsonObject {
  const { pluginId, ...spec } = objectOf(variable['spec']);
  const kind = stringOf(variable['kind']) ?? '';
  const made: JsonObject = {
    ...spec,
    type: Object.hasOwn(types, kind) ? types[kind] : kind,
    hide: numberOfWord(hides, spec['hide'] ?? 'dontHide'),
  };
  for (const [key, words] of [
    ['refresh', refreshes],
    ['sort', sorts],
  ] as const) {
    if (spec[key] !== undefined) made[key] = numberOfWord(words, spec[key]);
  }
  if (kind === 'DatasourceVariable') made['query'] = stringOf(pluginId) ?? '';
  if (isObject(spec['query'])) {
    const query = spec['query'];
    made['query'] = classicQuery(objectOf(query['spec']));
    setDefined(made, 'datasource', dataSourceOf(query, spec['datasource']));
  } else if (variable['group'] !== undefined) {
    // Filters have no query: what they filter stands beside their settings.
    setDefined(made, 'datasource', dataSourceOf(variable, spec['datasource']));
  }
  return made;
}

export function annotationOf(annotation: JsonObject): JsonObject {
  const { query, datasource, legacyOptions, builtIn, ...spec } = objectOf(annotation['spec']);
  const made: JsonObject = { ...objectOf(legacyOptions), ...spec };
  if (builtIn === true || builtIn === 1) made['builtIn'] = 1;
  if (isObject(query)) {
    setDefined(made, 'datasource', dataSourceOf(query, datasource));
    const target = objectOf(query['spec']);
    if (Object.keys(target).length > 0) made['target'] = target;
  }
  return made;
}
