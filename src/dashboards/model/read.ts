import { dropClones } from './clones.ts';
import type { Dashboard, Panel } from './contract.ts';
import { type KnownDataSource, normaliseDataSources } from './data-source-refs.ts';
import { DashboardError } from './errors.ts';
import { applyDefaultInputs, dropFileKeys } from './inputs.ts';
import { copyJson, type JsonObject, numberOf } from './json.ts';
import { layOut } from './layout.ts';
import {
  currentSchemaVersion,
  jsonLimits,
  maxDocumentChars,
  maxPanels,
  maxVariables,
} from './limits.ts';
import { migrate } from './migrations/index.ts';
import { gridVersion, rowsToGrid } from './migrations/rows-to-grid.ts';
import { assignPanelIds, normalisePanels } from './panels.ts';
import { assignRefIds } from './ref-ids.ts';
import { Report, type ReportItem } from './report-items.ts';
import { normaliseSettings } from './settings.ts';
import { unwrap } from './unwrap.ts';
import { toClassic } from './v2/index.ts';
import { normaliseAnnotations, normaliseLinks, normaliseVariables } from './variables.ts';
import { panelsOf, variablesOf } from './walk.ts';

export interface ReadOptions {
  /**
   * What names in old documents mean, and what answers inputs that nobody answered. Without it names
   * are taken for uids.
   */
  readonly dataSources?: readonly KnownDataSource[];
}

export interface ReadResult {
  readonly dashboard: Dashboard;
  /** What was changed, dropped or could not be understood; empty for a document in its present form. */
  readonly report: readonly ReportItem[];
}

/**
 * Reads a dashboard of any schema version and kind, wrapped or not, into its one form. The input is
 * not changed. Reading what was read before changes nothing.
 *
 * @throws {DashboardError} when there is no dashboard in it, or it is too large
 */
export function readDashboard(input: unknown, options: ReadOptions = {}): ReadResult {
  const { document, isV2, uid } = unwrap(copyJson(input, jsonLimits));
  const report = new Report();
  const known = options.dataSources ?? [];
  const dashboard = applyDefaultInputs(isV2 ? toClassic(document, report) : document, known);
  if (uid !== undefined) dashboard['uid'] = uid;
  const from = schemaVersionOf(dashboard);
  // First of all: whoever looks for panels finds them in one place.
  if (from < gridVersion) rowsToGrid(dashboard);
  checkCounts(dashboard);
  assignRefIds(dashboard, report);
  dropClones(dashboard, report);
  migrate(dashboard, from, report);
  dashboard['schemaVersion'] = Math.max(from, currentSchemaVersion);
  normaliseSettings(dashboard, report);
  normaliseVariables(dashboard);
  normaliseAnnotations(dashboard);
  normaliseLinks(dashboard);
  normaliseDataSources(dashboard, known);
  dropFileKeys(dashboard);
  layOut(dashboard);
  assignPanelIds(dashboard, report);
  normalisePanels(dashboard);
  return { dashboard: dashboard as unknown as Dashboard, report: report.items };
}

/**
 * Reads a dashboard from text.
 *
 * @throws {DashboardError} `DASHBOARD_NOT_JSON` in the words of the JSON reader, and as readDashboard()
 */
export function parseDashboard(text: string, options: ReadOptions = {}): ReadResult {
  if (text.length > maxDocumentChars) {
    throw new DashboardError(
      'DASHBOARD_TOO_LARGE',
      '',
      `a dashboard may have ${maxDocumentChars} characters: this one has ${text.length}`,
    );
  }
  let input: unknown;
  try {
    // Files written on Windows begin with a mark that JSON does not allow.
    input = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new DashboardError('DASHBOARD_NOT_JSON', '', `not JSON: ${words}`);
  }
  return readDashboard(input, options);
}

/**
 * Reads one panel, as library panels are kept: the same as it would be in a dashboard of its own.
 *
 * @throws {DashboardError} as readDashboard()
 */
export function readPanel(model: unknown, options: ReadOptions = {}): Panel {
  const { dashboard } = readDashboard({ title: 'panel', panels: [model] }, options);
  const [panel] = dashboard.panels;
  if (panel === undefined) {
    throw new DashboardError('DASHBOARD_INVALID', 'model', 'a panel must be an object');
  }
  return panel;
}

/** Texts that are numbers count; what is no number is version 0. */
export const schemaVersionOf = (dashboard: JsonObject): number =>
  Math.max(0, Math.floor(numberOf(dashboard['schemaVersion']) ?? 0));

function checkCounts(dashboard: JsonObject): void {
  let count = 0;
  for (const { path } of panelsOf(dashboard)) {
    if (++count > maxPanels) {
      throw new DashboardError('DASHBOARD_TOO_LARGE', path, `more than ${maxPanels} panels`);
    }
  }
  if (variablesOf(dashboard).length > maxVariables) {
    throw new DashboardError(
      'DASHBOARD_TOO_LARGE',
      'templating.list',
      `more than ${maxVariables} variables`,
    );
  }
}
