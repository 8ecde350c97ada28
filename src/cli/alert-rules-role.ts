import { join } from 'node:path';
import type { AlertRules } from '#alerting/rules';
import { systemClock } from '#base';
import type { DataSources } from '#dashboards/data-sources';
import type { DashboardStore } from '#dashboards/store';
import type { LogStore } from '#logs/store';
import { labelsOfRecord } from '#metrics/model';
import { type IngestStore, refusedSeries, SampleBatch } from '#metrics/tsdb';
import type { Edge } from '#server';
import type { StateStore } from '#state';
import type { AlertingParts } from './alerting-role.ts';
import type { ServerRoleOptions } from './server-role.ts';

export interface AlertRulesParts {
  readonly state: StateStore;
  readonly logs: LogStore;
  readonly dashboards: DashboardStore;
  readonly sources: DataSources;
  readonly alerting: AlertingParts;
  /** Where results of recording rules go. */
  readonly ingest: IngestStore;
  readonly version: string;
}

export interface AlertRulesRole {
  readonly edges: readonly Edge[];
  /** What the rule of an alert compares, in PromQL of this server. */
  readonly expressionOf: (labels: Readonly<Record<string, string>>) => string | undefined;
  /** Reads the files of provisioning and evaluates from now on. */
  start(): Promise<void>;
}

/** Rules that ask data sources, and Grafana's API of alerting. */
export async function openAlertRules(
  options: ServerRoleOptions,
  { state, logs, dashboards, sources, alerting, ingest, version }: AlertRulesParts,
  parts: AsyncDisposableStack,
): Promise<AlertRulesRole> {
  const { config, log, metrics } = options;
  const { AlertRules: Rules, promqlOfRule, ruleUidLabel } = await import('#alerting/rules');
  const { ownPrometheusUid } = await import('#dashboards/data-sources');
  const { evaluateQueries } = await import('#alerting/expressions');
  const { grafanaAlertingEdge } = await import('#alerting/grafana-api');
  const { provisionFolder, reloadFolder } = await import('#alerting/provisioning');
  const { alertmanager, notifications } = alerting;
  const clock = systemClock;
  const env = options.env ?? {};
  const { listen, publicUrl, dataDir } = config().server;
  sources.setExpressions(async (expressions, answers, range) =>
    evaluateQueries(expressions, answers, range),
  );
  const rules: AlertRules = parts.use(
    await Rules.open({
      state,
      logs,
      folders: {
        get: (uid) => dashboards.folders.get(uid),
        ensure: (title) => dashboards.folderOfPath([title], 'provisioning'),
      },
      names: {
        hasReceiver: (name) => notifications.config.receivers.has(name),
        hasTiming: (name) => notifications.config.timeIntervals.has(name),
      },
      source: sources,
      sink: { put: (alerts) => alertmanager.put(alerts) },
      samples: { write: (samples, atMs) => writeSamples(ingest, samples, atMs) },
      clock,
      log,
      metrics,
      externalUrl: (publicUrl ?? `http://${listen}`).replace(/\/$/, ''),
      folder: join(dataDir, 'alerting'),
    }),
  );
  followSettings(rules, alerting);
  const rulesIn = (folderUids: readonly string[]): readonly string[] =>
    rules.store
      .groups()
      .filter(({ folderUid }) => folderUids.includes(folderUid))
      .flatMap((group) => group.rules.map(({ uid }) => uid));
  dashboards.setFolderGuests({
    count: (folderUids) => rulesIn(folderUids).length,
    remove: async (folderUids, by) => {
      const author = { by, via: 'provisioning', provenance: 'api' } as const;
      await rules.store.deleteRules(rulesIn(folderUids), author);
    },
  });
  const deps = { rules, notifications, env, log: log.child('alerting/provisioning') };
  const folder = (): string | undefined => {
    const { provisioningDir } = config().dashboards;
    return provisioningDir === undefined ? undefined : join(provisioningDir, 'alerting');
  };
  const reloadFiles = async (): Promise<void> => {
    const path = folder();
    if (path !== undefined) await reloadFolder(path, deps);
  };
  return {
    edges: [
      grafanaAlertingEdge({
        rules,
        notifications,
        alertmanager,
        http: { clock, env, version, messages: alerting.messages },
        clock,
        log,
        reloadFiles,
      }),
    ],
    expressionOf: (labels) => {
      const placed = rules.store.find(labels[ruleUidLabel] ?? '');
      return placed === undefined ? undefined : promqlOfRule(placed.rule, ownPrometheusUid);
    },
    start: async () => {
      const path = folder();
      if (path !== undefined) await provisionFolder(path, deps);
      await rules.start();
    },
  };
}

/** Routes of rules that name their contact point are made anew only when these names change. */
function followSettings(rules: AlertRules, alerting: AlertingParts): void {
  const keyOf = (): string => JSON.stringify(rules.notificationSettings());
  let key = keyOf();
  alerting.followRules(() => rules.notificationSettings());
  rules.store.onChange(() => {
    const next = keyOf();
    if (next === key) return;
    key = next;
    alerting.notifications.refresh();
  });
}

async function writeSamples(
  store: IngestStore,
  samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[],
  atMs: number,
): Promise<void> {
  const batch = new SampleBatch();
  for (const { labels, value } of samples) {
    const ref = store.seriesRef(labelsOfRecord(labels));
    if (ref !== refusedSeries) batch.add(ref, atMs, value);
  }
  await store.append(batch);
}
