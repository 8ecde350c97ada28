import { renderPng } from '#picture';
import type { Notification, NotifiedAlert } from '../contract.ts';
import { fingerprintOf } from '../labels.ts';
import type { EvidenceSources, MessageSettings } from './contract.ts';

export const startMs: number = Date.UTC(2026, 2, 31, 5, 10);
export const nowMs: number = startMs + 20 * 60_000;

export const settings: MessageSettings = {
  isEnabled: true,
  hasPicture: true,
  maxLogLines: 10,
  timeoutMs: 5000,
  language: 'en',
  theme: 'light',
  hasWebhookExtras: false,
  timeZone: 'Asia/Seoul',
};

export const expression: string = 'max by (namespace, pod) (memory_usage / memory_limit) > 0.9';

export function alertOf(
  labels: Readonly<Record<string, string>>,
  more: Partial<NotifiedAlert['alert']> & { readonly status?: NotifiedAlert['status'] } = {},
): NotifiedAlert {
  const { status = 'firing', ...alert } = more;
  return {
    status,
    alert: {
      fingerprint: fingerprintOf(labels),
      labels,
      annotations: {},
      startsAtMs: startMs,
      endsAtMs: status === 'firing' ? nowMs + 300_000 : nowMs - 60_000,
      updatedAtMs: startMs,
      generatorUrl: `http://nunchi/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`,
      isTimeout: false,
      ...alert,
    },
  };
}

export const notificationOf = (alerts: readonly NotifiedAlert[]): Notification => ({
  receiver: 'team',
  groupKey: '{}:{alertname="PodMemoryHigh"}',
  groupLabels: { alertname: 'PodMemoryHigh' },
  alerts,
  externalUrl: 'http://nunchi',
  nowMs,
});

const pod = (name: string) => ({
  alertname: 'PodMemoryHigh',
  namespace: 'shop',
  pod: name,
  container: 'main',
  severity: 'critical',
});

export const firing: Notification = notificationOf([
  alertOf(pod('api-7c9d'), {
    annotations: {
      summary: 'Memory of api-7c9d is close to its limit <&>',
      description: 'The pod will be killed when it goes over.',
      runbook_url: 'https://runbooks.example.com/memory',
    },
  }),
  alertOf(pod('api-88f1'), { status: 'resolved' }),
]);

export const resolved: Notification = notificationOf([
  alertOf(pod('api-7c9d'), { status: 'resolved' }),
]);

/** Two pods' memory, and what one of them wrote. */
export const sources: EvidenceSources = {
  queryRange: async (_query, { startMs: from, endMs, stepMs }) =>
    ['api-7c9d', 'api-88f1'].map((name, at) => {
      const timesMs: number[] = [];
      for (let time = from; time <= endMs; time += stepMs) timesMs.push(time);
      return {
        labels: { namespace: 'shop', pod: name },
        timesMs,
        values: timesMs.map((time) =>
          at === 0 ? 0.5 + (0.45 * (time - from)) / (endMs - from) : 0.4,
        ),
      };
    }),
  lastLines: async () => [
    'connecting to postgres://app:hunter2@db/shop',
    'heap 480 MiB of 512 MiB',
    'GC overhead is ``` 92 %',
  ],
  renderPng: (svg, size, signal) => renderPng(svg, { ...size, scale: 1, signal }),
  publish: async () => 'https://nunchi.example.com/nunchi/pictures/abc.png',
};
