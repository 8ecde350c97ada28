/**
 * Writes the part of docs/compatibility.md that is measured: every published dashboard under
 * `NUNCHI_TEST_DATA/dashboards/PROJECT/NAME.json` is read, reported on, and its queries are parsed.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  describeReportItem,
  importReport,
  type Panel,
  parseDashboard,
  type ReportItem,
} from '#dashboards/model';
import { interpolate } from '#dashboards/variables';
import { parseQuery } from '#metrics/promql';

const page = new URL('../docs/compatibility.md', import.meta.url);
const begin = '<!-- measured: npm run compatibility -->';
const end = '<!-- end of what is measured -->';

const all = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...all(panel.panels ?? [])]);

/** PromQL with something in the place of each variable: a duration within brackets, a word elsewhere. */
const asSent = (expr: string): string =>
  interpolate(expr.replaceAll(/\[\$[^\]:]+/g, '[5m').replaceAll(/:\$[^\]]+\]/g, ':1m]'), () => ({
    value: 'x',
    text: 'x',
  }));

interface Measured {
  readonly file: string;
  readonly title: string;
  readonly schemaVersion: unknown;
  readonly types: readonly string[];
  readonly migrated: number;
  readonly queries: number;
  readonly unparsed: readonly string[];
  readonly variables: number;
  readonly items: readonly ReportItem[];
}

function measure(file: string, text: string): Measured {
  const { dashboard, report } = parseDashboard(text);
  const panels = all(dashboard.panels).filter((panel) => panel.type !== 'row');
  const exprs = panels.flatMap((panel) =>
    (panel.targets ?? [])
      .map((target) => target['expr'])
      .filter((expr) => typeof expr === 'string'),
  );
  const items = [...report, ...importReport(dashboard, { dataSourceTypes: ['prometheus'] })];
  return {
    file,
    title: dashboard.title,
    schemaVersion: (JSON.parse(text) as { schemaVersion?: unknown }).schemaVersion,
    types: panels.map((panel) => panel.type),
    migrated: items.filter((item) => item.code === 'panel-type-migrated').length,
    queries: exprs.length,
    unparsed: exprs.filter((expr) => !parses(expr)),
    variables: dashboard.templating.list.length,
    items: items.filter(
      (item) => item.code !== 'panel-type-migrated' && item.code !== 'schema-migrated',
    ),
  };
}

function parses(expr: string): boolean {
  try {
    parseQuery(asSent(expr));
    return true;
  } catch {
    return false;
  }
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** What the dashboards of a folder are to Nunchi, as Markdown. */
export function compatibilityReport(dataFolder: string): string {
  const files = globSync('dashboards/*/*.json', { cwd: dataFolder }).sort();
  const measured = files.map((file) =>
    measure(file.replace(/^dashboards\//, ''), readFileSync(join(dataFolder, file), 'utf8')),
  );
  const types = new Map<string, number>();
  for (const type of measured.flatMap((one) => one.types)) {
    types.set(type, (types.get(type) ?? 0) + 1);
  }
  const byCount = [...types].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const items = measured.flatMap((one) => one.items);
  const count = (severity: string): number =>
    items.filter((item) => item.severity === severity).length;
  return [
    `${measured.length} dashboards, ${sum(measured.map((one) => one.types.length))} panels, ${sum(measured.map((one) => one.queries))} queries.`,
    `Panels that are not drawn: ${items.filter((item) => item.code.startsWith('panel-type-')).length}.`,
    `Queries that do not parse: ${sum(measured.map((one) => one.unparsed.length))}.`,
    `Said in reports: ${count('problem')} problems, ${count('warning')} warnings, ${count('note')} notes.`,
    '',
    `Panels by type: ${byCount.map(([type, number]) => `${type} ${number}`).join(', ')}.`,
    '',
    '| file | title | schema | panels | of old types | queries | variables | said |',
    '|---|---|---|---|---|---|---|---|',
    ...measured.map(
      (one) =>
        `| ${[
          one.file,
          cell(one.title),
          one.schemaVersion,
          one.types.length,
          one.migrated,
          one.queries,
          one.variables,
          cell(one.items.map((item) => describeReportItem(item, 'en')).join('; ')),
        ].join(' | ')} |`,
    ),
    ...measured.flatMap((one) => one.unparsed.map((expr) => `\nDoes not parse: \`${expr}\``)),
  ].join('\n');
}

/** The page with its measured part replaced. */
export function withReport(text: string, report: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/compatibility.md has no "${begin}" … "${end}"`);
  return `${text.slice(0, from + begin.length)}\n\n${report}\n\n${text.slice(to)}`;
}

if (import.meta.main) {
  const folder = process.env['NUNCHI_TEST_DATA'];
  if (folder === undefined || folder === '') {
    console.error('NUNCHI_TEST_DATA names no folder with dashboards/*/*.json');
    process.exit(1);
  }
  writeFileSync(page, withReport(readFileSync(page, 'utf8'), compatibilityReport(folder)));
}
