import type { FastifyInstance } from 'fastify';
import type { MetricsApiDeps, RuleGroupsQuery } from './contract.ts';
import { prometheusRoute } from './http.ts';
import { matcherSetsOf } from './label-routes.ts';
import { badParameter } from './parameters.ts';

/** `/rules`, `/alerts`, `/alertmanagers`. */
export function registerRuleRoutes(app: FastifyInstance, deps: MetricsApiDeps): void {
  const { rules, language } = deps;

  prometheusRoute(app, '/api/v1/rules', {}, ({ parameters }) => {
    const type = parameters.text('type').toLowerCase();
    if (type !== '' && type !== 'alert' && type !== 'record') {
      throw badParameter('type', `not supported value ${JSON.stringify(type)}`);
    }
    const limit = parameters.limit('group_limit');
    const token = parameters.text('group_next_token');
    if (token !== '' && limit === 0) {
      throw badParameter(
        'group_limit',
        'group_limit needs to be present in order to paginate over the groups',
      );
    }
    const query: RuleGroupsQuery = {
      type: type === '' ? undefined : type,
      names: parameters.set('rule_name[]'),
      groups: parameters.set('rule_group[]'),
      files: parameters.set('file[]'),
      excludeAlerts: parameters.isTrue('exclude_alerts'),
      matcherSets: matcherSetsOf(parameters.all('match[]'), language),
    };
    const groups = rules?.groups(query) ?? [];
    const start = token === '' ? 0 : startOf(token, groups.length);
    const end = limit === 0 ? groups.length : Math.min(groups.length, start + limit);
    const next = end < groups.length ? { groupNextToken: tokenOf(end) } : {};
    return { data: { groups: groups.slice(start, end), ...next } };
  });

  prometheusRoute(app, '/api/v1/alerts', {}, () => ({ data: { alerts: rules?.alerts() ?? [] } }));
  prometheusRoute(app, '/api/v1/alertmanagers', {}, () => ({
    data: rules?.alertmanagers() ?? { activeAlertmanagers: [], droppedAlertmanagers: [] },
  }));
}

const tokenOf = (index: number): string => Buffer.from(`g${index}`).toString('base64url');

function startOf(token: string, count: number): number {
  const match = /^g(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  const index = Number(match?.[1]);
  if (match === null || index > count) {
    throw badParameter('group_next_token', 'the token is not one that this server gave');
  }
  return index;
}
