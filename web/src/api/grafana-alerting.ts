import { common } from '../i18n/common.ts';
import { messagesNow } from '../i18n/messages.ts';
import { ApiError, callApi, fetchApi } from './client.ts';
import type { QueryResult, WireFrame } from './dashboards.ts';
import type { Labels } from './metrics.ts';

/** One integration of a contact point; those of one name are one contact point. */
export interface WireContactPoint {
  readonly uid?: string;
  readonly name: string;
  readonly type: string;
  /** Secrets read back as `[REDACTED]`; sent so they stay as they are. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly disableResolveMessage?: boolean;
  /** Not empty: made by a file or the API, and not to be changed here. */
  readonly provenance?: string;
}

export type ObjectMatcher = readonly [label: string, operator: string, value: string];

/** A node of the tree of notification policies as it is written; what is absent is its parent's. */
export interface WirePolicy {
  readonly receiver?: string;
  readonly group_by?: readonly string[];
  readonly object_matchers?: readonly ObjectMatcher[];
  readonly mute_time_intervals?: readonly string[];
  readonly active_time_intervals?: readonly string[];
  readonly group_wait?: string;
  readonly group_interval?: string;
  readonly repeat_interval?: string;
  readonly continue?: boolean;
  readonly routes?: readonly WirePolicy[];
  readonly provenance?: string;
}

/** As Alertmanager writes them: `monday:friday`, `1:5`, `-3:-1`. */
export interface WireTimeInterval {
  readonly times?: readonly { readonly start_time: string; readonly end_time: string }[];
  readonly weekdays?: readonly string[];
  readonly days_of_month?: readonly string[];
  readonly months?: readonly string[];
  readonly years?: readonly string[];
  readonly location?: string;
}

export interface WireMuteTiming {
  readonly name: string;
  readonly time_intervals: readonly WireTimeInterval[];
  readonly provenance?: string;
}

export interface WireTemplate {
  readonly name: string;
  readonly template: string;
  readonly provenance?: string;
}

/** One query or expression of a rule. */
export interface WireRuleQuery {
  readonly refId: string;
  readonly queryType?: string;
  /** Seconds back from the evaluation. */
  readonly relativeTimeRange?: { readonly from: number; readonly to: number };
  /** `__expr__`: an expression. */
  readonly datasourceUid: string;
  readonly model: Readonly<Record<string, unknown>>;
}

export type NoDataState = 'NoData' | 'Alerting' | 'OK' | 'KeepLast';
export type ExecErrState = 'Error' | 'Alerting' | 'OK' | 'KeepLast';

export interface WireNotificationSettings {
  readonly receiver: string;
  readonly group_by?: readonly string[];
  readonly mute_time_intervals?: readonly string[];
}

/** A rule as the ruler has it. */
export interface WireRulerRule {
  /** Durations as `1m`. */
  readonly for: string;
  readonly keep_firing_for?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly grafana_alert: {
    readonly uid?: string;
    readonly title: string;
    readonly condition: string;
    readonly data: readonly WireRuleQuery[];
    readonly no_data_state: NoDataState;
    readonly exec_err_state: ExecErrState;
    readonly is_paused: boolean;
    readonly notification_settings?: WireNotificationSettings;
    readonly namespace_uid?: string;
    readonly rule_group?: string;
    readonly provenance?: string;
    readonly version?: number;
    readonly updated?: string;
  };
}

export interface WireRulerGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly WireRulerRule[];
}

export interface WireGrafanaAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** `Normal`, `Alerting (NoData)`, … */
  readonly state: string;
  readonly activeAt?: string;
  readonly value?: string;
}

/** A rule as it goes: what its last evaluation found. */
export interface WireGrafanaRule {
  readonly uid?: string;
  readonly folderUid?: string;
  readonly name: string;
  readonly query: string;
  readonly type: string;
  readonly state: 'firing' | 'pending' | 'inactive' | 'recovering' | 'nodata' | 'error' | 'unknown';
  readonly health: string;
  readonly lastError?: string;
  readonly lastEvaluation?: string;
  /** Seconds. */
  readonly evaluationTime?: number;
  readonly duration?: number;
  readonly keepFiringFor?: number;
  readonly isPaused?: boolean;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly alerts?: readonly WireGrafanaAlert[];
}

export interface WireGrafanaGroup {
  readonly name: string;
  /** The folder's title. */
  readonly file: string;
  readonly folderUid?: string;
  /** Seconds. */
  readonly interval: number;
  readonly rules: readonly WireGrafanaRule[];
}

export interface WireFolder {
  readonly uid: string;
  readonly title: string;
}

export interface WireReceiverTest {
  readonly receivers: readonly {
    readonly name: string;
    readonly grafana_managed_receiver_configs: readonly {
      readonly name: string;
      readonly uid: string;
      readonly status: 'ok' | 'failed';
      readonly error?: string;
    }[];
  }[];
  readonly notified_at: string;
}

/** A setting of an integration, as its form shows it. */
export interface WireIntegrationOption {
  readonly propertyName: string;
  readonly label: string;
  readonly description: string;
  readonly placeholder: string;
  readonly element: string;
  readonly required: boolean;
  readonly secure: boolean;
  readonly selectOptions?: readonly { readonly value: string; readonly label: string }[] | null;
}

export interface WireIntegrationType {
  readonly type: string;
  readonly name: string;
  readonly options: readonly WireIntegrationOption[];
}

/** A change of state of an instance, as it is recorded. */
export interface WireHistoryLine {
  readonly previous: string;
  readonly current: string;
  readonly error?: string;
  readonly values?: Readonly<Record<string, number | null>>;
  readonly ruleTitle: string;
  readonly ruleUID: string;
  readonly fingerprint: string;
  readonly labels: Labels;
}

export interface WireHistoryRecord {
  readonly atMs: number;
  readonly line: WireHistoryLine;
}

/** Some servers write it as JSON in a text. */
const lineOf = (value: unknown): WireHistoryLine =>
  (typeof value === 'string' ? JSON.parse(value) : value) as WireHistoryLine;

const provisioning = 'api/v1/provisioning';
const ruler = 'api/ruler/grafana/api/v1/rules';
/** What people make in the console they may change in the console. */
const editable = { headers: { 'X-Disable-Provenance': 'true' } };
const at = encodeURIComponent;

/** What does not exist is empty: a server without rules of this kind, or whose routes are a file's. */
async function orNothing<T>(answer: Promise<T>, nothing: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return nothing;
    throw error;
  }
}

const withSignal = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

type BacktestLine =
  | { readonly done: number; readonly total: number }
  | { readonly result: WireBacktest }
  | { readonly error: string };

/** States over time: the first field is the time (Unix ms), the others one instance each. */
export interface WireBacktest {
  readonly schema: {
    readonly meta: { readonly custom: { readonly fired: number; readonly resolved: number } };
    readonly fields: readonly { readonly name: string; readonly labels?: Labels }[];
  };
  readonly data: { readonly values: readonly [readonly number[], ...(string | null)[][]] };
}

/** Grafana's API of alerting. Every method throws {@link ApiError}. */
export const grafanaAlertingApi = {
  contactPoints: (signal?: AbortSignal): Promise<readonly WireContactPoint[]> =>
    orNothing(callApi(`${provisioning}/contact-points`, withSignal(signal)), []),
  addContactPoint: (point: WireContactPoint): Promise<WireContactPoint> =>
    callApi(`${provisioning}/contact-points`, { method: 'POST', body: point, ...editable }),
  setContactPoint: (uid: string, point: WireContactPoint): Promise<unknown> =>
    callApi(`${provisioning}/contact-points/${at(uid)}`, {
      method: 'PUT',
      body: point,
      ...editable,
    }),
  deleteContactPoint: (uid: string): Promise<unknown> =>
    callApi(`${provisioning}/contact-points/${at(uid)}`, { method: 'DELETE', ...editable }),
  /** Tells the integrations of an unsaved form. A failure of some is in the answer. */
  testReceiver: async (
    name: string,
    integrations: readonly WireContactPoint[],
    alert: { readonly labels: Labels; readonly annotations: Labels } | undefined,
  ): Promise<WireReceiverTest> =>
    await callApi('api/alertmanager/grafana/config/api/v1/receivers/test', {
      method: 'POST',
      body: {
        ...(alert === undefined ? {} : { alert }),
        receivers: [
          {
            name,
            grafana_managed_receiver_configs: integrations.map(
              ({ uid = '', type, settings, disableResolveMessage = false }) => ({
                uid,
                name,
                type,
                disableResolveMessage,
                settings,
                secureSettings: {},
              }),
            ),
          },
        ],
      },
      headers: { 'Request-Timeout': '15' },
    }),

  policies: (signal?: AbortSignal): Promise<WirePolicy | undefined> =>
    orNothing<WirePolicy | undefined>(
      callApi(`${provisioning}/policies`, withSignal(signal)),
      undefined,
    ),
  setPolicies: (tree: WirePolicy): Promise<unknown> =>
    callApi(`${provisioning}/policies`, { method: 'PUT', body: tree, ...editable }),

  muteTimings: (signal?: AbortSignal): Promise<readonly WireMuteTiming[]> =>
    orNothing(callApi(`${provisioning}/mute-timings`, withSignal(signal)), []),
  addMuteTiming: (timing: WireMuteTiming): Promise<unknown> =>
    callApi(`${provisioning}/mute-timings`, { method: 'POST', body: timing, ...editable }),
  setMuteTiming: (name: string, timing: WireMuteTiming): Promise<unknown> =>
    callApi(`${provisioning}/mute-timings/${at(name)}`, {
      method: 'PUT',
      body: timing,
      ...editable,
    }),
  deleteMuteTiming: (name: string): Promise<unknown> =>
    callApi(`${provisioning}/mute-timings/${at(name)}`, { method: 'DELETE', ...editable }),

  templates: (signal?: AbortSignal): Promise<readonly WireTemplate[]> =>
    orNothing(callApi(`${provisioning}/templates`, withSignal(signal)), []),
  setTemplate: (name: string, template: string): Promise<unknown> =>
    callApi(`${provisioning}/templates/${at(name)}`, {
      method: 'PUT',
      body: { template },
      ...editable,
    }),
  deleteTemplate: (name: string): Promise<unknown> =>
    callApi(`${provisioning}/templates/${at(name)}`, { method: 'DELETE', ...editable }),

  /** Groups of rules by the title of their folder. */
  rulerRules: (
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, readonly WireRulerGroup[]>>> =>
    orNothing(callApi(ruler, withSignal(signal)), {}),
  /** A group as it is now; undefined: there is none of the name in the folder. */
  rulerGroup: async (folderUid: string, group: string): Promise<WireRulerGroup | undefined> => {
    const byFolder = await callApi<Readonly<Record<string, readonly WireRulerGroup[]>>>(
      `${ruler}/${at(folderUid)}`,
    );
    return Object.values(byFolder)
      .flat()
      .find(({ name }) => name === group);
  },
  setRulerGroup: (folderUid: string, group: WireRulerGroup): Promise<unknown> =>
    callApi(`${ruler}/${at(folderUid)}`, { method: 'POST', body: group }),
  deleteRule: (uid: string): Promise<unknown> =>
    callApi(`${provisioning}/alert-rules/${at(uid)}`, { method: 'DELETE', ...editable }),
  rules: async (signal?: AbortSignal): Promise<readonly WireGrafanaGroup[]> => {
    const answer = await orNothing(
      callApi<{ readonly data: { readonly groups: readonly WireGrafanaGroup[] } }>(
        'api/prometheus/grafana/api/v1/rules',
        withSignal(signal),
      ),
      { data: { groups: [] } },
    );
    return answer.data.groups;
  },
  /** Alerts of these rules as the rules know them. */
  alerts: async (signal?: AbortSignal): Promise<readonly WireGrafanaAlert[]> => {
    const answer = await orNothing(
      callApi<{ readonly data: { readonly alerts: readonly WireGrafanaAlert[] } }>(
        'api/prometheus/grafana/api/v1/alerts',
        withSignal(signal),
      ),
      { data: { alerts: [] } },
    );
    return answer.data.alerts;
  },
  evaluate: (
    data: readonly WireRuleQuery[],
    condition: string,
    signal?: AbortSignal,
  ): Promise<{ readonly results: Readonly<Record<string, QueryResult>> }> =>
    callApi('api/v1/eval', {
      method: 'POST',
      body: { data, condition, now: new Date().toISOString() },
      ...withSignal(signal),
    }),

  /** What a rule would have been over a time that has passed. `onProgress` gets 0 to 1. */
  backtest: async (
    asked: {
      readonly rule: WireRulerRule;
      readonly interval: string;
      readonly folderTitle: string;
      readonly fromMs: number;
      readonly toMs: number;
    },
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<WireBacktest> => {
    const { fromMs, toMs, ...rest } = asked;
    const response = await fetchApi('nunchi/alerting/backtest', {
      method: 'POST',
      body: { ...rest, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() },
      signal,
    });
    let unread = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (unread + decoder.decode(chunk, { stream: true })).split('\n');
      unread = lines.pop() ?? '';
      for (const line of lines) {
        const said = JSON.parse(line) as BacktestLine;
        if ('error' in said) throw new ApiError(400, 'BACKTEST_FAILED', said.error);
        if ('result' in said) return said.result;
        onProgress(said.done / said.total);
      }
    }
    const m = messagesNow(common);
    throw new ApiError(0, 'UNREACHABLE', m.unreachable, m.unreachableHint);
  },

  /** Recorded changes of state, newest first. */
  history: async (
    query: {
      readonly ruleUid?: string | undefined;
      readonly fromMs: number;
      readonly toMs: number;
      readonly limit: number;
    },
    signal?: AbortSignal,
  ): Promise<readonly WireHistoryRecord[]> => {
    const frame = await orNothing<WireFrame | undefined>(
      callApi('api/v1/rules/history', {
        query: {
          ruleUID: query.ruleUid,
          from: Math.floor(query.fromMs / 1000),
          to: Math.ceil(query.toMs / 1000),
          limit: query.limit,
        },
        ...withSignal(signal),
      }),
      undefined,
    );
    if (frame === undefined) return [];
    const column = (name: string): readonly unknown[] =>
      frame.data.values[frame.schema.fields.findIndex((field) => field.name === name)] ?? [];
    const lines = column('line');
    return column('time').map((time, index) => ({
      atMs: Number(time),
      line: lineOf(lines[index]),
    }));
  },

  /** Kinds of integrations with the settings that each has. */
  integrationTypes: (signal?: AbortSignal): Promise<readonly WireIntegrationType[]> =>
    orNothing(callApi('api/alert-notifiers', withSignal(signal)), []),

  folders: (signal?: AbortSignal): Promise<readonly WireFolder[]> =>
    orNothing(callApi('api/folders', { query: { limit: 1000 }, ...withSignal(signal) }), []),
  addFolder: (title: string): Promise<WireFolder> =>
    callApi('api/folders', { method: 'POST', body: { title } }),
};

/** Where an export of the server's own form can be had, `kind` as in `contact-points`. */
export const exportPath = (kind: string, query = ''): string =>
  `${provisioning}/${kind}/export?format=yaml&download=true${query}`;
