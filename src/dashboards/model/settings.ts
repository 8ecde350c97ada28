/** Title, time, refresh and the other settings of a whole document. */
import { isZone } from '#time';
import { isObject, type JsonObject, numberOf, stringOf } from './json.ts';
import type { Report } from './report-items.ts';

/** What only files under way and older programs hold. */
const droppedKeys = ['style', 'iteration', 'hideControls', 'rows', 'nav', 'originalTitle'] as const;

const zones = new Set(['', 'browser', 'utc', 'UTC']);

export const isTimeZone = (zone: string): boolean => zones.has(zone) || isZone(zone);

export function normaliseSettings(dashboard: JsonObject, report: Report): void {
  if (typeof dashboard['title'] !== 'string' || dashboard['title'].trim() === '') {
    dashboard['title'] = 'Untitled';
    report.add('note', 'default-title', 'title');
  }
  for (const key of ['uid', 'description', 'weekStart'] as const) {
    if (dashboard[key] === null) delete dashboard[key];
    else if (typeof dashboard[key] === 'number') dashboard[key] = String(dashboard[key]);
    else if (dashboard[key] !== undefined && typeof dashboard[key] !== 'string') {
      delete dashboard[key];
    }
  }
  if (dashboard['uid'] === '') delete dashboard['uid'];
  const tags = Array.isArray(dashboard['tags']) ? dashboard['tags'] : [];
  dashboard['tags'] = [...new Set(tags.filter((tag) => typeof tag === 'string' && tag !== ''))];
  const zone = dashboard['timezone'];
  if (zone === null) delete dashboard['timezone'];
  else if (zone !== undefined && (typeof zone !== 'string' || !isTimeZone(zone))) {
    report.add('warning', 'time-zone', 'timezone', { zone: String(zone) });
    dashboard['timezone'] = '';
  }
  const time = isObject(dashboard['time']) ? dashboard['time'] : {};
  dashboard['time'] = {
    ...time,
    from: timeText(time['from']) ?? 'now-6h',
    to: timeText(time['to']) ?? 'now',
  };
  // An old name, replaced when it is the only one.
  if (dashboard['sharedCrosshair'] === true) dashboard['graphTooltip'] ??= 1;
  delete dashboard['sharedCrosshair'];
  for (const key of ['graphTooltip', 'version', 'fiscalYearStartMonth'] as const) {
    if (dashboard[key] === undefined) continue;
    const number = numberOf(dashboard[key]);
    if (number === undefined) delete dashboard[key];
    else dashboard[key] = Math.max(0, Math.floor(number));
  }
  if (dashboard['timepicker'] !== undefined && !isObject(dashboard['timepicker'])) {
    delete dashboard['timepicker'];
  }
  for (const key of droppedKeys) delete dashboard[key];
}

/** Times of old files are numbers or texts. */
const timeText = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : stringOf(value) || undefined;
