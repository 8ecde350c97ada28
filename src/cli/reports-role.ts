import { type Alertmanager, postPicture, takesPictures } from '#alerting';
import { AppError, describeError, systemClock } from '#base';
import type { DataSources } from '#dashboards/data-sources';
import type { PictureDelivery, RenderRequest } from '#dashboards/reports';
import type { DashboardStore } from '#dashboards/store';
import type { PictureShelf } from '#picture';
import type { Edge } from '#server';
import type { StateStore } from '#state';
import { sortableTime } from '#time';
import { publishPicture, serverZone } from './alert-evidence.ts';
import type { ServerRoleOptions } from './server-role.ts';

export interface ReportsParts {
  readonly state: StateStore;
  readonly dashboards: DashboardStore;
  readonly dataSources: DataSources;
  readonly alertmanager: Alertmanager;
  readonly shelf: PictureShelf;
  readonly version: string;
}

export interface ReportsRole {
  readonly edges: readonly Edge[];
  /** Sends what is due from now on. */
  start(): void;
}

/** Pictures of dashboards: now over HTTP, and on a schedule to receivers of alerts. */
export async function openReports(
  options: ServerRoleOptions,
  { state, dashboards, dataSources, alertmanager, shelf, version }: ReportsParts,
  parts: AsyncDisposableStack,
): Promise<ReportsRole> {
  const { Reports, renderReport, reportsEdge } = await import('#dashboards/reports');
  const { readDashboard } = await import('#dashboards/model');
  const { renderPng } = await import('#picture');
  const { config, log, metrics, env = {} } = options;
  const clock = systemClock;
  const render = async (
    uid: string,
    request: Omit<RenderRequest, 'dashboard' | 'nowMs'>,
    signal: AbortSignal,
  ) => {
    const stored = await dashboards.dashboards.get(uid);
    if (stored === undefined) {
      throw new AppError('DASHBOARD_NOT_FOUND', `There is no dashboard ${uid}`);
    }
    const { dashboard } = readDashboard(stored.document);
    const nowMs = clock.nowMs();
    const { annotations } = dashboards;
    const deps = { sources: dataSources, annotations: annotations.query.bind(annotations) };
    return await renderReport({ ...request, dashboard, nowMs }, deps, signal);
  };
  const publish = publishPicture(shelf, config);
  const deliver: PictureDelivery = async (receiver, post, done, signal) => {
    const { receivers, templates } = alertmanager.config;
    const integrations = (receivers.get(receiver) ?? []).filter(takesPictures);
    if (integrations.length === 0) {
      throw new AppError(
        'REPORT_INVALID',
        `The receiver ${JSON.stringify(receiver)} has no Slack, e-mail or Discord integration`,
      );
    }
    const failures: string[] = [];
    const deps = { clock, env, version, publish, externalUrl: alertmanager.externalUrl };
    for (const integration of integrations) {
      const name = `${integration.kind}/${integration.index}`;
      if (done.has(name)) continue;
      try {
        await postPicture(integration, post, templates, deps, signal);
        await done.add(name);
      } catch (error) {
        failures.push(`${name}: ${describeError(error)}`);
      }
    }
    if (failures.length > 0) throw new AppError('REPORT_FAILED', failures.join('; '));
  };
  const reports = parts.use(
    await Reports.open({
      state,
      clock,
      log,
      metrics,
      send: async (schedule, done, signal) => {
        const { dashboardUid: uid, panelId, timeZone: zone, from, to, variables } = schedule;
        const { language = config().alerting.messages.language, theme } = schedule;
        const request = { panelId, from, to, zone, theme, language, variables };
        const { svg, width, height, title, fromMs, toMs } = await render(uid, request, signal);
        const png = await renderPng(svg, { width, height, signal });
        const link = new URLSearchParams({ from, to });
        for (const [name, values] of Object.entries(variables)) {
          for (const value of values) link.append(`var-${name}`, value);
        }
        if (panelId !== undefined) link.set('viewPanel', String(panelId));
        const titleUrl = `${alertmanager.externalUrl}/d/${encodeURIComponent(uid)}?${link.toString()}`;
        const range = `${sortableTime(zone, fromMs, 'minute')} – ${sortableTime(zone, toMs, 'minute')} ${zone}`;
        const text = title === schedule.title ? range : `${title} · ${range}`;
        const post = { title: schedule.title, titleUrl, text, png, width, height };
        await deliver(schedule.receiver, post, done, signal);
      },
    }),
  );
  return {
    edges: [
      reportsEdge({
        reports,
        clock,
        render,
        receivers: () =>
          [...alertmanager.config.receivers].flatMap(([name, integrations]) => {
            const kinds = integrations.filter(takesPictures).map(({ kind }) => kind);
            return kinds.length === 0 ? [] : [{ name, kinds }];
          }),
        defaultTimeZone: () => serverZone(config()),
        defaultLanguage: () => config().alerting.messages.language,
      }),
    ],
    start: () => reports.start(),
  };
}
