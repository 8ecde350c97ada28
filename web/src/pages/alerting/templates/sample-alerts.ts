import type { WireSampleAlert } from '../../../api/alertmanager.ts';

/** Alerts to show a template with when none fires. Two, so that lists are seen to be lists. */
export const sampleAlerts = (nowMs: number): WireSampleAlert[] => [
  sample('firing', 'web-1', nowMs - 300_000),
  sample('resolved', 'web-2', nowMs - 900_000),
];

const sample = (status: WireSampleAlert['status'], pod: string, startsAt: number) => ({
  status,
  labels: { alertname: 'HighErrorRate', severity: 'critical', namespace: 'shop', pod },
  annotations: { summary: `${pod} answers with errors`, __values__: '{"B":3,"C":1}' },
  startsAt,
  generatorUrl: 'https://nunchi.example.com/alerting/grafana/abc/view',
});
