import type { Panel } from '../../../../../src/dashboards/model/contract.ts';
import type { DashboardAnswer } from '../../../api/dashboards.ts';
import type { PanelRequest } from '../../../dashboards/panel-request.ts';
import { stringifySearch } from '../../../state/url.ts';
import { ruleDefaultsOf } from '../../alerting/editor/rule-defaults.ts';

/** The page of a new alert rule that begins with what a panel asks. */
export function alertLink(panel: Panel, request: PanelRequest, answer: DashboardAnswer): string {
  const defaults = ruleDefaultsOf({
    title: panel.title ?? '',
    dashboardUid: answer.dashboard.uid ?? '',
    panelId: panel.id,
    folderUid: answer.meta.folderUid ?? '',
    queries: request.queries,
    rangeSeconds: (request.toMs - request.fromMs) / 1000,
    threshold: highestThreshold(panel),
  });
  const search = stringifySearch({ defaults: JSON.stringify(defaults) });
  return new URL(`alerting/new${search}`, document.baseURI).href;
}

/** Shares of a range are nothing that a rule compares with. */
function highestThreshold({ fieldConfig }: Panel): number | undefined {
  const { thresholds } = fieldConfig.defaults;
  if (thresholds?.mode !== 'absolute') return undefined;
  const values = thresholds.steps.flatMap(({ value }) => value ?? []);
  return values.length === 0 ? undefined : Math.max(...values);
}
