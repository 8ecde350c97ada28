import type { Labels } from '../../../api/metrics.ts';
import type { Search } from '../../../state/url.ts';

/** Somewhere that an alert leads to. */
export type AlertLink =
  | {
      readonly kind: 'rule' | 'dashboard' | 'pod' | 'node';
      readonly to: string;
      readonly search: Search;
      readonly name: string;
    }
  | { readonly kind: 'source' | 'runbook'; readonly href: string };

/** An address of another place; what is none, or would run as a script, is no link. */
function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || !/^https?:\/\//i.test(text.trim())) return undefined;
  return text.trim();
}

/** Where to look next: the rule, its panel, the pod, what the alert itself names. */
export function alertLinks(alert: {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly generatorUrl: string;
}): readonly AlertLink[] {
  const { labels, annotations } = alert;
  const links: AlertLink[] = [];
  const uid = labels['__alert_rule_uid__'];
  const name = labels['alertname'];
  if (uid !== undefined) {
    links.push({
      kind: 'rule',
      to: `/alerting/grafana/${encodeURIComponent(uid)}/view`,
      search: {},
      name: '',
    });
  } else if (name !== undefined) {
    links.push({ kind: 'rule', to: '/alerting/list', search: { q: name }, name: '' });
  }
  const dashboard = annotations['__dashboardUid__'];
  if (dashboard !== undefined && dashboard !== '') {
    const panel = annotations['__panelId__'];
    links.push({
      kind: 'dashboard',
      to: `/d/${encodeURIComponent(dashboard)}`,
      search: panel === undefined ? {} : { viewPanel: panel },
      name: '',
    });
  }
  const { namespace, pod, node } = labels;
  if (namespace !== undefined && pod !== undefined) {
    links.push({ kind: 'pod', to: '/kubernetes/pod', search: { namespace, pod }, name: pod });
  }
  if (node !== undefined) {
    links.push({ kind: 'node', to: '/kubernetes/node', search: { node }, name: node });
  }
  const runbook = webAddress(annotations['runbook_url']);
  if (runbook !== undefined) links.push({ kind: 'runbook', href: runbook });
  const source = webAddress(alert.generatorUrl);
  if (source !== undefined) links.push({ kind: 'source', href: source });
  return links;
}

/** The form for a silence of exactly this alert. */
export const silenceSearch = (labels: Labels): Search => ({
  alertmanager: 'grafana',
  matcher: Object.entries(labels)
    .filter(([name]) => !name.startsWith('__'))
    .map(([name, value]) => `${name}=${value}`),
});
