import { emptyLabels, type SampleColumns, type SeriesSelection } from '#metrics/model';
import { type SelectionData, SeriesReader } from './reader.ts';

/** A selection in a worker thread: the same memory, without labels. */
export function openShared(data: unknown): SeriesSelection {
  const selection = data as SelectionData;
  const reader = new SeriesReader(selection);
  let maxSamples = 0;
  for (const count of selection.count) maxSamples += count;
  return {
    count: reader.count,
    maxSamples,
    labels: () => emptyLabels,
    read: (index: number, into: SampleColumns) => reader.read(index, into),
    [Symbol.dispose]: () => {},
  };
}
