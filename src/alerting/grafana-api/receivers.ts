import type { FastifyInstance } from 'fastify';
import {
  type ContactPointInput,
  type IntegrationType,
  integrationTypes,
  maxTested,
  replaceWhole,
  type TestReceiver,
  type TestResult,
  testReceivers,
  wholeConfig,
} from '#alerting/notifications';
import type { GrafanaAlertingDeps } from './deps.ts';
import {
  type Answer,
  accepted,
  badRequest,
  type Call,
  isObject,
  type Json,
  objectBody,
  ok,
  routes,
  uiAuthor,
} from './http.ts';

const prefix = '/api/alertmanager/grafana/config/api/v1';
const defaultTimeoutSeconds = 15;
const maxTimeoutSeconds = 30;

/** The whole configuration, receivers with their last attempts, and tests of what is not saved yet. */
export function registerReceiverRoutes(app: FastifyInstance, deps: GrafanaAlertingDeps): void {
  const { notifications, alertmanager } = deps;
  const route = routes(app);
  route('GET', `${prefix}/alerts`, () => ok(wholeConfig(notifications)));
  route('POST', `${prefix}/alerts`, async (call) => {
    await replaceWhole(notifications, objectBody(call), uiAuthor(call));
    return accepted({ message: 'configuration created' });
  });
  route(
    'DELETE',
    `${prefix}/alerts`,
    async (call) => {
      await notifications.resetPolicies(uiAuthor(call));
      return accepted({ message: 'configuration deleted; the default is applied' });
    },
    'admin',
  );
  route('GET', `${prefix}/receivers`, () =>
    ok(
      [...notifications.config.receivers.keys()].map((name) => ({
        name,
        active: true,
        integrations: alertmanager.channels(name).map(({ kind, sendResolved, lastAttempt }) => ({
          name: typeOfKind(kind),
          sendResolved,
          lastNotifyAttempt: timeText(lastAttempt?.atMs),
          lastNotifyAttemptDuration: `${Math.round(lastAttempt?.durationMs ?? 0)}ms`,
          ...(lastAttempt?.error === undefined
            ? {}
            : { lastNotifyAttemptError: lastAttempt.error }),
        })),
      })),
    ),
  );
  route('POST', `${prefix}/receivers/test`, async (call) => {
    const body = objectBody(call);
    const result = await testReceivers(notifications, receiversOf(body), {
      alert: alertOf(body['alert']),
      externalUrl: deps.rules.externalUrl,
      timeoutMs: timeoutSeconds(call) * 1000,
      signal: call.signal,
      http: deps.http,
    });
    return testAnswer(result);
  });
  route('GET', '/api/alert-notifiers', () => ok(integrationTypes.map(typeJson)));
}

/** Contact points know an integration by its type, whichever way its messages are made. */
const typeOfKind = (kind: string): string =>
  kind.replace(/^grafana([A-Z])/, (_, first: string) => first.toLowerCase());

const timeText = (ms: number | undefined): string =>
  ms === undefined ? '0001-01-01T00:00:00.000Z' : new Date(ms).toISOString();

function timeoutSeconds({ headers }: Call): number {
  const written = headers['request-timeout'];
  if (written === undefined) return defaultTimeoutSeconds;
  const seconds = Number(written);
  if (!(seconds > 0)) throw badRequest(`invalid Request-Timeout: ${String(written)}`);
  return Math.min(seconds, maxTimeoutSeconds);
}

function receiversOf(body: Json): readonly TestReceiver[] {
  const list = body['receivers'];
  if (!Array.isArray(list) || list.length === 0 || !list.every(isObject)) {
    throw badRequest('no receivers');
  }
  const receivers = list.map((receiver) => {
    const configs = receiver['grafana_managed_receiver_configs'] ?? [];
    if (!Array.isArray(configs) || !configs.every(isObject)) {
      throw badRequest('grafana_managed_receiver_configs must be a list of objects');
    }
    return { name: String(receiver['name'] ?? ''), integrations: configs.map(inputOf) };
  });
  const count = receivers.reduce((sum, { integrations }) => sum + integrations.length, 0);
  if (count === 0) throw badRequest('no receivers');
  if (count > maxTested) throw badRequest(`more than ${maxTested} integrations at once`);
  return receivers;
}

function inputOf(config: Json): ContactPointInput {
  const settings = isObject(config['settings']) ? config['settings'] : {};
  const secrets = isObject(config['secureSettings']) ? config['secureSettings'] : {};
  const fields = isObject(config['secureFields']) ? config['secureFields'] : {};
  return {
    uid: String(config['uid'] ?? ''),
    name: String(config['name'] ?? ''),
    type: String(config['type'] ?? ''),
    settings: { ...settings, ...secrets },
    secureFields: Object.entries(fields).flatMap(([path, isSet]) => (isSet === true ? [path] : [])),
  };
}

function alertOf(value: unknown): Parameters<typeof testReceivers>[2]['alert'] {
  if (!isObject(value)) return undefined;
  const texts = (key: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(isObject(value[key]) ? value[key] : {}).map(([name, text]) => [
        name,
        String(text),
      ]),
    );
  return { labels: texts('labels'), annotations: texts('annotations') };
}

/** 200 all arrived, 400 none could ever, 408 all took too long, 207 anything between. */
function testAnswer({ alert, receivers, notifiedAtMs }: TestResult): Answer {
  const all = receivers.flatMap(({ integrations }) => integrations);
  const every = (wanted: (typeof all)[number]['cause']): boolean =>
    all.every(({ cause }) => cause === wanted);
  const status = every(undefined) ? 200 : every('invalid') ? 400 : every('timeout') ? 408 : 207;
  return {
    status,
    body: {
      alert,
      receivers: receivers.map(({ name, integrations }) => ({
        name,
        grafana_managed_receiver_configs: integrations.map(({ cause: _cause, ...one }) => one),
      })),
      notified_at: new Date(notifiedAtMs).toISOString(),
    },
  };
}

const typeJson = ({ type, name, fields }: IntegrationType): Json => ({
  type,
  name,
  heading: `${name} settings`,
  description: '',
  info: '',
  options: fields.map((field) => ({
    element: field.element,
    inputType: 'text',
    label: field.label,
    description: field.description ?? '',
    placeholder: field.placeholder ?? '',
    propertyName: field.name,
    selectOptions: field.options ?? null,
    required: field.isRequired === true,
    secure: field.isSecret === true,
    showWhen: { field: '', is: '' },
    validationRule: '',
    dependsOn: '',
  })),
});
