import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browse, type ConsoleUnderTest, endProcess } from './console.ts';
import { labelsOf, type Series, writePast } from './metrics-history.ts';
import { metricsIn, nodeSeries } from './node-history.ts';
import { addressOf, startProgram } from './program.ts';

const dataFolder = process.env['NUNCHI_TEST_DATA'] ?? '';
const nodeFile = join(dataFolder, 'dashboards/node-exporter-full/node-exporter-full.json');
const nginxFile = join(dataFolder, 'dashboards/nginx/dashboard.json');

/** Why tests of published dashboards cannot run here; undefined: they can. */
export function dashboardFilesMissing(): string | undefined {
  if (dataFolder === '') return 'NUNCHI_TEST_DATA names no folder of published dashboards';
  const missing = [nodeFile, nginxFile].filter((file) => !existsSync(file));
  return missing.length === 0 ? undefined : `${missing.join(', ')} is not there`;
}

export interface DashboardsConsoleOptions {
  readonly nodes?: number;
  readonly lengthMs?: number;
  readonly stepMs?: number;
}

export interface DashboardsConsole extends ConsoleUnderTest {
  readonly seriesCount: number;
}

/**
 * The program with published dashboards (machines, nginx), a small one of ours, and the series that
 * they show.
 */
export async function startDashboardsConsole({
  nodes = 2,
  lengthMs = 3_600_000,
  stepMs = 15_000,
}: DashboardsConsoleOptions = {}): Promise<DashboardsConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-dashboards-'));
  const program = startProgram(folder, 'server: {timeZone: Asia/Seoul}');
  const close = async (): Promise<void> => {
    await endProcess(program);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = (await addressOf(program)).replace(/\/$/, '');
    const text = readFileSync(nodeFile, 'utf8');
    const nowMs = Date.now();
    const range = { nodes, nowMs, lengthMs, stepMs };
    const machines = nodeSeries({ ...range, metrics: metricsIn(text) });
    await writePast(url, [...machines, ...nginxSeries(nowMs, lengthMs, stepMs)]);
    await save(url, JSON.parse(text) as object);
    await save(url, JSON.parse(readFileSync(nginxFile, 'utf8')) as object);
    await save(url, ownDashboard);
    return { ...(await browse(url, close)), seriesCount: machines.length };
  } catch (error) {
    await close();
    throw error;
  }
}

async function save(url: string, dashboard: object): Promise<void> {
  const response = await fetch(`${url}/api/dashboards/db`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dashboard: { ...dashboard, id: null }, overwrite: true }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

const nginxMetrics = [
  'nginx_up',
  'nginx_connections_accepted',
  'nginx_connections_handled',
  'nginx_connections_active',
  'nginx_connections_reading',
  'nginx_connections_waiting',
  'nginx_connections_writing',
  'nginx_http_requests_total',
];

function nginxSeries(nowMs: number, lengthMs: number, stepMs: number): readonly Series[] {
  return nginxMetrics.flatMap((__name__) =>
    ['web-1:9113', 'web-2:9113', 'web-3:9113'].map((instance) => {
      const samples: Series['samples'] = [];
      for (let timeMs = nowMs - lengthMs; timeMs <= nowMs; timeMs += stepMs) {
        const value = __name__ === 'nginx_up' ? 1 : (timeMs - nowMs + lengthMs) / 1000;
        samples.push({ timeMs, value });
      }
      return { labels: labelsOf({ __name__, instance, job: 'nginx' }), samples };
    }),
  );
}

/** What the published ones do not have: Korean values, a text, marks, a filter, a shared query. */
const ownDashboard = {
  uid: 'own',
  title: 'Own',
  tags: ['nginx'],
  schemaVersion: 42,
  time: { from: 'now-30m', to: 'now' },
  timezone: 'Asia/Seoul',
  templating: {
    list: [
      {
        name: 'city',
        type: 'custom',
        query: '서울 : seoul,부산 : busan,대전 : daejeon',
        multi: true,
        includeAll: true,
        current: { value: ['seoul'], text: ['서울'] },
      },
      { name: 'word', type: 'textbox', query: 'hello' },
      { name: 'filters', type: 'adhoc', datasource: { type: 'prometheus', uid: 'prometheus' } },
    ],
  },
  annotations: {
    list: [
      {
        name: 'Reloads',
        enable: true,
        iconColor: 'red',
        datasource: { type: 'prometheus', uid: 'prometheus' },
        expr: 'nginx_up{instance="web-1:9113"} == 1',
        titleFormat: '{{instance}}',
      },
    ],
  },
  links: [
    {
      type: 'dashboards',
      title: 'Same tag',
      tags: ['nginx'],
      asDropdown: true,
      keepTime: true,
      includeVars: true,
    },
  ],
  panels: [
    {
      id: 1,
      type: 'text',
      title: 'City $city',
      gridPos: { x: 0, y: 0, w: 12, h: 4 },
      options: { mode: 'markdown', content: '**${city:csv}** $word' },
    },
    {
      id: 2,
      type: 'timeseries',
      title: 'Active',
      gridPos: { x: 12, y: 0, w: 12, h: 8 },
      datasource: { type: 'prometheus', uid: 'prometheus' },
      timeFrom: '10m',
      targets: [{ refId: 'A', expr: 'nginx_connections_active', legendFormat: '{{instance}}' }],
    },
    {
      id: 3,
      type: 'stat',
      title: 'Shared',
      gridPos: { x: 0, y: 4, w: 12, h: 4 },
      datasource: { uid: '-- Dashboard --' },
      targets: [{ refId: 'A', panelId: 2 }],
      options: { reduceOptions: { calcs: ['lastNotNull'] } },
    },
    {
      id: 4,
      type: 'table',
      title: 'Servers',
      gridPos: { x: 0, y: 8, w: 24, h: 8 },
      datasource: { type: 'prometheus', uid: 'prometheus' },
      targets: [{ refId: 'A', expr: 'nginx_up', format: 'table', instant: true }],
      fieldConfig: { defaults: { custom: { filterable: true } }, overrides: [] },
    },
  ],
};
