import { type DataFrame, type Field, FieldType } from '@grafana/data';

/** 2026-11-24 10:00 to 11:00 in Seoul. */
export const startMs = Date.UTC(2026, 10, 24, 1);
export const endMs = startMs + 3_600_000;
export const stepMs = 60_000;

export interface SeriesSpec {
  readonly labels?: Readonly<Record<string, string>>;
  readonly legend?: string;
  readonly name?: string;
  readonly refId?: string;
  readonly at: (step: number) => number | null;
  readonly steps?: number;
}

/** One frame for each series, as a query over time answers. */
export function seriesFrames(specs: readonly SeriesSpec[]): DataFrame[] {
  return specs.map(({ labels, legend, name = 'Value', refId = 'A', at, steps = 61 }) => ({
    refId,
    length: steps,
    fields: [
      {
        name: 'Time',
        type: FieldType.time,
        config: { interval: stepMs },
        values: Array.from({ length: steps }, (_, step) => startMs + step * stepMs),
      },
      {
        name,
        type: FieldType.number,
        config: legend === undefined ? {} : { displayNameFromDS: legend },
        ...(labels === undefined ? {} : { labels: { ...labels } }),
        values: Array.from({ length: steps }, (_, step) => at(step)),
      },
    ],
  }));
}

export function tableFrame(
  columns: Readonly<Record<string, readonly unknown[]>>,
  refId = 'A',
): DataFrame {
  const fields = Object.entries(columns).map(([name, values]): Field => {
    const first = values.find((value) => value !== null);
    const type =
      name === 'Time'
        ? FieldType.time
        : typeof first === 'number'
          ? FieldType.number
          : typeof first === 'boolean'
            ? FieldType.boolean
            : FieldType.string;
    return { name, type, config: {}, values: [...values] };
  });
  return { refId, length: fields[0]?.values.length ?? 0, fields };
}

/** The same on every run: a wave with some noise on it. */
export function wave(base: number, size: number, seed: number): (step: number) => number {
  return (step) =>
    base +
    size * Math.sin(step / 7 + seed) +
    size * 0.3 * Math.sin(step * (1.7 + seed * 0.31)) +
    size * 0.12 * Math.sin(step * 5.3 + seed * 11);
}
