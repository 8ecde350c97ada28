import {
  DeliveryError,
  fingerprintOf,
  type Integration,
  type Notification,
  type OpenDeps,
  openSender,
} from '#alerting';
import { describeError, isAppError } from '#base';
import { integrationsWith, revealedSettings } from './contact-points.ts';
import { type ContactPointInput, redacted } from './contract.ts';
import type { Notifications } from './store.ts';
import { integrationType, secretPaths } from './types/registry.ts';

/** Labels and annotations of the alert that a test sends. */
export interface TestAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface TestedIntegration {
  readonly name: string;
  readonly uid: string;
  readonly status: 'ok' | 'failed';
  readonly error?: string;
  /** Why it failed: it never could, it took too long, or the other side refused. */
  readonly cause?: 'invalid' | 'timeout' | 'refused';
}

export interface TestResult {
  readonly alert: TestAlert;
  readonly receivers: readonly {
    readonly name: string;
    readonly integrations: readonly TestedIntegration[];
  }[];
  readonly notifiedAtMs: number;
}

export interface TestReceiver {
  readonly name: string;
  readonly integrations: readonly ContactPointInput[];
}

/** Integrations of one test; more are no form. */
export const maxTested = 100;

/** What a test says where nobody says otherwise. */
const predefined: TestAlert = {
  annotations: {
    summary: 'Notification test',
    __value_string__: "[ metric='foo' labels={instance=bar} value=10 ]",
  },
  labels: { alertname: 'TestAlert', instance: 'Grafana' },
};

/** Sends one alert to receivers that need not be saved; secrets that are not given are those saved. */
export async function testReceivers(
  notifications: Notifications,
  receivers: readonly TestReceiver[],
  {
    alert,
    externalUrl,
    timeoutMs,
    signal,
    http,
  }: {
    readonly alert: Partial<TestAlert> | undefined;
    readonly externalUrl: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly http: OpenDeps;
  },
): Promise<TestResult> {
  const sent: TestAlert = {
    labels: { ...predefined.labels, ...alert?.labels },
    annotations: { ...predefined.annotations, ...alert?.annotations },
  };
  const nowMs = http.clock.nowMs();
  const tell = async (integration: Integration): Promise<void> => {
    using sender = openSender(integration, notifications.config.templates, http);
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    await sender.send(notificationOf(sent, integration.receiver, externalUrl, nowMs), ends);
  };
  const results = receivers.map(async ({ name, integrations }) => ({
    name,
    integrations: await Promise.all(
      integrations.map((input) => testOne(notifications, { ...input, name }, input.name, tell)),
    ),
  }));
  return { alert: sent, receivers: await Promise.all(results), notifiedAtMs: nowMs };
}

async function testOne(
  notifications: Notifications,
  input: ContactPointInput,
  shownName: string,
  tell: (integration: Integration) => Promise<void>,
): Promise<TestedIntegration> {
  const shown = { name: shownName, uid: input.uid ?? '' };
  try {
    const point = { ...input, disableResolveMessage: false };
    const settings = completed(notifications, input);
    for (const integration of integrationsWith(point, settings, notifications.defaults)) {
      await tell(integration);
    }
    return { ...shown, status: 'ok' };
  } catch (error) {
    const cause =
      error instanceof DeliveryError
        ? error.reason === 'contextDeadlineExceeded'
          ? 'timeout'
          : 'refused'
        : isAppError(error)
          ? 'invalid'
          : 'refused';
    return { ...shown, status: 'failed', error: describeError(error), cause };
  }
}

/** Settings with the secrets of the saved contact point where the form does not know them. */
function completed(
  notifications: Notifications,
  input: ContactPointInput,
): ContactPointInput['settings'] {
  const saved = notifications.model.contactPoints.find(({ uid }) => uid === input.uid);
  if (saved === undefined || saved.type !== input.type) return input.settings;
  const known = revealedSettings(saved, notifications.sealing);
  const settings: Record<string, unknown> = { ...input.settings };
  for (const path of secretPaths(integrationType(input.type))) {
    const [key = ''] = path.split('.');
    const isMissing = settings[key] === undefined || settings[key] === redacted;
    const isKept = settings[key] === redacted || input.secureFields?.includes(path) === true;
    if (isMissing && isKept) settings[key] = known[key];
  }
  return settings;
}

/** The group of a test has all of its labels. */
function notificationOf(
  { labels, annotations }: TestAlert,
  receiver: string,
  externalUrl: string,
  nowMs: number,
): Notification {
  return {
    receiver,
    groupKey: `test-${fingerprintOf(labels)}-${Math.floor(nowMs / 1000)}`,
    groupLabels: labels,
    externalUrl,
    nowMs,
    alerts: [
      {
        status: 'firing',
        alert: {
          fingerprint: fingerprintOf(labels),
          labels,
          annotations,
          startsAtMs: nowMs,
          endsAtMs: nowMs + 60_000,
          updatedAtMs: nowMs,
          generatorUrl: '',
          isTimeout: false,
        },
      },
    ],
  };
}
