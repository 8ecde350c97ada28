import { type ZodType, z } from 'zod';
import type { Clock } from '#base';
import { apiRoute, type Edge } from '#server';
import type { Report, ReportRun, ReportSchedule } from './contract.ts';
import { type PicturesApiDeps, registerPictures } from './picture-routes.ts';
import type { Reports } from './reports.ts';

export interface ReportsApiDeps extends PicturesApiDeps {
  readonly reports: Reports;
  readonly clock: Clock;
  /** Whom a report can be sent to, with the kinds of integrations that take pictures. */
  readonly receivers: () => readonly { readonly name: string; readonly kinds: readonly string[] }[];
}

interface WireRun {
  readonly at: number;
  readonly due?: number | undefined;
  readonly missed?: number | undefined;
  readonly tookMs?: number | undefined;
  readonly error?: string | undefined;
}

interface WireReport {
  readonly id: string;
  readonly schedule: z.output<typeof scheduleBody>;
  readonly lastRun?: WireRun | undefined;
  readonly runs: readonly WireRun[];
  readonly next?: number | undefined;
}

const name = z.string().min(1).max(200);
const rangeText = z.string().min(1).max(100);
const variables = z
  .record(z.string().max(200), z.array(z.string().max(10_000)).max(1000))
  .describe('Values of variables; others have what the dashboard was saved with');

const scheduleBody = z.object({
  title: name,
  dashboard: name.describe('uid'),
  panel: z.number().int().optional().describe('Absent: the whole dashboard'),
  cron: z.string().min(1).max(200).describe('`0 9 * * MON-FRI`, `@daily`'),
  timeZone: z.string().max(100).optional().describe("IANA name. Default: the server's"),
  from: rangeText.default('now-24h'),
  to: rangeText.default('now'),
  variables: variables.default({}),
  receiver: name.describe('Its Slack, e-mail and Discord integrations get the picture'),
  theme: z.enum(['light', 'dark']).default('light'),
  language: z
    .enum(['en', 'ko'])
    .optional()
    .describe('Of the words around the picture. Default: that of messages about alerts'),
  enabled: z.boolean().default(true),
});

const run = z.object({
  at: z.number().describe('Unix ms'),
  due: z.number().optional().describe('Absent: sent by hand'),
  missed: z
    .number()
    .optional()
    .describe('Further times that passed while the server was away: this sending stands for them'),
  tookMs: z.number().optional(),
  error: z.string().optional().describe('Absent: it arrived'),
});

const reportResponse: ZodType<WireReport> = z.object({
  id: z.string(),
  schedule: scheduleBody,
  lastRun: run.optional(),
  runs: z.array(run).describe('The newest first, 50 at most'),
  next: z.number().optional().describe('Absent: it is switched off, or its time never comes'),
});

const byId = z.object({ id: z.uuid() });
const tag = 'reports';

/** `/nunchi/reports…`: pictures of dashboards, now and on a schedule. */
export function reportsEdge(deps: ReportsApiDeps): Edge {
  const { reports, defaultTimeZone } = deps;
  const scheduleOf = (body: z.output<typeof scheduleBody>): ReportSchedule => {
    const { dashboard, panel, enabled, timeZone = defaultTimeZone(), ...rest } = body;
    return { ...rest, dashboardUid: dashboard, panelId: panel, isEnabled: enabled, timeZone };
  };
  return {
    name: 'reports',
    register: (app) => {
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/reports',
          tag,
          summary: 'Scheduled reports of dashboards',
          response: z.object({ reports: z.array(reportResponse) }),
        },
        () => ({ reports: reports.list().map(wireReport) }),
      );
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/reports/receivers',
          tag,
          summary: 'Receivers and contact points that a report can be sent to',
          response: z.object({
            receivers: z.array(z.object({ name: z.string(), kinds: z.array(z.string()) })),
          }),
        },
        () => ({
          receivers: deps
            .receivers()
            .map(({ name: one, kinds }) => ({ name: one, kinds: [...kinds] })),
        }),
      );
      apiRoute(
        app,
        {
          method: 'POST',
          url: '/nunchi/reports',
          tag,
          summary: 'Send a picture of a dashboard, or of a panel, on a schedule',
          body: scheduleBody,
          response: reportResponse,
        },
        async ({ body }) => wireReport(await reports.create(scheduleOf(body))),
      );
      apiRoute(
        app,
        {
          method: 'PUT',
          url: '/nunchi/reports/:id',
          tag,
          summary: 'Change a report',
          params: byId,
          body: scheduleBody,
          response: reportResponse,
        },
        async ({ params, body }) => wireReport(await reports.update(params.id, scheduleOf(body))),
      );
      apiRoute(
        app,
        {
          method: 'DELETE',
          url: '/nunchi/reports/:id',
          tag,
          summary: 'Take a report away',
          params: byId,
        },
        ({ params }) => reports.delete(params.id).then(() => undefined),
      );
      apiRoute(
        app,
        {
          method: 'POST',
          url: '/nunchi/reports/:id/send',
          tag,
          summary: 'Send a report now',
          params: byId,
        },
        ({ params, signal }) => reports.sendNow(params.id, signal).then(() => undefined),
      );
      registerPictures(app, deps);
    },
  };
}

function wireReport({ id, schedule, lastRun, runs, nextMs }: Report): WireReport {
  const { dashboardUid, panelId, isEnabled, language, ...rest } = schedule;
  return {
    id,
    schedule: {
      ...rest,
      variables: Object.fromEntries(
        Object.entries(rest.variables).map(([key, values]) => [key, [...values]]),
      ),
      dashboard: dashboardUid,
      enabled: isEnabled,
      ...(panelId === undefined ? {} : { panel: panelId }),
      ...(language === undefined ? {} : { language }),
    },
    ...(lastRun === undefined ? {} : { lastRun: wireRun(lastRun) }),
    runs: runs.map(wireRun),
    ...(nextMs === undefined ? {} : { next: nextMs }),
  };
}

const wireRun = ({ atMs, dueMs, missed, tookMs, error }: ReportRun): WireRun => ({
  at: atMs,
  ...(dueMs === undefined ? {} : { due: dueMs }),
  ...(missed === undefined ? {} : { missed }),
  ...(tookMs === undefined ? {} : { tookMs }),
  ...(error === undefined ? {} : { error }),
});
