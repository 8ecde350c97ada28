import type { Alertmanager } from '#alerting';
import { AppError, maskSecrets, systemClock } from '#base';
import type { AuditRecord, Chat, ChatConfig } from '#chat';
import type { DataSources } from '#dashboards/data-sources';
import type { KubernetesView } from '#kubernetes/api';
import type { Cluster } from '#kubernetes/cluster';
import type { LogStore } from '#logs/store';
import type { PromqlEngine } from '#metrics/promql';
import type { MetricStore } from '#metrics/tsdb';
import type { StateStore } from '#state';
import type { Incident } from '#watch';
import { defaultClusterName } from '../cluster-history-role.ts';
import type { ServerRoleOptions } from '../server-role.ts';
import type { OwnCommandDeps } from './own-commands.ts';

export interface ChatRoleDeps {
  readonly kubernetes: KubernetesView;
  readonly state: StateStore;
  readonly logs: LogStore;
  readonly metricStore: MetricStore;
  readonly engine: PromqlEngine;
  readonly alertmanager: Alertmanager;
  readonly dataSources: DataSources;
  readonly incidents: () => readonly Incident[];
  readonly findIncident: (id: string) => Promise<Incident | undefined>;
  readonly incidentOfThread: (thread: string) => Promise<Incident | undefined>;
  readonly version: string;
}

/** Where every command goes, whoever asked it. */
export const chatAuditGroup = (clusterName: string): string => `/nunchi/${clusterName}/chat-audit`;

/** A bot by one configuration. */
export async function openChat(
  options: ServerRoleOptions,
  deps: ChatRoleDeps,
  cluster: Cluster,
  config: ChatConfig,
): Promise<Chat> {
  const { Chat } = await import('#chat');
  const { ownCommands } = await import('./own-commands.ts');
  const { usageReader } = await import('#kubernetes/usage');
  const { env = {}, log, metrics } = options;
  const { kubernetes, chat: section, server } = options.config();
  const clusterName = deps.kubernetes.clusterName() ?? defaultClusterName;
  const own = ownCommands({
    clock: systemClock,
    engine: deps.engine,
    logs: deps.logs,
    alertmanager: deps.alertmanager,
    readUsage: usageReader(deps.metricStore, systemClock),
    incidents: deps.incidents,
    findIncident: deps.findIncident,
    clusterName,
    publicUrl: () => server.publicUrl,
    queryLogs: logQuery(deps.dataSources),
    timeZone: () => (server.timeZone === 'local' ? 'UTC' : server.timeZone),
  });
  const { KubernetesIdentity } = await import('#kubernetes/identity');
  const identity = new KubernetesIdentity({ client: cluster.client, clock: systemClock });
  const chat = await Chat.open(
    config.clusterName === 'not-configured' ? { ...config, clusterName } : config,
    {
      cluster,
      state: deps.state,
      clock: systemClock,
      log: log.child('chat'),
      metrics,
      access: {
        kubeconfig: section.kubeconfig ?? kubernetes.kubeconfig,
        context: kubernetes.context,
        env,
      },
      version: deps.version,
      own,
      ownAlerts: () =>
        deps.alertmanager.alerts().map(({ alert }) => ({
          ...{ labels: alert.labels, annotations: alert.annotations, state: 'firing' },
          activeAt: new Date(alert.startsAtMs).toISOString(),
        })),
      mayDo: async ({ user, groups }, right) => {
        // Whoever is impersonated is authenticated.
        const asked = {
          user,
          uid: undefined,
          groups: [...groups, 'system:authenticated'],
          extra: {},
        };
        return (await identity.mayAccess(asked, { kind: 'resource', ...right })).allowed;
      },
      subjectOfThread: async (thread) => {
        const incident = await deps.incidentOfThread(thread);
        if (incident === undefined) return undefined;
        const { subject, container } = incident.cause;
        return { id: incident.id, ...subject, container };
      },
      audit: auditLog(deps.logs, clusterName),
      mask: maskSecrets,
    },
  );
  chat.start();
  return chat;
}

function auditLog(logs: LogStore, clusterName: string): (record: AuditRecord) => Promise<void> {
  return async (record) => {
    const { SectionBuilder } = await import('#logs/batch');
    const builder = new SectionBuilder(chatAuditGroup(clusterName), record.platform);
    builder.add(Date.parse(record.time), JSON.stringify(record));
    await logs.append({ sections: [builder.finish()] });
  };
}

/** By the data source of our own logs, whose limits hold here too. */
function logQuery(sources: DataSources): OwnCommandDeps['queryLogs'] {
  return async ({ text, groups, fromMs, toMs }, signal) => {
    const answers = await sources.query(
      {
        fromMs,
        toMs,
        queries: [
          {
            refId: 'A',
            datasource: { uid: 'cloudwatch', type: 'cloudwatch' },
            queryMode: 'Logs',
            expression: text,
            logGroupNames: [...groups],
          },
        ],
      },
      signal,
    );
    const answer = answers.get('A');
    if (answer?.error !== undefined) throw new AppError('CHAT_QUERY_FAILED', answer.error);
    const [frame] = answer?.frames ?? [];
    return (frame?.fields ?? []).map(({ name, type, values }) => ({
      name,
      kind: type === 'time' || type === 'number' ? type : 'text',
      values: Array.from(values),
    }));
  };
}
