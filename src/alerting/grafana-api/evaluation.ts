import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { framesOfValues, type Outcome } from '#alerting/expressions';
import {
  type AlertInstance,
  type Backtest,
  backtest,
  checkRule,
  durationMsOf,
  type HistoryEntry,
  isFiring,
  maxHistoryEntries,
  type PlacedRule,
  previewRule,
  readRulerRule,
} from '#alerting/rules';
import { describeError } from '#base';
import { toDataFrame } from '#dashboards/data-sources';
import { closeSignal } from '#server';
import type { GrafanaAlertingDeps } from './deps.ts';
import { badRequest, type Call, isObject, type Json, objectBody, ok, routes } from './http.ts';
import { newRuleUid } from './rules.ts';

const dayMs = 86_400_000;
const defaultHistoryEntries = 1000;

/** What rules would find now or would have found, and what they have found: `/api/v1/eval`, `…/rule/…`, `…/rules/history`. */
export function registerEvaluationRoutes(app: FastifyInstance, deps: GrafanaAlertingDeps): void {
  const { rules } = deps;
  const route = routes(app);
  route(
    'POST',
    '/api/v1/eval',
    async (call) => {
      const body = objectBody(call);
      const rule = previewed({ condition: lastRefId(body), ...body });
      const atMs = timeOf(body['now']) ?? deps.clock.nowMs();
      const outcomes = await previewRule(rule, rules.source, { atMs, signal: call.signal });
      return ok({ results: resultsOf(outcomes) });
    },
    'viewer',
  );
  route(
    'POST',
    '/api/v1/rule/test/grafana',
    async (call) => {
      const body = objectBody(call);
      const placed = placedRule(body['rule'] ?? body, body, deps);
      const atMs = deps.clock.nowMs();
      // With no pending period: what it would tell if it were so for long enough.
      const rule = { ...placed.rule, forMs: 0 };
      const { final } = await backtest({ ...placed, rule }, rules.source, {
        fromMs: atMs,
        toMs: atMs,
        signal: call.signal,
        folderTitle: titleOf(body, placed, deps),
      });
      return ok(final.filter(({ state }) => isFiring(state)).map((one) => alertJson(one, deps)));
    },
    'viewer',
  );
  route('POST', '/api/v1/rule/backtest', (call) => backtestAnswer(call, deps), 'viewer');
  registerBacktestStream(app, deps);
  route('GET', '/api/v1/rules/history', async ({ query, signal }) => {
    const nowMs = deps.clock.nowMs();
    const labels = [...query]
      .filter(([name]) => name.startsWith('labels_'))
      .map(([name, value]) => [name.slice('labels_'.length), value] as const);
    const entries = await rules.history.read(
      {
        fromMs: instantOf(query.get('from')) ?? nowMs - dayMs,
        toMs: instantOf(query.get('to')) ?? nowMs,
        ruleUid: query.get('ruleUID') ?? undefined,
        dashboardUid: query.get('dashboardUID') ?? undefined,
        panelId: query.has('panelID') ? Number(query.get('panelID')) : undefined,
        labels: Object.fromEntries(labels),
        previous: query.get('previous') ?? undefined,
        current: query.get('current') ?? undefined,
        limit: Math.min(
          Math.max(1, Number(query.get('limit') ?? defaultHistoryEntries) || 1),
          maxHistoryEntries,
        ),
      },
      signal,
    );
    return ok(historyFrame(entries));
  });
}

async function backtestAnswer(call: Call, deps: GrafanaAlertingDeps) {
  try {
    return ok(backtestFrame(await lookBack(call, deps)));
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(error.message);
    throw error;
  }
}

/** @throws RangeError for too many evaluations */
async function lookBack(
  call: Pick<Call, 'json' | 'signal'>,
  deps: GrafanaAlertingDeps,
  onStep: (done: number, total: number) => void = () => {},
): Promise<Backtest> {
  const body = objectBody(call);
  const placed = placedRule(body['rule'] ?? body, body, deps);
  const toMs = timeOf(body['to']) ?? deps.clock.nowMs();
  const fromMs = timeOf(body['from']) ?? toMs - 3_600_000;
  const folderTitle = titleOf(body, placed, deps);
  const { signal } = call;
  return await backtest(placed, deps.rules.source, { fromMs, toMs, signal, folderTitle, onStep });
}

function backtestFrame({ timesMs, instances, transitions, fired, resolved }: Backtest) {
  return {
    schema: {
      meta: { custom: { transitions: transitions.length, fired, resolved } },
      fields: [
        { name: 'Time', type: 'time' },
        ...instances.map(({ labels }) => ({ name: 'State', type: 'string', labels })),
      ],
    },
    data: {
      values: [timesMs, ...instances.map(({ states }) => states.map((state) => state ?? null))],
    },
  };
}

/** Between two lines of progress. */
const progressMs = 200;

/**
 * `POST /nunchi/alerting/backtest`: the same as lines of JSON, `{"done":3,"total":360}` while it goes on, and at
 * the end `{"result":…}` or `{"error":…}`. Who goes away ends it.
 */
function registerBacktestStream(app: FastifyInstance, deps: GrafanaAlertingDeps): void {
  app.post(
    '/nunchi/alerting/backtest',
    { config: { access: 'viewer' } },
    async (request, reply) => {
      const signal = closeSignal(reply);
      const lines = new PassThrough();
      const say = (line: object): void => void lines.write(`${JSON.stringify(line)}\n`);
      let toldMs = 0;
      const onStep = (done: number, total: number): void => {
        const nowMs = deps.clock.nowMs();
        if (nowMs - toldMs < progressMs) return;
        toldMs = nowMs;
        say({ done, total });
      };
      void lookBack(
        {
          json: () => request.body,
          signal,
        },
        deps,
        onStep,
      )
        .then((result) => say({ result: backtestFrame(result) }))
        .catch((error: unknown) => {
          if (!signal.aborted) say({ error: describeError(error) });
        })
        .finally(() => lines.end());
      return reply.type('application/x-ndjson').header('cache-control', 'no-store').send(lines);
    },
  );
}

/** A rule that is not saved, checked as if it were to be. */
function previewed(body: Json) {
  return readRulerRule({ grafana_alert: { title: 'preview', ...body } }, newRuleUid);
}

const lastRefId = (body: Json): string => {
  const data = Array.isArray(body['data']) ? body['data'] : [];
  const last: unknown = data.at(-1);
  return isObject(last) ? String(last['refId'] ?? '') : '';
};

function placedRule(value: unknown, body: Json, { clock }: GrafanaAlertingDeps): PlacedRule {
  if (!isObject(value)) throw badRequest('rule must be an object');
  const written = isObject(value['grafana_alert'])
    ? value
    : {
        ...value,
        grafana_alert: { title: 'preview', condition: lastRefId(value), ...value },
      };
  const rule = {
    ...readRulerRule(written, newRuleUid),
    id: 0,
    version: 0,
    updatedMs: clock.nowMs(),
    updatedBy: '',
    provenance: '' as const,
  };
  checkRule(rule);
  const group = {
    folderUid: String(body['folderUid'] ?? body['namespaceUID'] ?? ''),
    title: String(body['ruleGroup'] ?? 'preview'),
    intervalMs: intervalOf(body['interval']),
    rules: [rule],
  };
  return { rule, group };
}

function intervalOf(value: unknown): number {
  if (value === undefined || value === '') return 60_000;
  const ms = typeof value === 'number' ? value * 1000 : durationMsOf(String(value), 'interval');
  if (ms >= 1000) return ms;
  throw badRequest('interval must be at least 1s');
}

const titleOf = (body: Json, { group }: PlacedRule, { rules }: GrafanaAlertingDeps): string =>
  String(body['folderTitle'] ?? rules.folders.get(group.folderUid)?.title ?? '');

/** Unix seconds or ms, or a time as it is written. */
function timeOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'number') return instantOf(String(value));
  const ms = Date.parse(String(value));
  if (Number.isNaN(ms)) throw badRequest(`${JSON.stringify(value)} is not a time`);
  return ms;
}

/** A number of seconds; one that is too large for that is of ms. */
function instantOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw badRequest(`${JSON.stringify(text)} is not a time`);
  return value > 1e11 ? value : value * 1000;
}

function resultsOf(outcomes: ReadonlyMap<string, Outcome>): Json {
  return Object.fromEntries(
    [...outcomes].map(([refId, outcome]) => [
      refId,
      'error' in outcome
        ? { status: 500, error: outcome.error.message, frames: [] }
        : {
            status: 200,
            frames: framesOfValues(refId, outcome.values).map((frame) => toDataFrame(frame, refId)),
          },
    ]),
  );
}

const alertJson = (instance: AlertInstance, { rules }: GrafanaAlertingDeps): Json => ({
  labels: instance.labels,
  annotations: { ...instance.annotations, __value_string__: instance.valueString },
  startsAt: new Date(instance.startsAtMs).toISOString(),
  endsAt: new Date(instance.endsAtMs).toISOString(),
  generatorURL: `${rules.externalUrl}/alerting/grafana/${instance.ruleUid}/view?orgId=1`,
});

/** A line of JSON for each change, oldest last. */
const historyFrame = (entries: readonly HistoryEntry[]): Json => ({
  schema: {
    fields: [
      { name: 'time', type: 'time', typeInfo: { frame: 'time.Time' } },
      { name: 'line', type: 'other', typeInfo: { frame: 'json.RawMessage' } },
      { name: 'labels', type: 'other', typeInfo: { frame: 'json.RawMessage' } },
    ],
  },
  data: {
    values: [
      entries.map(({ timeMs }) => timeMs),
      entries.map(({ record }) => record),
      entries.map(({ record }) => ({
        from: 'state-history',
        orgID: '1',
        folderUID: record.folderUID,
        group: record.group,
      })),
    ],
  },
});
