import {
  type Alertmanager,
  type ChannelView,
  type Explanation,
  explain,
  previewNotification,
  previewTemplates,
  type Route,
} from '#alerting';
import { apiRoute, type Edge } from '#server';
import {
  explainBody,
  explainResponse,
  previewBody,
  previewResponse,
  routingResponse,
  summaryResponse,
} from './own-schemas.ts';
import type {
  WireAlertSummary,
  WireExplanation,
  WireIntegration,
  WireRoute,
  WireRouting,
  WireSampleAlert,
} from './wire.ts';

/** Who decides where alerts go. */
export interface RoutingOwner {
  /** `file`: an alertmanager.yml or that part of nunchi.yaml; `api`: whoever may change it. */
  readonly owner: 'file' | 'api';
  readonly file?: string | undefined;
}

export interface AlertingApiDeps {
  readonly alertmanager: Alertmanager;
  readonly routingOwner: () => RoutingOwner;
}

const tag = 'alerting';

/** `/nunchi/alerting/…`: what the console shows and Alertmanager's own API does not tell. */
export function alertingEdge({ alertmanager, routingOwner }: AlertingApiDeps): Edge {
  return {
    name: 'alerting-api',
    register: (app) => {
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/alerting/routing',
          tag,
          summary:
            'The tree of routes in force, its receivers and time intervals, with what goes by',
          response: routingResponse,
        },
        () => ({ ...routingOwner(), ...routingJson(alertmanager) }),
      );
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/alerting/summary',
          tag,
          summary: 'How many alerts fire, and how many of them are silenced or inhibited',
          response: summaryResponse,
        },
        () => summaryJson(alertmanager),
      );
      apiRoute(
        app,
        {
          method: 'POST',
          url: '/nunchi/alerting/explain',
          tag,
          summary: 'Why somebody is told of an alert, or is not; which routes labels would take',
          body: explainBody,
          response: explainResponse,
          access: 'viewer',
        },
        ({ body }) => explanationJson(explain(alertmanager, body.labels), alertmanager.nowMs()),
      );
      apiRoute(
        app,
        {
          method: 'POST',
          url: '/nunchi/alerting/templates/preview',
          tag,
          summary: 'What a template says about alerts',
          body: previewBody,
          response: previewResponse,
          access: 'viewer',
        },
        ({ body }) => {
          const nowMs = alertmanager.nowMs();
          const notification = previewNotification(body.alerts.map(sampleOf), {
            receiver: body.receiver,
            externalUrl: alertmanager.externalUrl,
            nowMs,
          });
          const { templates } = alertmanager.config;
          return { results: [...previewTemplates(templates, body.template, notification)] };
        },
      );
    },
  };
}

const sampleOf = ({ startsAt, ...sample }: WireSampleAlert) => ({
  ...sample,
  startsAtMs: startsAt,
});

function summaryJson(manager: Alertmanager): WireAlertSummary {
  const counts = { active: 0, suppressed: 0 };
  for (const { alert } of manager.alerts()) {
    counts[manager.isHeard(alert.labels) ? 'active' : 'suppressed']++;
  }
  return { firing: counts.active, suppressed: counts.suppressed };
}

function routingJson(manager: Alertmanager): Omit<WireRouting, 'owner'> {
  const nowMs = manager.nowMs();
  const load = new Map<number, { groups: number; alerts: number }>();
  for (const { route, alerts } of manager.groups()) {
    const firing = alerts.filter(({ endsAtMs }) => endsAtMs > nowMs).length;
    if (firing === 0) continue;
    const known = load.get(route.id) ?? { groups: 0, alerts: 0 };
    load.set(route.id, { groups: known.groups + 1, alerts: known.alerts + firing });
  }
  const { receivers, timeIntervals, route } = manager.config;
  return {
    route: routeJson(route, load),
    receivers: [...receivers.keys()].map((name) => ({
      name,
      integrations: manager.channels(name).map(integrationJson),
    })),
    timeIntervals: [...timeIntervals].map(([name, intervals]) => ({
      name,
      isNow: manager.isWithin(name, nowMs),
      intervals: intervals.map(({ times, weekdays, daysOfMonth, months, years, location }) => ({
        times: [...times],
        weekdays: [...weekdays],
        daysOfMonth: [...daysOfMonth],
        months: [...months],
        years: [...years],
        location,
      })),
    })),
    now: nowMs,
  };
}

function routeJson(
  route: Route,
  load: ReadonlyMap<number, { readonly groups: number; readonly alerts: number }>,
): WireRoute {
  const { matchers, groupBy, muteTimeIntervals, activeTimeIntervals, routes, ...same } = route;
  return {
    ...same,
    matchers: matchers.map(({ name, operator, value }) => ({ name, operator, value })),
    groupBy: groupBy === 'all' ? ['...'] : [...groupBy],
    muteTimeIntervals: [...muteTimeIntervals],
    activeTimeIntervals: [...activeTimeIntervals],
    ...(load.get(route.id) ?? { groups: 0, alerts: 0 }),
    routes: routes.map((child) => routeJson(child, load)),
  };
}

const integrationJson = ({
  name,
  kind,
  sendResolved,
  lastAttempt,
}: ChannelView): WireIntegration => ({
  name,
  kind,
  sendResolved,
  ...(lastAttempt === undefined
    ? {}
    : {
        lastAttempt: {
          at: lastAttempt.atMs,
          durationMs: lastAttempt.durationMs,
          error: lastAttempt.error,
        },
      }),
});

function explanationJson(found: Explanation, nowMs: number): WireExplanation {
  const { fingerprint } = found;
  return {
    fingerprint,
    isKnown: found.alert !== undefined,
    silencedBy: found.silencedBy.map(({ id, comment, createdBy, endsAtMs }) => ({
      id,
      comment,
      createdBy,
      endsAt: endsAtMs,
    })),
    inhibitedBy: found.inhibitedBy.map((source) => ({
      fingerprint: source.fingerprint,
      labels: source.labels,
    })),
    routes: found.routes.map(
      ({ path, route, groupKey, groupLabels, group, mutedBy, channels }) => ({
        path: [...path],
        key: route.key,
        receiver: route.receiver,
        groupKey,
        groupLabels,
        alerts: group?.alerts.length ?? 0,
        nextAt: group?.nextMs,
        repeatIntervalMs: route.repeatIntervalMs,
        mutedBy: [...mutedBy],
        integrations: channels.map(({ channel, told }) => ({
          ...integrationJson(channel),
          ...(told === undefined
            ? {}
            : {
                told: {
                  at: told.timestampMs,
                  as: told.firing.includes(fingerprint)
                    ? ('firing' as const)
                    : told.resolved.includes(fingerprint)
                      ? ('resolved' as const)
                      : ('absent' as const),
                },
              }),
        })),
      }),
    ),
    now: nowMs,
  };
}
