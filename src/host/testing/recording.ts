import type { LabelPairs, MetricSink } from '../contract.ts';

export type SampleKind = 'gauge' | 'counter' | 'untyped';

export interface RecordedSample {
  readonly name: string;
  readonly kind: SampleKind;
  readonly help: string;
  readonly value: number;
}

/** For tests: keeps samples by `name{label="value"}`, labels in order, empty ones left out. */
export class RecordingSink implements MetricSink {
  readonly samples: Map<string, RecordedSample> = new Map();

  gauge(name: string, help: string, value: number, labels?: LabelPairs): void {
    this.#add({ name, kind: 'gauge', help, value }, labels);
  }

  counter(name: string, help: string, value: number, labels?: LabelPairs): void {
    this.#add({ name, kind: 'counter', help, value }, labels);
  }

  untyped(name: string, help: string, value: number, labels?: LabelPairs): void {
    this.#add({ name, kind: 'untyped', help, value }, labels);
  }

  /** `name{a="b"} 1` for each sample whose name matches, in the order in which they came. */
  lines(pattern: RegExp = /^/): string[] {
    return [...this.samples]
      .filter(([, { name }]) => pattern.test(name))
      .map(([key, { value }]) => `${key} ${value}`);
  }

  #add(sample: RecordedSample, labels: LabelPairs = []): void {
    const pairs: string[] = [];
    for (let at = 0; at < labels.length; at += 2) {
      if (labels[at + 1] !== '') pairs.push(`${labels[at]}=${JSON.stringify(labels[at + 1])}`);
    }
    const key = `${sample.name}${pairs.length === 0 ? '' : `{${pairs.sort().join(',')}}`}`;
    if (this.samples.has(key)) throw new Error(`${key} was given twice`);
    this.samples.set(key, sample);
  }
}
