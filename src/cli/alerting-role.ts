import { join } from 'node:path';
import type { Alertmanager, AlertmanagerText, EvidenceSources, MessageMaker } from '#alerting';
import type { RoutingOwner } from '#alerting/api';
import type { Notifications } from '#alerting/notifications';
import type { NotificationSettings } from '#alerting/rules';
import { systemClock } from '#base';
import type { AlertingSection } from '#config';
import type { Edge } from '#server';
import type { StateStore } from '#state';
import { messageSettings } from './alert-evidence.ts';
import type { ServerRoleOptions } from './server-role.ts';

/** Where the Alertmanager configuration is; undefined: there is none. */
export function alertmanagerText({
  alertmanagerConfig,
  alertmanager,
}: AlertingSection): AlertmanagerText | undefined {
  if (alertmanagerConfig !== undefined) return { path: alertmanagerConfig };
  if (alertmanager === undefined) return undefined;
  const { text, source, line } = alertmanager;
  return { text, file: source, firstLine: line, key: 'alerting.alertmanager' };
}

function routingOwner(section: AlertingSection): RoutingOwner {
  const text = alertmanagerText(section);
  if (text === undefined) return { owner: 'api' };
  return { owner: 'file', file: 'path' in text ? text.path : text.file };
}

export interface AlertingParts {
  readonly alertmanager: Alertmanager;
  readonly notifications: Notifications;
  /** Makes messages, also those of tests. */
  readonly messages: MessageMaker;
  readonly edges: readonly Edge[];
  /** Messages carry evidence from now on. */
  setEvidence(sources: EvidenceSources): void;
  /** Reads the configuration again. @throws {AppError} when it is refused */
  reload(): void;
  /** Rules that go past the notification policies have routes of their own from now on. */
  followRules(settings: () => readonly NotificationSettings[]): void;
  /** Tells receivers from now on. */
  start(): void;
}

/**
 * Groups, silences and tells of alerts, whoever sends them.
 * @throws {AppError} ALERTMANAGER_CONFIG_INVALID, ALERTMANAGER_CONFIG_UNREADABLE
 */
export async function openAlerting(
  options: ServerRoleOptions,
  { version, state }: { readonly version: string; readonly state: StateStore },
  parts: AsyncDisposableStack,
): Promise<AlertingParts> {
  const {
    Alertmanager: Manager,
    defaultAlertmanagerYaml,
    messageMaker,
    openAlertmanagerConfig,
  } = await import('#alerting');
  const { Notifications: Model } = await import('#alerting/notifications');
  const { alertingEdge, alertmanagerEdge } = await import('#alerting/api');
  const { config, log, metrics } = options;
  const deps = { clock: systemClock, log, metrics };
  const handle = parts.use(openAlertmanagerConfig(() => alertmanagerText(config().alerting), deps));
  const { listen, publicUrl, dataDir } = config().server;
  let evidence: EvidenceSources | undefined;
  const messages = messageMaker(
    () => messageSettings(config()),
    () => evidence,
  );
  const alertmanager = parts.use(
    await Manager.open(handle.current(), {
      ...deps,
      env: options.env ?? {},
      version,
      externalUrl: (publicUrl ?? `http://${listen}`).replace(/\/$/, ''),
      folder: join(dataDir, 'alerting'),
      messages,
    }),
  );
  let settings: () => readonly NotificationSettings[] = () => [];
  const isConfigured = (): boolean => alertmanagerText(config().alerting) !== undefined;
  const notifications = await Model.open({
    state,
    log: log.child('alerting/notifications'),
    file: () => (isConfigured() ? handle.current() : undefined),
    defaults: defaultAlertmanagerYaml(),
    settings: () => settings(),
    apply: (next) => alertmanager.apply(next),
  });
  notifications.refresh();
  handle.onChange(() => notifications.refresh());
  // A refused one is in the log and in the metrics already.
  const end = options.onConfigChange?.(() => {
    try {
      handle.reload();
    } catch {}
  });
  if (end !== undefined) parts.defer(end);
  return {
    alertmanager,
    notifications,
    messages,
    followRules: (read) => {
      settings = read;
      notifications.refresh();
    },
    edges: [
      alertmanagerEdge({ alertmanager, log }),
      alertingEdge({ alertmanager, routingOwner: () => routingOwner(config().alerting) }),
    ],
    setEvidence: (sources) => {
      evidence = sources;
    },
    reload: handle.reload,
    start: () => {
      alertmanager.start();
      handle.start();
    },
  };
}
