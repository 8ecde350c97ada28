import type { LabelMatcher, MatchOperator, SelectHints } from '#metrics/model';
import { ProtoWriter } from '#wire';

const operators: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

/** Forms of an answer, as the protocol numbers them. */
export const responseTypes = { samples: 0, streamedChunks: 1 } as const;

/** One question to a remote server. */
export interface RemoteQuery {
  readonly matchers: readonly LabelMatcher[];
  /** Unix ms, inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly hints: SelectHints | undefined;
  /** Which series there are, without their samples where the server can leave them out. */
  readonly wantsLabelsOnly: boolean;
}

/** A `prometheus.ReadRequest` with one query, not compressed. Source: `prompb/remote.proto`. */
export function encodeReadRequest(query: RemoteQuery): Buffer {
  const writer = new ProtoWriter();
  const mark = writer.open(1);
  writer.int64(1, query.fromMs);
  writer.int64(2, query.toMs);
  for (const { name, operator, value } of query.matchers) {
    const matcher = writer.open(3);
    writer.uint(1, operators.indexOf(operator));
    writer.string(2, name);
    writer.string(3, value);
    writer.close(matcher);
  }
  const hints = writer.open(4);
  writer.int64(1, query.hints?.stepMs ?? 0);
  writer.string(2, query.wantsLabelsOnly ? 'series' : (query.hints?.function ?? ''));
  writer.int64(3, query.fromMs);
  writer.int64(4, query.toMs);
  writer.int64(7, query.hints?.rangeMs ?? 0);
  writer.close(hints);
  writer.close(mark);
  // The streamed form has no series without chunks: it cannot answer which series there are.
  if (!query.wantsLabelsOnly) writer.uint(2, responseTypes.streamedChunks);
  writer.uint(2, responseTypes.samples);
  return writer.take();
}
