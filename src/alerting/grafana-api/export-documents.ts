import type { ContactPoint, MuteTiming, Policy } from '#alerting/notifications';
import { fileGroupJson, type RuleFolders, type RuleGroup } from '#alerting/rules';
import type { ExportDocument, HclBody } from './export.ts';
import { resourceName } from './hcl.ts';
import type { Json } from './http.ts';

export function rulesExport(groups: readonly RuleGroup[], folders: RuleFolders): ExportDocument {
  const files = groups.map((group) => ({
    group,
    file: fileGroupJson(group, folders.get(group.folderUid)?.title ?? group.folderUid),
  }));
  return {
    file: { apiVersion: 1, groups: files.map(({ file }) => file) },
    resources: () =>
      files.map(({ group, file }) => ({
        type: 'grafana_rule_group',
        name: resourceName('rule_group', `${group.folderUid}/${group.title}`),
        body: {
          attributes: {
            org_id: 1,
            name: group.title,
            folder_uid: group.folderUid,
            interval_seconds: group.intervalMs / 1000,
          },
          blocks: (file['rules'] as readonly Json[]).map((rule) => ['rule', ruleBody(rule)]),
        },
      })),
  };
}

function ruleBody(rule: Json): HclBody {
  const settings = rule['notification_settings'] as Json | undefined;
  const annotations = {
    ...(rule['annotations'] as Json),
    ...(rule['dashboardUid'] === undefined ? {} : { __dashboardUid__: rule['dashboardUid'] }),
    ...(rule['panelId'] === undefined ? {} : { __panelId__: String(rule['panelId']) }),
  };
  return {
    attributes: {
      name: rule['title'],
      condition: rule['condition'],
      no_data_state: rule['noDataState'],
      exec_err_state: rule['execErrState'],
      for: rule['for'],
      keep_firing_for: rule['keepFiringFor'],
      annotations,
      labels: rule['labels'],
      is_paused: rule['isPaused'],
    },
    blocks: [
      ...(rule['data'] as readonly Json[]).map((query) => ['data', queryBody(query)] as const),
      ...(settings === undefined
        ? []
        : [['notification_settings', notificationBody(settings)] as const]),
      ...(rule['record'] === undefined
        ? []
        : [['record', { attributes: rule['record'] as Json }] as const]),
    ],
  };
}

const queryBody = (query: Json): HclBody => ({
  attributes: {
    ref_id: query['refId'],
    query_type: query['queryType'],
    datasource_uid: query['datasourceUid'],
    model: JSON.stringify(query['model']),
  },
  blocks: [['relative_time_range', { attributes: query['relativeTimeRange'] as Json }]],
});

/** The resource has other names for two of the keys. */
const notificationBody = ({
  receiver,
  mute_time_intervals,
  active_time_intervals,
  ...others
}: Json): HclBody => ({
  attributes: {
    contact_point: receiver,
    ...others,
    mute_timings: mute_time_intervals,
    active_timings: active_time_intervals,
  },
});

/** @param settingsOf with secrets or without them, as may be shown */
export function contactPointsExport(
  points: readonly ContactPoint[],
  settingsOf: (point: ContactPoint) => Json,
): ExportDocument {
  const byName = [...Map.groupBy(points, ({ name }) => name)];
  return {
    file: {
      apiVersion: 1,
      contactPoints: byName.map(([name, list]) => ({
        orgId: 1,
        name,
        receivers: list.map((point) => ({
          uid: point.uid,
          type: point.type,
          settings: settingsOf(point),
          disableResolveMessage: point.disableResolveMessage,
        })),
      })),
    },
    resources: () =>
      byName.map(([name, list]) => ({
        type: 'grafana_contact_point',
        name: resourceName('contact_point', name),
        body: {
          attributes: { name },
          blocks: list.map((point) => [
            point.type.replaceAll('-', '_'),
            {
              attributes: {
                ...settingsOf(point),
                disable_resolve_message: point.disableResolveMessage,
              },
            },
          ]),
        },
      })),
  };
}

export const policiesExport = (root: Policy): ExportDocument => ({
  file: { apiVersion: 1, policies: [{ orgId: 1, ...root }] },
  resources: () => [
    {
      type: 'grafana_notification_policy',
      name: 'notification_policy',
      body: policyBody(root),
    },
  ],
});

const policyBody = (policy: Policy): HclBody => ({
  attributes: {
    contact_point: policy.receiver,
    group_by: policy.group_by,
    continue: policy.continue,
    group_wait: policy.group_wait,
    group_interval: policy.group_interval,
    repeat_interval: policy.repeat_interval,
    mute_timings: policy.mute_time_intervals,
    active_timings: policy.active_time_intervals,
  },
  blocks: [
    ...(policy.object_matchers ?? []).map(
      ([label, match, value]) => ['matcher', { attributes: { label, match, value } }] as const,
    ),
    ...(policy.routes ?? []).map((child) => ['policy', policyBody(child)] as const),
  ],
});

export const muteTimingsExport = (timings: readonly MuteTiming[]): ExportDocument => ({
  file: {
    apiVersion: 1,
    muteTimes: timings.map(({ name, time_intervals }) => ({ orgId: 1, name, time_intervals })),
  },
  resources: () =>
    timings.map(({ name, time_intervals }) => ({
      type: 'grafana_mute_timing',
      name: resourceName('mute_timing', name),
      body: {
        attributes: { name },
        blocks: time_intervals.map((interval) => ['intervals', intervalBody(interval)]),
      },
    })),
});

/** The resource has times as blocks with shorter names. */
function intervalBody({ times, ...others }: Json): HclBody {
  const list = Array.isArray(times) ? (times as readonly Json[]) : [];
  return {
    attributes: others,
    blocks: list.map(({ start_time, end_time }) => [
      'times',
      { attributes: { start: start_time, end: end_time } },
    ]),
  };
}
