/** Variables, annotations and links in their one form. */
import { isObject, type JsonObject, numberOf, objectsOf } from './json.ts';

/** In place. A variable without a name cannot be referred to and is left out. */
export function normaliseVariables(dashboard: JsonObject): void {
  const templating = isObject(dashboard['templating']) ? dashboard['templating'] : {};
  const list = objectsOf(templating['list']).filter(
    (variable) => typeof variable['name'] === 'string' && variable['name'] !== '',
  );
  for (const variable of list) {
    if (typeof variable['type'] !== 'string') variable['type'] = 'query';
    for (const key of ['hide', 'refresh', 'sort'] as const) {
      if (variable[key] === undefined) continue;
      variable[key] = variable[key] === true ? 2 : (numberOf(variable[key]) ?? 0);
    }
    for (const key of ['multi', 'includeAll'] as const) {
      if (variable[key] !== undefined) variable[key] = variable[key] === true;
    }
    if (variable['current'] !== undefined && !isObject(variable['current'])) {
      delete variable['current'];
    }
    if (variable['options'] !== undefined) variable['options'] = objectsOf(variable['options']);
  }
  dashboard['templating'] = { ...templating, list };
}

export function normaliseAnnotations(dashboard: JsonObject): void {
  const annotations = isObject(dashboard['annotations']) ? dashboard['annotations'] : {};
  const list = objectsOf(annotations['list']).map((annotation) => ({
    ...annotation,
    name: typeof annotation['name'] === 'string' ? annotation['name'] : '',
    enable: annotation['enable'] !== false,
  }));
  dashboard['annotations'] = { ...annotations, list };
}

export function normaliseLinks(dashboard: JsonObject): void {
  dashboard['links'] = objectsOf(dashboard['links']).map((link) => ({
    ...link,
    type: link['type'] === 'dashboards' ? 'dashboards' : 'link',
    title: typeof link['title'] === 'string' ? link['title'] : '',
  }));
}
