import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type Alert,
  type Alertmanager,
  type AlertStatus,
  alertmanagerVersion,
  type Matchers,
  matchesAll,
  parseMatcher,
  type Silence,
  silenceState,
} from '#alerting';
import { AppError, describeError, isAppError, type Logger } from '#base';
import { compileLabelPattern, type LabelPattern } from '#metrics/model';
import type { Edge } from '#server';
import { alertJson, parseBody, postedAlerts, postedSilence, silenceJson } from './json.ts';

export interface AlertmanagerApiDeps {
  readonly alertmanager: Alertmanager;
  readonly log: Logger;
}

/** A batch of alerts with long annotations. */
const maxBodyBytes = 32 * 1024 * 1024;

type Handler = (call: {
  readonly query: URLSearchParams;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}) => unknown;

/** Where the API stands, and with which status a silence is made. */
export interface AlertmanagerApiPlace {
  readonly prefix: string;
  readonly silenceStatus: 200 | 202;
}

/** `/api/v2/…` as Alertmanager has it. */
export function alertmanagerEdge(
  deps: AlertmanagerApiDeps,
  { prefix, silenceStatus }: AlertmanagerApiPlace = { prefix: '/api/v2', silenceStatus: 200 },
): Edge {
  const { alertmanager } = deps;
  return {
    name: `alertmanager-api ${prefix}`,
    register: async (app) => {
      await app.register(async (scope) => {
        answerErrors(scope, deps.log.child('alerting/api'));
        const route = (method: 'GET' | 'POST' | 'DELETE', path: string, handler: Handler): void =>
          registerRoute(scope, method, `${prefix}${path}`, handler);
        route('GET', '/status', () => statusJson(alertmanager));
        route('GET', '/receivers', () =>
          [...alertmanager.config.receivers.keys()].map((name) => ({ name })),
        );
        route('GET', '/alerts', ({ query }) => listAlerts(alertmanager, query));
        route('POST', '/alerts', async ({ request }) => {
          const problems = await alertmanager.put(postedAlerts(parseBody(request.body)));
          if (problems.length > 0) throw new AppError('ALERTING_INVALID', problems.join('\n'));
          return undefined;
        });
        route('GET', '/alerts/groups', ({ query }) => listGroups(alertmanager, query));
        route('GET', '/silences', ({ query }) => listSilences(alertmanager, query));
        route('POST', '/silences', async ({ request, reply }) => {
          const silenceID = await setSilence(alertmanager, request);
          reply.code(silenceStatus);
          // Some clients look for the one name, some for the other.
          return silenceStatus === 200 ? { silenceID } : { silenceID, id: silenceID };
        });
        route('GET', '/silence/:id', ({ request }) => {
          const silence = alertmanager.silences.get(idOf(request));
          if (silence === undefined) throw notFound(idOf(request));
          return silenceJson(silence, alertmanager.nowMs());
        });
        route('DELETE', '/silence/:id', async ({ request }) => {
          await alertmanager.expireSilence(idOf(request));
          return undefined;
        });
        if (prefix === '/api/v2') registerFormerRoutes(scope);
      });
    },
  };
}

function registerRoute(
  app: FastifyInstance,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  handler: Handler,
): void {
  app.route({
    method,
    url,
    config: { maxBodyBytes },
    handler: async (request, reply) => {
      const at = request.url.indexOf('?');
      const query = new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1));
      const answer = await handler({ query, request, reply });
      reply.header('cache-control', 'no-store');
      if (answer === undefined) return reply.code(200).send('');
      return reply.type('application/json').send(JSON.stringify(answer));
    },
  });
}

const statusByCode: Readonly<Record<string, number>> = {
  ALERTING_INVALID: 400,
  ALERTING_UNPROCESSABLE: 422,
  METRICS_PATTERN_INVALID: 400,
  SILENCE_NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  HOST_REFUSED: 403,
  ORIGIN_REFUSED: 403,
  TOO_MANY_REQUESTS: 429,
};

/** The error's words, as a JSON string: so do clients expect them. */
function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const given = (error as { statusCode?: number }).statusCode;
    const status = (isAppError(error) ? statusByCode[error.code] : given) ?? 500;
    if (status >= 500) {
      const path = request.url.split('?')[0];
      log.error('A request to the Alertmanager API failed', { path, err: error });
    }
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="nunchi"');
    const message = isAppError(error) ? error.message : describeError(error);
    // Schema errors are objects with a number that clients print.
    const body =
      status === 422 ? { code: message.endsWith('required') ? 602 : 601, message } : message;
    return reply.code(status).type('application/json').send(JSON.stringify(body));
  });
}

const idOf = (request: FastifyRequest): string => (request.params as { readonly id: string }).id;

const notFound = (id: string): AppError =>
  new AppError('SILENCE_NOT_FOUND', `silence ${id} not found`);

const flagOf = (query: URLSearchParams, name: string): boolean => query.get(name) !== 'false';

function statusJson(alertmanager: Alertmanager): unknown {
  return {
    cluster: { peers: [], status: 'disabled' },
    config: { original: alertmanager.config.original },
    uptime: new Date(alertmanager.startedMs).toISOString(),
    versionInfo: {
      branch: 'HEAD',
      buildDate: '',
      buildUser: 'nunchi',
      goVersion: '',
      revision: 'nunchi',
      version: alertmanagerVersion,
    },
  };
}

/** What `filter`, `receiver` and the flags of a request leave. */
interface AlertFilter {
  readonly matchers: Matchers;
  readonly receiver: LabelPattern | undefined;
  accepts(status: AlertStatus): boolean;
}

function alertFilter(query: URLSearchParams): AlertFilter {
  const receiver = query.get('receiver') ?? '';
  const [active, silenced, inhibited, muted] = ['active', 'silenced', 'inhibited', 'muted'].map(
    (name) => flagOf(query, name),
  );
  return {
    matchers: query.getAll('filter').map(parseMatcher),
    receiver: receiver === '' ? undefined : compileLabelPattern(receiver),
    accepts: ({ state, silencedBy, inhibitedBy, mutedBy }) =>
      (active === true || state !== 'active') &&
      (silenced === true || silencedBy.length === 0) &&
      (inhibited === true || inhibitedBy.length === 0) &&
      (muted === true || mutedBy.length === 0),
  };
}

function listAlerts(alertmanager: Alertmanager, query: URLSearchParams): unknown {
  const filter = alertFilter(query);
  const { receiver } = filter;
  return alertmanager
    .alerts()
    .filter(({ alert }) => matchesAll(filter.matchers, alert.labels))
    .filter(
      ({ receivers }) => receiver === undefined || receivers.some((one) => receiver.test(one)),
    )
    .map((one) => ({ ...one, status: alertmanager.status(one.alert.labels) }))
    .filter(({ status }) => filter.accepts(status))
    .sort((a, b) => (a.alert.fingerprint < b.alert.fingerprint ? -1 : 1))
    .map(({ alert, status, receivers }) => alertJson(alert, status, receivers));
}

function listGroups(alertmanager: Alertmanager, query: URLSearchParams): unknown {
  const filter = alertFilter(query);
  const nowMs = alertmanager.nowMs();
  const receiversOf = new Map(
    alertmanager.alerts().map(({ alert, receivers }) => [alert.fingerprint, receivers]),
  );
  return [...alertmanager.groups()]
    .filter(({ route }) => filter.receiver?.test(route.receiver) ?? true)
    .map(({ key, labels, route, alerts }) => ({
      key,
      labels,
      receiver: { name: route.receiver },
      alerts: alerts
        .filter((alert: Alert) => alert.endsAtMs > nowMs)
        .filter((alert) => matchesAll(filter.matchers, alert.labels))
        .map((alert) => ({ alert, status: alertmanager.status(alert.labels, route) }))
        .filter(({ status }) => filter.accepts(status))
        .map(({ alert, status }) =>
          alertJson(alert, status, receiversOf.get(alert.fingerprint) ?? [route.receiver]),
        ),
    }))
    .filter(({ alerts }) => alerts.length > 0)
    .sort((a, b) => (`${a.key} ${a.receiver.name}` < `${b.key} ${b.receiver.name}` ? -1 : 1))
    .map(({ key: _key, ...group }) => group);
}

function listSilences(alertmanager: Alertmanager, query: URLSearchParams): unknown {
  const nowMs = alertmanager.nowMs();
  const matchers = query.getAll('filter').map(parseMatcher);
  return [...alertmanager.silences.all()]
    .filter((silence) => matchers.every((matcher) => speaksOf(silence, matcher)))
    .sort((a, b) => inOrder(a, b, nowMs))
    .map((silence) => silenceJson(silence, nowMs));
}

/** A filter is over the labels that a silence names, as if its values were those of an alert. */
function speaksOf(silence: Silence, matcher: Matchers[number]): boolean {
  const named = silence.matchers.find(({ name }) => name === matcher.name);
  return matcher.matches(named?.value ?? '');
}

const stateOrder = ['active', 'pending', 'expired'] as const;

/** Active ones that end first, pending ones that begin first, expired ones that ended last. */
function inOrder(a: Silence, b: Silence, nowMs: number): number {
  const [stateA, stateB] = [silenceState(a, nowMs), silenceState(b, nowMs)];
  if (stateA !== stateB) return stateOrder.indexOf(stateA) - stateOrder.indexOf(stateB);
  if (stateA === 'pending') return a.startsAtMs - b.startsAtMs;
  return stateA === 'active' ? a.endsAtMs - b.endsAtMs : b.endsAtMs - a.endsAtMs;
}

async function setSilence(alertmanager: Alertmanager, request: FastifyRequest): Promise<string> {
  const silence = postedSilence(parseBody(request.body));
  if (silence.startsAtMs >= silence.endsAtMs) {
    const why = 'start time must be before end time';
    throw new AppError('ALERTING_INVALID', `Failed to create silence: ${why}`);
  }
  if (silence.endsAtMs < alertmanager.nowMs()) {
    const why = "end time can't be in the past";
    throw new AppError('ALERTING_INVALID', `Failed to create silence: ${why}`);
  }
  return await alertmanager.setSilence(silence);
}

/** What stood below `/api/v1` and is not Prometheus': clients are told where to go, as Alertmanager tells them. */
function registerFormerRoutes(app: FastifyInstance): void {
  const former = [
    ['GET', '/alerts/groups'],
    ['POST', '/alerts'],
    ['GET', '/receivers'],
    ['GET', '/silences'],
    ['POST', '/silences'],
    ['GET', '/silence/:id'],
    ['DELETE', '/silence/:id'],
    ['GET', '/status'],
  ] as const;
  for (const [method, path] of former) {
    app.route({
      method,
      url: `/api/v1${path}`,
      config: { access: 'viewer' },
      handler: (_request, reply) =>
        reply.code(410).send({
          status: 'deprecated',
          error:
            'The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0 - please use the equivalent route in the v2 API',
        }),
    });
  }
}
