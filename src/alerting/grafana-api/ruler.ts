import type { FastifyInstance } from 'fastify';
import {
  checkPendingPeriod,
  durationMsOf,
  type RuleGroup,
  readRulerRule,
  ruleError,
  rulerGroupJson,
  rulerRuleJson,
} from '#alerting/rules';
import type { GrafanaAlertingDeps } from './deps.ts';
import { exportAnswer } from './export.ts';
import { rulesExport } from './export-documents.ts';
import {
  type Answer,
  accepted,
  badRequest,
  type Call,
  type Json,
  objectBody,
  ok,
  routes,
  uiAuthor,
} from './http.ts';
import { newRuleUid } from './rules.ts';

const prefix = '/api/ruler/grafana/api/v1';

/** `/api/ruler/grafana/api/v1/rules…`: what the page of rules reads and writes. */
export function registerRulerRoutes(app: FastifyInstance, { rules }: GrafanaAlertingDeps): void {
  const route = routes(app);
  const { store, folders } = rules;
  const titleOf = (uid: string): string => folders.get(uid)?.title ?? uid;
  const byFolder = (groups: readonly RuleGroup[]): Json => {
    const found: Record<string, Json[]> = {};
    for (const group of groups) {
      const title = titleOf(group.folderUid);
      found[title] = [...(found[title] ?? []), rulerGroupJson(group)];
    }
    return found;
  };
  const groupsOf = (folderUid: string): readonly RuleGroup[] =>
    store.groups().filter((group) => group.folderUid === folderUid);
  const mustHaveFolder = ({ params }: Call): string => {
    const uid = params['folderUid'] ?? '';
    if (folders.get(uid) === undefined) {
      throw ruleError('RULE_FOLDER_NOT_FOUND', 'folder not found');
    }
    return uid;
  };

  route('GET', `${prefix}/rules`, ({ query }) => {
    const dashboard = query.get('dashboard_uid');
    const panel = query.get('panel_id');
    const groups = store.groups().map((group) => ({
      ...group,
      rules: group.rules.filter(
        ({ annotations }) =>
          (dashboard === null || annotations['__dashboardUid__'] === dashboard) &&
          (panel === null || annotations['__panelId__'] === panel),
      ),
    }));
    return ok(byFolder(groups.filter((group) => group.rules.length > 0)));
  });
  route('GET', `${prefix}/rules/:folderUid`, (call) =>
    accepted(byFolder(groupsOf(mustHaveFolder(call)))),
  );
  route('GET', `${prefix}/rules/:folderUid/:group`, (call) => {
    const group = store.group(mustHaveFolder(call), call.params['group'] ?? '');
    if (group === undefined) throw ruleError('RULE_GROUP_NOT_FOUND', 'rule group does not exist');
    return accepted(rulerGroupJson(group));
  });
  route('POST', `${prefix}/rules/:folderUid`, async (call) => {
    const folderUid = mustHaveFolder(call);
    const input = groupInput(objectBody(call), folderUid);
    const changes = await store.putGroup(input, uiAuthor(call));
    const uids = (wanted: (change: (typeof changes)[number]) => boolean): readonly string[] =>
      changes.filter(wanted).map(({ before, after }) => (after ?? before)!.rule.uid);
    const differs = changes.filter(
      ({ before, after }) =>
        before?.rule !== after?.rule || before?.group.intervalMs !== after?.group.intervalMs,
    );
    if (differs.length === 0) {
      return accepted({ message: 'no changes detected in the rule group' });
    }
    return accepted({
      message: 'rule group updated successfully',
      created: uids(({ before }) => before === undefined),
      updated: uids(({ before, after }) => before !== undefined && after !== undefined),
      deleted: uids(({ after }) => after === undefined),
    });
  });
  route('DELETE', `${prefix}/rules/:folderUid`, async (call) => {
    const uids = groupsOf(mustHaveFolder(call)).flatMap((group) =>
      group.rules.map(({ uid }) => uid),
    );
    await store.deleteRules(uids, uiAuthor(call));
    return accepted({ message: 'rules deleted' });
  });
  route('DELETE', `${prefix}/rules/:folderUid/:group`, async (call) => {
    const group = store.group(mustHaveFolder(call), call.params['group'] ?? '');
    if (group === undefined) throw ruleError('RULE_GROUP_NOT_FOUND', 'rule group does not exist');
    await store.deleteRules(
      group.rules.map(({ uid }) => uid),
      uiAuthor(call),
    );
    return accepted({ message: 'rules deleted' });
  });
  route('GET', `${prefix}/rule/:uid`, ({ params }) => {
    const placed = store.find(params['uid']!);
    if (placed === undefined) throw ruleError('RULE_NOT_FOUND', 'could not find alert rule');
    return ok(rulerRuleJson(placed));
  });
  route('GET', `${prefix}/rule/:uid/versions`, async ({ params }) => {
    const placed = store.find(params['uid']!);
    if (placed === undefined) throw ruleError('RULE_NOT_FOUND', 'could not find alert rule');
    const versions = await store.versions(placed.rule.uid);
    return ok(versions.map(({ rule }) => rulerRuleJson({ rule, group: placed.group })));
  });
  /** A group as it would be exported if it were saved. */
  const exportWritten = (call: Call): Answer => {
    const { rules: written, ...place } = groupInput(objectBody(call), mustHaveFolder(call));
    const made = written.map((rule) => ({
      ...rule,
      id: 0,
      version: 0,
      updatedMs: 0,
      updatedBy: '',
      provenance: '' as const,
    }));
    return exportAnswer(call, rulesExport([{ ...place, rules: made }], folders));
  };
  for (const url of ['export/rules/:folderUid', 'rules/:folderUid/export']) {
    route('POST', `${prefix}/${url}`, exportWritten, 'viewer');
  }
}

function groupInput(body: Json, folderUid: string) {
  const { name, interval, rules } = body;
  if (typeof name !== 'string') throw badRequest('rule group name is required');
  if (rules !== undefined && !Array.isArray(rules)) throw badRequest('rules must be a list');
  const intervalMs = intervalOf(interval);
  const read = (rules ?? []).map((rule: unknown) => readRulerRule(rule, newRuleUid));
  for (const { forMs } of read) checkPendingPeriod(forMs, intervalMs);
  return { folderUid, title: name, intervalMs, rules: read };
}

function intervalOf(value: unknown): number {
  if (value === undefined || value === '') return 60_000;
  return typeof value === 'number' ? value * 1000 : durationMsOf(String(value), 'interval');
}
