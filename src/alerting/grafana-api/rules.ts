import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import {
  type PlacedRule,
  provisioningGroupJson,
  provisioningRuleJson,
  type RuleGroup,
  readProvisioningRule,
  ruleError,
} from '#alerting/rules';
import type { GrafanaAlertingDeps } from './deps.ts';
import { exportAnswer } from './export.ts';
import { rulesExport } from './export-documents.ts';
import {
  type Answer,
  author,
  badRequest,
  type Call,
  created,
  noContent,
  objectBody,
  ok,
  routes,
} from './http.ts';

export const newRuleUid = (): string => randomUUID().replaceAll('-', '').slice(0, 14);

const prefix = '/api/v1/provisioning';

/** `/api/v1/provisioning/alert-rules…` and groups of rules in folders. */
export function registerRuleRoutes(app: FastifyInstance, { rules }: GrafanaAlertingDeps): void {
  const route = routes(app);
  const { store } = rules;
  const all = (): readonly PlacedRule[] =>
    store.groups().flatMap((group) => group.rules.map((rule) => ({ rule, group })));
  const mustFind = (uid: string): PlacedRule => {
    const placed = store.find(uid);
    if (placed === undefined) throw ruleError('RULE_NOT_FOUND', 'could not find alert rule');
    return placed;
  };
  const mustFindGroup = ({ folderUid = '', group = '' }: Call['params']): RuleGroup => {
    const found = store.group(folderUid, group);
    if (found === undefined) throw ruleError('RULE_GROUP_NOT_FOUND', 'rule group does not exist');
    return found;
  };
  const exported = (call: Call, groups: readonly RuleGroup[]): Answer =>
    exportAnswer(call, rulesExport(groups, rules.folders));

  route('GET', `${prefix}/alert-rules`, () => ok(all().map(provisioningRuleJson)));
  route('POST', `${prefix}/alert-rules`, async (call) => {
    const { rule, folderUid, group } = readProvisioningRule(call.json(), newRuleUid);
    const placed = await store.putRule(rule, { folderUid, group }, author(call), 'new');
    return created(provisioningRuleJson(placed));
  });
  route('GET', `${prefix}/alert-rules/export`, (call) =>
    exported(call, selectedGroups(store.groups(), call.query)),
  );
  route('GET', `${prefix}/alert-rules/:uid`, ({ params }) =>
    ok(provisioningRuleJson(mustFind(params['uid']!))),
  );
  route('PUT', `${prefix}/alert-rules/:uid`, async (call) => {
    const uid = call.params['uid']!;
    mustFind(uid);
    const { rule, folderUid, group } = readProvisioningRule(
      { ...objectBody(call), uid },
      newRuleUid,
    );
    const placed = await store.putRule(rule, { folderUid, group }, author(call), 'known');
    return ok(provisioningRuleJson(placed));
  });
  route('DELETE', `${prefix}/alert-rules/:uid`, async (call) => {
    await store.deleteRules([call.params['uid']!], author(call));
    return noContent;
  });
  route('GET', `${prefix}/alert-rules/:uid/export`, (call) => {
    const { rule, group } = mustFind(call.params['uid']!);
    return exported(call, [{ ...group, rules: [rule] }]);
  });

  const groupUrl = `${prefix}/folder/:folderUid/rule-groups/:group`;
  route('GET', groupUrl, ({ params }) => ok(provisioningGroupJson(mustFindGroup(params))));
  route('PUT', groupUrl, async (call) => {
    const { folderUid = '', group = '' } = call.params;
    const body = objectBody(call);
    const interval = Number(body['interval']);
    if (!Number.isFinite(interval)) throw badRequest('interval must be a number of seconds');
    const list = body['rules'] ?? [];
    if (!Array.isArray(list)) throw badRequest('rules must be a list');
    await store.putGroup(
      {
        folderUid,
        title: typeof body['title'] === 'string' && body['title'] !== '' ? body['title'] : group,
        intervalMs: interval * 1000,
        rules: list.map((rule: unknown) => readProvisioningRule(rule, newRuleUid).rule),
      },
      author(call),
    );
    return ok(provisioningGroupJson(mustFindGroup(call.params)));
  });
  route('DELETE', groupUrl, async (call) => {
    const uids = mustFindGroup(call.params).rules.map(({ uid }) => uid);
    await store.deleteRules(uids, author(call));
    return noContent;
  });
  route('GET', `${groupUrl}/export`, (call) => exported(call, [mustFindGroup(call.params)]));
}

/** `folderUid` (repeated), `group` with one folder, `ruleUid`. */
export function selectedGroups(
  groups: readonly RuleGroup[],
  query: URLSearchParams,
): readonly RuleGroup[] {
  const folders = query.getAll('folderUid').flatMap((one) => one.split(','));
  const group = query.get('group');
  const uid = query.get('ruleUid');
  return groups
    .filter(({ folderUid }) => folders.length === 0 || folders.includes(folderUid))
    .filter(({ title }) => group === null || title === group)
    .map((one) => ({
      ...one,
      rules: one.rules.filter((rule) => uid === null || rule.uid === uid),
    }))
    .filter(({ rules }) => rules.length > 0);
}
