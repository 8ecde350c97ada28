import type { PanelRequest } from '../../../dashboards/panel-request.ts';
import { stringifySearch } from '../../../state/url.ts';
import type { TimeRange } from '../../../time/range.ts';

/** The page on which a panel's queries are written and changed; undefined: there is none for them. */
export function exploreLink(request: PanelRequest, range: TimeRange): string | undefined {
  const metrics = request.queries.filter(({ expr }) => typeof expr === 'string');
  if (metrics.length > 0) {
    const q = [...new Set(metrics.map(({ expr }) => String(expr)))];
    return page('metrics/explore', { q, from: range.from, to: range.to });
  }
  const logs = request.queries.find(({ expression }) => typeof expression === 'string');
  if (logs === undefined) return undefined;
  return page('logs/insights', {
    q: String(logs['expression']),
    group: groupNames(logs['logGroups'] ?? logs['logGroupNames']),
    from: range.from,
    to: range.to,
  });
}

function page(path: string, search: Readonly<Record<string, string | readonly string[]>>): string {
  return new URL(`${path}${stringifySearch(search)}`, document.baseURI).href;
}

/** Names, or objects that have one. */
function groupNames(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list
    .map((item: unknown) =>
      typeof item === 'string' ? item : String((item as { name?: unknown } | null)?.name ?? ''),
    )
    .filter((name) => name !== '');
}
