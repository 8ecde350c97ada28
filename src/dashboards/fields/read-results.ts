import { type DataFrame, type DataFrameJSON, dataFrameFromJSON } from '@grafana/data';

/** An answer of `POST /api/ds/query`. */
export interface WireResult {
  readonly error?: string | undefined;
  readonly frames?: readonly unknown[] | undefined;
}

export interface ReadResults {
  readonly frames: readonly DataFrame[];
  readonly errors: readonly { readonly refId: string; readonly message: string }[];
}

/** Answers by `refId`, in the order of the queries, to frames that each know theirs. */
export function readResults(
  refIds: readonly string[],
  results: Readonly<Record<string, WireResult>>,
): ReadResults {
  const frames: DataFrame[] = [];
  const errors: { readonly refId: string; readonly message: string }[] = [];
  // A query for both a range and an instant has a second answer of its own.
  const order = refIds.flatMap((refId) => [refId, `${refId}-Instant`]);
  for (const refId of [...order, ...Object.keys(results)]) {
    const result = results[refId];
    if (result === undefined || frames.some((frame) => frame.refId === refId)) continue;
    if (result.error !== undefined && !errors.some((one) => one.refId === refId)) {
      errors.push({ refId, message: result.error });
    }
    for (const wire of result.frames ?? []) {
      const frame = dataFrameFromJSON(wire as DataFrameJSON);
      frames.push(frame.refId === undefined ? { ...frame, refId } : frame);
    }
  }
  return { frames, errors };
}
