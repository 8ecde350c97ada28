import { isObject, type JsonObject, stringOf } from '../json.ts';
import { variablesOf } from '../walk.ts';

/** 23: a variable of several values has a list of them, any other has one. */
export function currentMatchesMulti(dashboard: JsonObject): void {
  for (const variable of variablesOf(dashboard)) {
    const current = variable['current'];
    if (!isObject(current) || Object.keys(current).length === 0) continue;
    for (const key of ['text', 'value'] as const) {
      const value = current[key];
      if (variable['multi'] === true) {
        if (!Array.isArray(value) && value !== undefined) current[key] = [value];
      } else if (Array.isArray(value)) {
        current[key] = value[0] ?? '';
      }
    }
  }
}

const hidden = 2;

/** 27: a constant that could be seen could be changed too, as a text box can. */
export function visibleConstantsToTextBoxes(dashboard: JsonObject): void {
  for (const variable of variablesOf(dashboard)) {
    if (variable['type'] !== 'constant') continue;
    if (variable['hide'] === hidden) continue;
    variable['type'] = 'textbox';
    const current = isObject(variable['current']) ? variable['current'] : {};
    const query = stringOf(variable['query']) ?? stringOf(current['value']) ?? '';
    variable['query'] = query;
    variable['current'] = { selected: true, text: query, value: query };
    variable['options'] = [variable['current']];
  }
}

/** 28 */
export function withoutTagKeys(dashboard: JsonObject): void {
  for (const variable of variablesOf(dashboard)) {
    for (const key of ['tags', 'tagsQuery', 'tagValuesQuery', 'useTags']) delete variable[key];
  }
}

const onDashboardLoad = 1;
const onTimeRangeChange = 2;

/** 29: variables that were never asked again kept their values in the document. */
export function refreshAndClearOptions(dashboard: JsonObject): void {
  for (const variable of variablesOf(dashboard)) {
    if (variable['type'] !== 'query') continue;
    if (variable['refresh'] !== onDashboardLoad && variable['refresh'] !== onTimeRangeChange) {
      variable['refresh'] = onDashboardLoad;
    }
    if (Array.isArray(variable['options'])) variable['options'] = [];
  }
}
