import {
  emptyLabels,
  type Labels,
  type SampleColumns,
  type SelectRequest,
  type SeriesSelection,
  type SharedSelection,
} from '#metrics/model';
import type { SelectPart } from './found.ts';
import { mergedOrder } from './merged-order.ts';
import { type SelectionData, SeriesReader } from './reader.ts';
import { SourceList } from './sources.ts';

/** A selection of below so many samples is read sooner than it is handed to another thread. */
const minSharedSamples = 20_000;

export class StoredSelection implements SeriesSelection {
  readonly maxSamples: number;
  readonly #data: SelectionData;
  readonly #reader: SeriesReader;
  readonly #labels: (index: number) => Labels;
  readonly #release: () => void;

  constructor(
    data: SelectionData,
    labels: (index: number) => Labels,
    maxSamples: number,
    release: () => void,
  ) {
    this.#data = data;
    this.#reader = new SeriesReader(data);
    this.#labels = labels;
    this.maxSamples = maxSamples;
    this.#release = release;
  }

  get count(): number {
    return this.#reader.count;
  }

  labels(index: number): Labels {
    return this.#labels(index);
  }

  read(index: number, into: SampleColumns): void {
    this.#reader.read(index, into);
  }

  share(): SharedSelection | undefined {
    if (this.maxSamples < minSharedSamples) return undefined;
    return { module: new URL('./shared.ts', import.meta.url).href, data: this.#data };
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}

/**
 * One selection over several places, which are given from the oldest to the newest. Series with equal
 * labels become one.
 */
export function selectFrom(
  parts: readonly SelectPart[],
  request: Pick<SelectRequest, 'fromMs' | 'toMs'>,
  clipMs: number,
  buffers: SharedArrayBuffer[],
  release: () => void,
): StoredSelection {
  const sources = new SourceList(buffers);
  const starts: number[] = [0];
  const tombstones: [number, readonly number[]][] = [];
  const addTo = (part: SelectPart, index: number): void => {
    const id = part.found.ids[index]!;
    part.collect(id, sources);
    const ranges = part.tombstones(id);
    if (ranges === undefined) return;
    const series = starts.length - 1;
    const last = tombstones.at(-1);
    if (last !== undefined && last[0] === series) last[1] = [...last[1], ...ranges];
    else tombstones.push([series, ranges]);
  };
  const only = parts.length === 1 ? parts[0]! : undefined;
  const order = only === undefined ? mergedOrder(parts.map(({ found }) => found)) : undefined;
  if (only !== undefined) {
    const { found } = only;
    for (let index = 0; index < found.count; index++) {
      addTo(only, index);
      starts.push(sources.length);
    }
  } else if (order !== undefined) {
    for (let series = 0; series + 1 < order.starts.length; series++) {
      for (let at = order.starts[series]!; at < order.starts[series + 1]!; at++) {
        addTo(parts[order.part[at]!]!, order.index[at]!);
      }
      starts.push(sources.length);
    }
  }
  const data: SelectionData = {
    ...sources.take(),
    starts: Uint32Array.from(starts),
    fromMs: request.fromMs,
    toMs: request.toMs,
    clipMs,
    tombstones,
  };
  const labelsAt = (index: number): Labels => {
    if (only !== undefined) return only.found.labels(index);
    if (order === undefined || index + 1 >= order.starts.length) return emptyLabels;
    const first = order.starts[index]!;
    return parts[order.part[first]!]!.found.labels(order.index[first]!);
  };
  return new StoredSelection(data, labelsAt, sources.samples, release);
}
