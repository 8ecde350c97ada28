/**
 * Kubernetes-style dashboards (`apiVersion: dashboard.grafana.app/v2…`): elements by name and a layout
 * that refers to them. Source: the published types of @grafana/schema.
 */
import { type JsonObject, objectOf, objectsOf, setDefined, stringOf } from '../json.ts';
import { currentSchemaVersion } from '../limits.ts';
import type { Report } from '../report-items.ts';
import { layoutToPanels } from './layout.ts';
import { annotationOf, variableOf } from './variables.ts';

const cursorSync: Readonly<Record<string, number>> = { Off: 0, Crosshair: 1, Tooltip: 2 };

const kept = [
  'title',
  'description',
  'tags',
  'editable',
  'liveNow',
  'preload',
  'revision',
] as const;

/** What timeSettings has under other names than a classic document. */
function timeOf(settings: JsonObject): JsonObject {
  const time: JsonObject = {
    time: { from: settings['from'], to: settings['to'] },
    refresh: stringOf(settings['autoRefresh']) ?? '',
  };
  for (const key of ['timezone', 'weekStart', 'fiscalYearStartMonth']) {
    setDefined(time, key, settings[key]);
  }
  const picker: JsonObject = {};
  setDefined(picker, 'hidden', settings['hideTimepicker']);
  setDefined(picker, 'refresh_intervals', settings['autoRefreshIntervals']);
  setDefined(picker, 'nowDelay', stringOf(settings['nowDelay']) || undefined);
  if (Array.isArray(settings['quickRanges'])) picker['quick_ranges'] = settings['quickRanges'];
  if (Object.keys(picker).length > 0) time['timepicker'] = picker;
  return time;
}

/** The classic form of a v2 spec. Layouts that a grid cannot hold become rows, which the report says. */
export function toClassic(spec: JsonObject, report: Report): JsonObject {
  const dashboard: JsonObject = {
    schemaVersion: currentSchemaVersion,
    graphTooltip: cursorSync[stringOf(spec['cursorSync']) ?? 'Off'] ?? 0,
    ...timeOf(objectOf(spec['timeSettings'])),
    links: objectsOf(spec['links']),
    templating: { list: objectsOf(spec['variables']).map(variableOf) },
    annotations: { list: objectsOf(spec['annotations']).map(annotationOf) },
    panels: layoutToPanels(objectOf(spec['layout']), objectOf(spec['elements']), report),
  };
  for (const key of kept) setDefined(dashboard, key, spec[key]);
  if (Array.isArray(spec['__inputs'])) dashboard['__inputs'] = spec['__inputs'];
  return dashboard;
}
