import { apiUrl, callApi } from './client.ts';

export interface ReportSchedule {
  readonly title: string;
  /** uid */
  readonly dashboard: string;
  /** Absent: the whole dashboard. */
  readonly panel?: number;
  readonly cron: string;
  readonly timeZone: string;
  readonly from: string;
  readonly to: string;
  readonly variables: Readonly<Record<string, readonly string[]>>;
  readonly receiver: string;
  readonly theme: 'light' | 'dark';
  readonly language?: 'en' | 'ko';
  readonly enabled: boolean;
}

export interface ReportRun {
  /** Unix ms. */
  readonly at: number;
  /** Absent: sent by hand. */
  readonly due?: number;
  readonly missed?: number;
  readonly tookMs?: number;
  /** Absent: it arrived. */
  readonly error?: string;
}

export interface WireReport {
  readonly id: string;
  readonly schedule: ReportSchedule;
  readonly lastRun?: ReportRun;
  readonly runs: readonly ReportRun[];
  /** Unix ms; absent: it is paused, or its time never comes. */
  readonly next?: number;
}

export interface ReportReceiver {
  readonly name: string;
  readonly kinds: readonly string[];
}

const path = 'nunchi/reports';
const at = (id: string): string => `${path}/${encodeURIComponent(id)}`;

/** Every method throws ApiError. */
export const reportsApi = {
  list: async (signal?: AbortSignal): Promise<readonly WireReport[]> =>
    (
      await callApi<{ reports: readonly WireReport[] }>(
        path,
        signal === undefined ? {} : { signal },
      )
    ).reports,
  receivers: async (signal?: AbortSignal): Promise<readonly ReportReceiver[]> =>
    (
      await callApi<{ receivers: readonly ReportReceiver[] }>(
        `${path}/receivers`,
        signal === undefined ? {} : { signal },
      )
    ).receivers,
  create: (body: ReportSchedule): Promise<WireReport> => callApi(path, { method: 'POST', body }),
  update: (id: string, body: ReportSchedule): Promise<WireReport> =>
    callApi(at(id), { method: 'PUT', body }),
  remove: (id: string): Promise<void> => callApi(at(id), { method: 'DELETE' }),
  send: (id: string): Promise<void> => callApi(`${at(id)}/send`, { method: 'POST' }),
  pictureUrl: (
    schedule: Pick<
      ReportSchedule,
      'dashboard' | 'panel' | 'from' | 'to' | 'timeZone' | 'theme' | 'language' | 'variables'
    >,
  ): string => {
    const { dashboard, panel, from, to, timeZone, theme, language, variables } = schedule;
    const query = {
      panel,
      from,
      to,
      timeZone,
      theme,
      language,
      ...Object.fromEntries(
        Object.entries(variables).map(([name, values]) => [`var-${name}`, values]),
      ),
    };
    return apiUrl(`nunchi/dashboards/${encodeURIComponent(dashboard)}/picture.png`, query).href;
  },
};
