import type { FastifyInstance } from 'fastify';
import { previewNotification, previewTemplates } from '#alerting';
import { notificationError, wholeConfig } from '#alerting/notifications';
import type { GrafanaAlertingDeps } from './deps.ts';
import { exportAnswer } from './export.ts';
import { rulesExport } from './export-documents.ts';
import { badRequest, isObject, type Json, objectBody, ok, routes } from './http.ts';
import { selectedGroups } from './rules.ts';

const publicPrefix = '/api/v1/notifications';
const maxSamples = 100;

/** What pages and programs read besides: names of what can be chosen, templates tried, who gets the alerts. */
export function registerReadingRoutes(app: FastifyInstance, deps: GrafanaAlertingDeps): void {
  const { notifications, alertmanager, rules } = deps;
  const route = routes(app);
  const timings = (): readonly Json[] =>
    notifications.model.muteTimings.map(({ name, time_intervals, provenance }) => ({
      name,
      time_intervals,
      ...(provenance === '' ? {} : { provenance }),
    }));
  const receivers = (): readonly Json[] => {
    const { receivers: all } = wholeConfig(notifications)['alertmanager_config'] as {
      readonly receivers: readonly Json[];
    };
    return all;
  };
  const named = (list: readonly Json[], name: string | undefined, code: NotFound): Json => {
    const found = list.find((one) => one['name'] === name);
    if (found === undefined) throw notificationError(code, `${JSON.stringify(name)} is not there`);
    return found;
  };
  route('GET', `${publicPrefix}/time-intervals`, () => ok(timings()));
  route('GET', `${publicPrefix}/time-intervals/:name`, ({ params }) =>
    ok(named(timings(), params['name'], 'MUTE_TIMING_NOT_FOUND')),
  );
  route('GET', `${publicPrefix}/receivers`, ({ query }) => {
    const names = query.getAll('names');
    const found = receivers().filter(
      ({ name }) => names.length === 0 || names.includes(String(name)),
    );
    const offset = numberIn(query, 'offset', 0);
    return ok(found.slice(offset, offset + numberIn(query, 'limit', found.length)));
  });
  route('GET', `${publicPrefix}/receivers/:name`, ({ params }) =>
    ok(named(receivers(), params['name'], 'CONTACT_POINT_NOT_FOUND')),
  );
  route(
    'POST',
    '/api/alertmanager/grafana/config/api/v1/templates/test',
    (call) => {
      const { template, alerts = [] } = objectBody(call);
      if (typeof template !== 'string') throw badRequest('template must be a text');
      if (!Array.isArray(alerts) || !alerts.every(isObject) || alerts.length > maxSamples) {
        throw badRequest(`alerts must be a list of at most ${maxSamples} objects`);
      }
      const nowMs = alertmanager.nowMs();
      const samples = alerts.length === 0 ? [sampleAlert] : alerts;
      const notification = previewNotification(
        samples.map((one) => sampleOf(one, nowMs)),
        { receiver: 'TestReceiver', externalUrl: alertmanager.externalUrl, nowMs },
      );
      const previews = previewTemplates(alertmanager.config.templates, template, notification);
      return ok({
        results: previews.flatMap(({ name, text }) =>
          text === undefined ? [] : [{ name, text, scope: '.' }],
        ),
        errors: previews.flatMap(({ name, error }) =>
          error === undefined
            ? []
            : [
                {
                  name,
                  kind: name === '' ? 'invalid_template' : 'execution_error',
                  message: error,
                },
              ],
        ),
      });
    },
    'viewer',
  );
  route('GET', '/api/ruler/grafana/api/v1/export/rules', (call) =>
    exportAnswer(
      call,
      rulesExport(selectedGroups(rules.store.groups(), call.query), rules.folders),
    ),
  );
  route('GET', '/api/v1/ngalert', () =>
    ok({ alertmanagersChoice: 'internal', numExternalAlertmanagers: 0 }),
  );
  route('GET', '/api/v1/ngalert/admin_config', () => ok({ alertmanagersChoice: 'internal' }));
  route('GET', '/api/v1/ngalert/alertmanagers', () =>
    ok({ status: 'success', data: { activeAlertManagers: [], droppedAlertManagers: [] } }),
  );
}

type NotFound = 'MUTE_TIMING_NOT_FOUND' | 'CONTACT_POINT_NOT_FOUND';

function numberIn(query: URLSearchParams, key: string, fallback: number): number {
  const text = query.get(key);
  if (text === null || text === '') return fallback;
  if (!/^\d{1,9}$/.test(text))
    throw badRequest(`${key} must be a number, not ${JSON.stringify(text)}`);
  return Number(text);
}

const sampleAlert: Json = {
  labels: { alertname: 'TestAlert', instance: 'Grafana' },
  annotations: { summary: 'Notification test' },
};

function sampleOf(given: Json, nowMs: number): Parameters<typeof previewNotification>[0][number] {
  const texts = (key: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(isObject(given[key]) ? given[key] : {}).map(([name, text]) => [
        name,
        String(text),
      ]),
    );
  const timeOf = (key: string): number | undefined => {
    const timeMs = Date.parse(String(given[key] ?? ''));
    return Number.isNaN(timeMs) ? undefined : timeMs;
  };
  const endsAtMs = timeOf('endsAt');
  const isOver =
    given['status'] === 'resolved' || (endsAtMs !== undefined && endsAtMs > 0 && endsAtMs < nowMs);
  return {
    status: isOver ? 'resolved' : 'firing',
    labels: texts('labels'),
    annotations: texts('annotations'),
    startsAtMs: timeOf('startsAt'),
    generatorUrl: String(given['generatorURL'] ?? ''),
  };
}
