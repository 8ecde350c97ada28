/** What every panel has after reading, whatever wrote it. */
import { normaliseFieldConfig } from './field-config.ts';
import { isObject, type JsonObject, numberOf } from './json.ts';
import type { Report } from './report-items.ts';
import { panelsOf } from './walk.ts';

/** Forms of answers of Prometheus, which the first files give by number. */
const formats: Readonly<Record<number, string>> = { 1: 'time_series', 2: 'table', 3: 'heatmap' };

/** Gives each panel a number of its own; those that have one keep it. */
export function assignPanelIds(dashboard: JsonObject, report: Report): void {
  const panels = [...panelsOf(dashboard)];
  const given = ({ panel }: (typeof panels)[number]): number | undefined => {
    const id = numberOf(panel['id']);
    return id !== undefined && Number.isSafeInteger(id) && id > 0 ? id : undefined;
  };
  let next = panels.reduce((most, entry) => Math.max(most, given(entry) ?? 0), 0) + 1;
  const used = new Set<number>();
  for (const entry of panels) {
    const own = given(entry);
    const id = own === undefined || used.has(own) ? next++ : own;
    if (own !== undefined && id !== own) {
      report.add('note', 'duplicate-id', entry.path, { id: own, to: id });
    }
    entry.panel['id'] = id;
    used.add(id);
  }
}

/** Options, field config, links and transformations of every panel in their one form; in place. */
export function normalisePanels(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    panel['type'] =
      typeof panel['type'] === 'string' && panel['type'] ? panel['type'] : 'timeseries';
    if (!isObject(panel['options'])) panel['options'] = {};
    normaliseFieldConfig(panel);
    for (const target of asObjects(panel['targets'])) {
      const name = typeof target['format'] === 'number' && formats[target['format']];
      if (name) target['format'] = name;
    }
    for (const key of ['links', 'transformations'] as const) {
      if (panel[key] !== undefined) panel[key] = asObjects(panel[key]);
    }
    for (const transformation of asObjects(panel['transformations'])) {
      if (!isObject(transformation['options'])) transformation['options'] = {};
    }
  }
}

const asObjects = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
