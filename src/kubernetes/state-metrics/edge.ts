import { Readable } from 'node:stream';
import { negotiateFormat, type WrittenFamily, writeExposition } from '#metrics/exposition';
import { labelsOf, metricNameLabel } from '#metrics/model';
import type { Edge } from '#server';
import type { StateMetrics } from './registry.ts';
import type { SelfMetric } from './self.ts';
import { writeStateMetrics } from './write.ts';

/** Where other scrapers read the series. */
export const stateMetricsPath = '/nunchi/kubernetes/state-metrics';
/** What kube-state-metrics serves on its second port. */
export const stateTelemetryPath = '/nunchi/kubernetes/state-metrics/telemetry';

export interface StateMetricsEdgeDeps {
  readonly registry: StateMetrics;
  readonly self?: () => readonly SelfMetric[];
}

/** `GET /nunchi/kubernetes/state-metrics`: all series, in the format that the client asks for. */
export function stateMetricsEdge({ registry, self }: StateMetricsEdgeDeps): Edge {
  return {
    name: 'kubernetes-state-metrics',
    register: (app) => {
      app.get(stateMetricsPath, { config: { access: 'viewer' } }, (request, reply) => {
        const format = negotiateFormat(request.headers.accept);
        return reply
          .type(format.contentType)
          .header('cache-control', 'no-store')
          .send(Readable.from(writeStateMetrics(registry, format), { objectMode: false }));
      });
      app.get(stateTelemetryPath, { config: { access: 'viewer' } }, (request, reply) => {
        const format = negotiateFormat(request.headers.accept);
        const pieces = writeExposition(selfFamilies(self?.() ?? []), format);
        return reply
          .type(format.contentType)
          .header('cache-control', 'no-store')
          .send(Readable.from(pieces, { objectMode: false }));
      });
    },
  };
}

function* selfFamilies(rows: readonly SelfMetric[]): Generator<WrittenFamily> {
  for (const [name, group] of Map.groupBy(rows, (row) => row.name)) {
    const { type, help } = group[0]!;
    const samples = group.map(({ labels, value }) => {
      const pairs = labels.flatMap((label, at) =>
        at % 2 === 0 ? [[label, labels[at + 1] ?? ''] as const] : [],
      );
      return { labels: labelsOf([...pairs, [metricNameLabel, name]]), value };
    });
    yield { name, metadata: { type, help, unit: '' }, samples };
  }
}
