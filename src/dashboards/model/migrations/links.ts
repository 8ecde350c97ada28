import { type JsonObject, objectsOf, stringOf } from '../json.ts';
import { mapStrings, panelsOf } from '../walk.ts';

/** 19: links of panels named a dashboard, a path or a URL; now all are URLs with variables in them. */
export function panelLinksToUrls(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    if (!Array.isArray(panel['links'])) continue;
    panel['links'] = objectsOf(panel['links']).map(toUrlLink);
  }
}

function toUrlLink(link: JsonObject): JsonObject {
  let url = stringOf(link['url']) ?? '';
  const [uri, name] = [stringOf(link['dashUri']), stringOf(link['dashboard'])];
  if (url === '' && uri !== undefined) url = `dashboard/${uri}`;
  if (url === '' && name !== undefined) url = `dashboard/db/${slugOf(name)}`;
  // A mark for "the present time and variables" of still older files.
  if (url === '/') url = '';
  for (const [isOn, addition] of [
    [link['keepTime'], '$__url_time_range'],
    [link['includeVars'], '$__all_variables'],
    [link['params'], stringOf(link['params'])],
  ] as const) {
    if (isOn && addition) url += (url.includes('?') ? '&' : '?') + addition.replace(/^[?&]/, '');
  }
  return { title: stringOf(link['title']) ?? '', url, targetBlank: link['targetBlank'] === true };
}

const slugOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

const renamed: readonly (readonly [RegExp, string])[] = [
  [/\$\{?__series_name\}?/g, '$${__series.name}'],
  [/\$\{?__field_name\}?/g, '$${__field.name}'],
  [/\$\{?__value_time\}?/g, '$${__value.time}'],
  [/__series\.labels/g, '__field.labels'],
];

/** 20 and 21: variables of data links, and labels that belong to the field. */
export function nameDataLinkVariables(dashboard: JsonObject): void {
  const rename = (text: string): string =>
    renamed.reduce((changed, [old, present]) => changed.replace(old, present), text);
  for (const { panel } of panelsOf(dashboard)) {
    for (const key of ['options', 'fieldConfig']) {
      if (panel[key] !== undefined) panel[key] = mapStrings(panel[key], rename);
    }
  }
}
