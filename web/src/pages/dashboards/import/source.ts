import type { DataSource } from '../../../../../src/dashboards/data-sources/contract.ts';
import type { DashboardInput, ReportItem } from '../../../../../src/dashboards/model/index.ts';
import {
  applyInputs,
  importReport,
  inputsOf,
  readDashboard,
} from '../../../../../src/dashboards/model/index.ts';
import type { DashboardDocument, InputAnswer } from '../../../api/dashboard-store.ts';

/** Larger than the server takes. */
export const maxFileBytes: number = 8 * 1024 * 1024;

/** A document that somebody wants to import. */
export interface ImportSource {
  /** As it was given. */
  readonly given: DashboardDocument;
  /** Where it is from, for people. */
  readonly origin: string;
  readonly isBundled: boolean;
  readonly title: string;
  readonly uid: string;
  readonly inputs: readonly DashboardInput[];
  readonly libraryPanels: number;
}

/** The number in what was typed: a number, or an address with `dashboards/<number>`. */
export function catalogueId(text: string): string | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return trimmed;
  return /dashboards\/(\d+)/.exec(trimmed)?.[1];
}

/** @throws {DashboardError}, {SyntaxError} when there is no dashboard in the text */
export function parseSource(text: string, origin: string): ImportSource {
  return sourceOf(JSON.parse(text.replace(/^\uFEFF/, '')), origin);
}

/** @throws {DashboardError} when there is no dashboard in it */
export function sourceOf(value: unknown, origin: string, isBundled = false): ImportSource {
  const { dashboard } = readDashboard(value);
  const elements = (value as DashboardDocument)['__elements'];
  return {
    given: value as DashboardDocument,
    origin,
    isBundled,
    title: dashboard.title,
    uid: dashboard.uid ?? '',
    inputs: inputsOf(value),
    libraryPanels: Object.keys(typeof elements === 'object' && elements !== null ? elements : {})
      .length,
  };
}

/** The answer to start with: the default data source of the type, a constant's own value. */
export function firstAnswer(input: DashboardInput, sources: readonly DataSource[]): string {
  if (input.type === 'constant') return input.value ?? '';
  const fitting = sourcesFor(input, sources);
  return (fitting.find(({ isDefault }) => isDefault) ?? fitting[0])?.uid ?? '';
}

export const sourcesFor = (
  { pluginId }: DashboardInput,
  sources: readonly DataSource[],
): readonly DataSource[] =>
  sources.filter(({ type }) => pluginId === undefined || type === pluginId);

/** What goes to the server: the document, wrappings taken off, under its new name and uid. */
export function documentOf(
  { given }: ImportSource,
  { title, uid }: { readonly title: string; readonly uid: string },
): DashboardDocument {
  const { json, dashboard, spec } = given;
  const inner = [json, dashboard, spec].find(
    (one) => typeof one === 'object' && one !== null && !('panels' in given),
  ) as DashboardDocument | undefined;
  return { ...(inner ?? given), title, uid: uid === '' ? null : uid };
}

/** What of the document is shown otherwise than its author meant. */
export function reportOf(
  { given }: ImportSource,
  answers: readonly InputAnswer[],
  sources: readonly DataSource[],
): { readonly items: readonly ReportItem[]; readonly panels: number } {
  const { dashboard, report } = readDashboard(applyInputs(given, answers), {
    dataSources: sources,
  });
  const types = [...new Set(sources.map(({ type }) => type))];
  const panels = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return {
    items: [
      ...report,
      ...importReport(dashboard, types.length === 0 ? {} : { dataSourceTypes: types }),
    ],
    panels: panels.filter(({ type }) => type !== 'row').length,
  };
}

export interface PanelReport {
  /** Undefined: the dashboard itself. */
  readonly panel: { readonly id: number; readonly title: string } | undefined;
  readonly items: readonly ReportItem[];
}

const ranks = { problem: 0, warning: 1, note: 2 } as const;

/** Items by panel, the worst panels first. */
export function byPanel(items: readonly ReportItem[]): readonly PanelReport[] {
  const groups = Map.groupBy(items, ({ panel }) => panel?.id);
  const worst = ({ items: own }: PanelReport): number =>
    Math.min(...own.map(({ severity }) => ranks[severity]));
  return [...groups.values()]
    .map((own) => ({
      panel: own[0]?.panel,
      items: own.toSorted((a, b) => ranks[a.severity] - ranks[b.severity]),
    }))
    .sort((a, b) => worst(a) - worst(b));
}
