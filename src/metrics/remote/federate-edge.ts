import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type Clock, type Logger } from '#base';
import {
  negotiateFormat,
  type WrittenFamily,
  type WrittenSample,
  writeExposition,
} from '#metrics/exposition';
import {
  compareLabels,
  isStaleAt,
  isStaleValue,
  type LabelMatcher,
  type Labels,
  labelsKey,
  labelsToRecord,
  labelValue,
  metricNameLabel,
  type Queryable,
  SampleColumns,
  wordsOf,
} from '#metrics/model';
import { closeSignal, type Edge } from '#server';
import { withExternalLabels } from './external-labels.ts';
import { answerAsText } from './write-edge.ts';

/** One page of a federation; more series than this want remote write. */
const maxSeries = 1_000_000;

export interface FederateDeps {
  readonly store: Queryable;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lookbackMs: number;
  /** @throws {AppError} PROMQL_PARSE */
  readonly selector: (text: string) => readonly LabelMatcher[];
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

interface Newest {
  readonly labels: Labels;
  readonly sample: WrittenSample;
}

/**
 * `GET /federate?match[]=…`: the newest sample of each series, with its time. External labels are added,
 * and an empty `instance` where there is none, so that a scraper which honours labels keeps it empty.
 */
export function federateEdge(deps: FederateDeps): Edge {
  return {
    name: 'federate',
    register: async (app) => {
      await app.register(async (scope) => {
        answerAsText(scope, deps.log);
        scope.get('/federate', { config: { access: 'viewer' } }, (request, reply) =>
          federate(request, reply, deps),
        );
      });
    },
  };
}

async function federate(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: FederateDeps,
): Promise<FastifyReply> {
  const queryStart = request.url.indexOf('?');
  const parameters = new URLSearchParams(queryStart < 0 ? '' : request.url.slice(queryStart + 1));
  // As in the reference `{job=~".*"}` is everything here, and `{}` nothing.
  const sets = parameters
    .getAll('match[]')
    .map(deps.selector)
    .filter((matchers) => matchers.length > 0);
  const found = await newestSamples(sets, deps, closeSignal(reply));
  const format = negotiateFormat(request.headers.accept);
  const chunks = writeExposition(familiesOf(found, deps.externalLabels()), format);
  return reply
    .type(format.contentType)
    .header('cache-control', 'no-store')
    .send(Readable.from(chunks, { objectMode: false }));
}

async function newestSamples(
  sets: readonly (readonly LabelMatcher[])[],
  { store, clock, lookbackMs }: FederateDeps,
  signal: AbortSignal,
): Promise<readonly Newest[]> {
  const toMs = clock.nowMs();
  const found = new Map<string, Newest>();
  const columns = new SampleColumns();
  for (const matchers of sets) {
    const request = { matchers, fromMs: toMs - lookbackMs + 1, toMs };
    using selection = await store.select(request, signal);
    if (found.size + selection.count > maxSeries) {
      throw new AppError(
        'QUERY_TOO_LARGE',
        `match[] selects ${found.size + selection.count} series; ${maxSeries} are allowed`,
      );
    }
    for (let at = 0; at < selection.count; at++) {
      selection.read(at, columns);
      const last = columns.count - 1;
      if (last < 0) continue;
      const histogram = columns.histograms?.[last];
      const isStale =
        histogram === undefined
          ? isStaleAt(wordsOf(columns.values), last)
          : isStaleValue(histogram.sum);
      if (isStale) continue;
      const labels = selection.labels(at);
      const sample = {
        labels,
        value: columns.values[last]!,
        timeMs: columns.timesMs[last]!,
        histogram,
      };
      found.set(labelsKey(labels), { labels, sample });
    }
  }
  const name = ({ labels }: Newest): string => labelValue(labels, metricNameLabel);
  return [...found.values()].sort((a, b) => {
    const [left, right] = [name(a), name(b)];
    return left < right ? -1 : left > right ? 1 : compareLabels(a.labels, b.labels);
  });
}

function* familiesOf(
  found: readonly Newest[],
  external: Readonly<Record<string, string>>,
): Generator<WrittenFamily> {
  for (let start = 0; start < found.length; ) {
    const name = labelValue(found[start]!.labels, metricNameLabel);
    let end = start + 1;
    while (end < found.length && labelValue(found[end]!.labels, metricNameLabel) === name) end++;
    const samples = found.slice(start, end).map(({ labels, sample }) => ({
      ...sample,
      labels: withInstance(withExternalLabels(labels, external)),
    }));
    yield { name, metadata: { type: 'unknown', help: '', unit: '' }, samples };
    start = end;
  }
}

/** Labels with an empty `instance`, which only exists in what is written. */
function withInstance(labels: Labels): Labels {
  if (labelValue(labels, 'instance') !== '') return labels;
  const record = { ...labelsToRecord(labels), instance: '' };
  const names = Object.keys(record).sort();
  return names.flatMap((label) => [label, record[label as keyof typeof record]]);
}
