import { isTimeZone } from '../../../../src/dashboards/model/settings.ts';

/** What is wrong at a place, with what the words of it need. */
export interface DocumentProblem {
  /** `panels[3].gridPos.w` */
  readonly path: string;
  readonly kind:
    | 'document'
    | 'text'
    | 'notEmpty'
    | 'number'
    | 'list'
    | 'object'
    | 'taken'
    | 'otherUid'
    | 'zone'
    | 'wide';
  /** What stands there. */
  readonly value: string;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A document may have more mistakes than anybody reads. */
const maxProblems = 50;
const gridColumns = 24;

/**
 * What a person should know before a document is saved: the reader of dashboards is lenient and would
 * leave such parts out without a word.
 */
export function checkDocument(document: unknown, uid: string): readonly DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  const tell = (path: string, kind: DocumentProblem['kind'], value: unknown): void => {
    const text = value === undefined ? '' : JSON.stringify(value).slice(0, 60);
    if (problems.length < maxProblems) problems.push({ path, kind, value: text });
  };
  if (!isObject(document)) {
    tell('', 'document', document);
    return problems;
  }
  const { title, tags, time, timezone } = document;
  if (typeof title !== 'string' || title.trim() === '') tell('title', 'notEmpty', title);
  if (document['uid'] !== undefined && document['uid'] !== uid) {
    tell('uid', 'otherUid', document['uid']);
  }
  for (const key of ['description', 'refresh', 'weekStart']) {
    const value = document[key];
    if (value !== undefined && value !== null && value !== false && typeof value !== 'string') {
      tell(key, 'text', value);
    }
  }
  if (timezone !== undefined && (typeof timezone !== 'string' || !isTimeZone(timezone))) {
    tell('timezone', 'zone', timezone);
  }
  if (time !== undefined) {
    if (!isObject(time)) tell('time', 'object', time);
    else {
      for (const edge of ['from', 'to']) {
        if (typeof time[edge] !== 'string') tell(`time.${edge}`, 'text', time[edge]);
      }
    }
  }
  if (tags !== undefined && !Array.isArray(tags)) tell('tags', 'list', tags);
  const ids = new Set<number>();
  checkPanels(document['panels'], 'panels', ids, tell);
  const named = (key: string): void => {
    const holder = document[key];
    if (holder === undefined) return;
    if (!isObject(holder)) tell(key, 'object', holder);
    else checkNames(holder['list'], `${key}.list`, key === 'templating', tell);
  };
  named('templating');
  named('annotations');
  return problems;
}

type Tell = (path: string, kind: DocumentProblem['kind'], value: unknown) => void;

function checkPanels(value: unknown, path: string, ids: Set<number>, tell: Tell): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    tell(path, 'list', value);
    return;
  }
  for (const [index, panel] of value.entries()) {
    const at = `${path}[${index}]`;
    if (!isObject(panel)) {
      tell(at, 'object', panel);
      continue;
    }
    const { id, type, gridPos, targets, options, fieldConfig } = panel;
    // Without a type it is a chart over time.
    if (type !== undefined && (typeof type !== 'string' || type === '')) {
      tell(`${at}.type`, 'notEmpty', type);
    }
    if (id !== undefined && typeof id !== 'number') tell(`${at}.id`, 'number', id);
    else if (typeof id === 'number' && ids.has(id)) tell(`${at}.id`, 'taken', id);
    if (typeof id === 'number') ids.add(id);
    if (gridPos !== undefined) checkGridPos(gridPos, `${at}.gridPos`, tell);
    for (const [key, part] of Object.entries({ options, fieldConfig })) {
      if (part !== undefined && !isObject(part)) tell(`${at}.${key}`, 'object', part);
    }
    if (targets !== undefined) {
      if (!Array.isArray(targets)) tell(`${at}.targets`, 'list', targets);
      else {
        for (const [number, target] of targets.entries()) {
          if (!isObject(target)) tell(`${at}.targets[${number}]`, 'object', target);
        }
      }
    }
    checkPanels(panel['panels'], `${at}.panels`, ids, tell);
  }
}

function checkGridPos(value: unknown, path: string, tell: Tell): void {
  if (!isObject(value)) {
    tell(path, 'object', value);
    return;
  }
  for (const key of ['x', 'y', 'w', 'h']) {
    const number = value[key];
    if (number !== undefined && (typeof number !== 'number' || number < 0)) {
      tell(`${path}.${key}`, 'number', number);
    }
  }
  const { x = 0, w = 0 } = value as { readonly x?: number; readonly w?: number };
  if (x + w > gridColumns) tell(path, 'wide', x + w);
}

function checkNames(value: unknown, path: string, areUnique: boolean, tell: Tell): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    tell(path, 'list', value);
    return;
  }
  const names = new Set<string>();
  for (const [index, entry] of value.entries()) {
    const at = `${path}[${index}]`;
    if (!isObject(entry)) {
      tell(at, 'object', entry);
      continue;
    }
    const { name } = entry;
    if (typeof name !== 'string' || name === '') tell(`${at}.name`, 'notEmpty', name);
    else if (areUnique && names.has(name)) tell(`${at}.name`, 'taken', name);
    else names.add(name);
  }
}
