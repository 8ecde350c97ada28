import { SectionBuilder } from '#logs/batch';
import type { LogStore } from '#logs/store';

/** Logs as a small cluster writes them, the same for the same moment: what the pages are tested on. */

interface Source {
  readonly group: string;
  readonly streams: readonly string[];
  /** Events in the hour before now. */
  readonly count: number;
  readonly line: (index: number, atMs: number) => string;
}

const paths = ['/healthz', '/api/v1/orders', '/api/v1/carts/42', '/static/app.js', '/login'];
const statuses = [200, 200, 200, 200, 304, 404, 500];

const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

export const clusterGroup = '/aws/eks/demo/cluster';
export const appGroup = '/aws/containerinsights/demo/application';

const sources: readonly Source[] = [
  {
    group: appGroup,
    streams: [
      'web-6b7d9c5f4-x2x9q_default_nginx',
      'orders-5f7c6d8b9-k8s4l_shop_orders',
      'payments-7d4f8c6b5-9zqvt_shop_payments',
    ],
    count: 5200,
    line: (i, atMs) => {
      if (i % 3 === 0) {
        return `10.0.${i % 4}.${i % 251} - - [${new Date(atMs).toISOString()}] "GET ${pick(paths, i)} HTTP/1.1" ${pick(statuses, i * 7)} ${(i * 131) % 9000} "-" "kube-probe/1.33"`;
      }
      const level = i % 97 === 0 ? 'error' : i % 29 === 0 ? 'warn' : 'info';
      const message =
        level === 'error'
          ? 'payment refused: card declined'
          : level === 'warn'
            ? 'slow query'
            : 'order stored';
      return JSON.stringify({
        level,
        time: new Date(atMs).toISOString(),
        msg: message,
        orderId: `o-${100_000 + i}`,
        customer: pick(['김민준', '이서연', 'Ada', 'Grace'], i),
        durationMs: (i * 37) % 900,
        http: { method: 'POST', path: pick(paths, i + 1), status: pick(statuses, i) },
      });
    },
  },
  {
    group: clusterGroup,
    streams: ['kube-apiserver-audit-0a1b2c', 'kube-scheduler-0a1b2c', 'authenticator-0a1b2c'],
    count: 2600,
    line: (i, atMs) =>
      i % 41 === 0
        ? `E1124 ${new Date(atMs).toISOString().slice(11, 23)}000       1 reflector.go:147] failed to list *v1.Pod: Unauthorized`
        : JSON.stringify({
            kind: 'Event',
            apiVersion: 'audit.k8s.io/v1',
            level: 'Metadata',
            verb: pick(['get', 'list', 'watch', 'update'], i),
            requestURI: `/api/v1/namespaces/default/pods/web-${i % 7}`,
            userAgent: pick(['kubectl/v1.33.1', 'kube-controller-manager/v1.33.1'], i),
            responseStatus: { code: 200 },
          }),
  },
  {
    group: '/aws/containerinsights/demo/dataplane',
    streams: ['kubelet.service-ip-10-0-1-12', 'containerd.service-ip-10-0-1-12'],
    count: 900,
    line: (i) =>
      `I1124 09:12:33.${String(i % 1000).padStart(3, '0')}000    1234 kubelet.go:2460] "SyncLoop (PLEG): event for pod" pod="shop/orders-${i % 9}"`,
  },
  {
    group: '/aws/containerinsights/demo/host',
    streams: ['ip-10-0-1-12.messages', 'ip-10-0-1-12.secure'],
    count: 400,
    line: (i) =>
      i % 19 === 0
        ? `WARN systemd[1]: Unit node-problem-detector.service entered failed state, attempt ${i}`
        : `systemd[1]: Started Session ${i} of User ec2-user.`,
  },
  {
    group: '/team/지도/app',
    streams: ['main'],
    count: 60,
    line: (i) => `INFO 지도 타일을 불러왔어요 z=${i % 18} 걸린시간=${i * 3}ms`,
  },
];

/** Puts an hour of logs into the store, the newest a second ago. */
export async function fillStore(store: LogStore, nowMs: number): Promise<void> {
  for (const source of sources) {
    const builders = source.streams.map((stream) => new SectionBuilder(source.group, stream));
    for (let i = 0; i < source.count; i++) {
      // More of them lately, with a burst: a histogram with a shape.
      const share = (i / source.count) ** 0.7;
      const atMs = Math.floor(nowMs - 3_600_000 + share * 3_598_000);
      pick(builders, i).add(atMs, source.line(i, atMs));
    }
    await store.append({ sections: builders.map((builder) => builder.finish()) });
  }
  await store.createGroup('/team/archive', { retentionDays: 90 });
  await store.updateGroup(clusterGroup, { retentionDays: 30 });
}

/** A batch of what came in the last moment. */
export async function appendLive(store: LogStore, nowMs: number, count: number): Promise<void> {
  const source = sources[0] as Source;
  const builders = source.streams.map((stream) => new SectionBuilder(source.group, stream));
  for (let i = 0; i < count; i++) {
    const index = Math.floor(nowMs / 10) + i;
    pick(builders, i).add(nowMs - count + i, source.line(index, nowMs));
  }
  await store.append({ sections: builders.map((builder) => builder.finish()) });
}
