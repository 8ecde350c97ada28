/** Elements of v2 documents as panels. */
import {
  isObject,
  type JsonObject,
  numberOf,
  objectOf,
  objectsOf,
  setDefined,
  stringOf,
} from '../json.ts';

/** `{group, datasource: {name}}`, or before that `{kind, …}` beside `{type, uid}`. */
export function dataSourceOf(query: JsonObject, beside: unknown): JsonObject | undefined {
  const older = objectOf(beside);
  const type =
    stringOf(query['group']) ??
    stringOf(older['type']) ??
    (query['kind'] === 'DataQuery' ? undefined : stringOf(query['kind']));
  const uid = stringOf(objectOf(query['datasource'])['name']) ?? stringOf(older['uid']);
  if (type === undefined && uid === undefined) return undefined;
  return { ...(type ? { type } : {}), ...(uid ? { uid } : {}) };
}

function targetOf(query: JsonObject): JsonObject {
  const spec = objectOf(query['spec']);
  const inner = objectOf(spec['query']);
  const target: JsonObject = { ...objectOf(inner['spec']) };
  setDefined(target, 'refId', stringOf(spec['refId']));
  setDefined(target, 'datasource', dataSourceOf(inner, spec['datasource']));
  if (spec['hidden'] === true) target['hide'] = true;
  return target;
}

function transformationOf(step: JsonObject): JsonObject {
  const spec = objectOf(step['spec']);
  const id =
    stringOf(step['group']) ??
    stringOf(spec['id']) ??
    (step['kind'] === 'Transformation' ? '' : (stringOf(step['kind']) ?? ''));
  return { ...spec, id, options: objectOf(spec['options']) };
}

/** One data source for a panel whose queries share it; the mark of several otherwise. */
function panelDataSource(targets: readonly JsonObject[]): JsonObject | undefined {
  const refs = targets.map((target) => objectOf(target['datasource']));
  const first = refs[0];
  if (first === undefined) return undefined;
  const isShared = refs.every(
    (ref) => ref['uid'] === first['uid'] && ref['type'] === first['type'],
  );
  return isShared ? { ...first } : { type: 'datasource', uid: '-- Mixed --' };
}

const queryOptions = [
  'timeFrom',
  'timeShift',
  'maxDataPoints',
  'interval',
  'cacheTimeout',
  'queryCachingTTL',
  'hideTimeOverride',
] as const;

/** The panel of an element, without a place; undefined for kinds that are none. */
export function panelOf(element: unknown): JsonObject | undefined {
  if (!isObject(element)) return undefined;
  const spec = objectOf(element['spec']);
  const panel: JsonObject = { title: stringOf(spec['title']) ?? '' };
  setDefined(panel, 'id', numberOf(spec['id']));
  if (element['kind'] === 'LibraryPanel') {
    panel['type'] = 'library-panel-ref';
    panel['libraryPanel'] = objectOf(spec['libraryPanel']);
    return panel;
  }
  if (element['kind'] !== 'Panel') return undefined;
  const viz = objectOf(spec['vizConfig']);
  const vizSpec = objectOf(viz['spec']);
  panel['type'] = stringOf(viz['group']) ?? stringOf(viz['kind']) ?? 'timeseries';
  panel['options'] = objectOf(vizSpec['options']);
  panel['fieldConfig'] = objectOf(vizSpec['fieldConfig']);
  setDefined(
    panel,
    'pluginVersion',
    stringOf(viz['version']) ?? stringOf(vizSpec['pluginVersion']),
  );
  setDefined(panel, 'description', stringOf(spec['description']) || undefined);
  if (spec['transparent'] === true) panel['transparent'] = true;
  if (Array.isArray(spec['links']) && spec['links'].length > 0) panel['links'] = spec['links'];
  const data = objectOf(objectOf(spec['data'])['spec']);
  const targets = objectsOf(data['queries']).map(targetOf);
  if (targets.length > 0) panel['targets'] = targets;
  setDefined(panel, 'datasource', panelDataSource(targets));
  const steps = objectsOf(data['transformations']).map(transformationOf);
  if (steps.length > 0) panel['transformations'] = steps;
  for (const key of queryOptions) setDefined(panel, key, objectOf(data['queryOptions'])[key]);
  return panel;
}
