import type { HostFiles } from './files.ts';

/** Label names and values alternate: `['cpu', '0', 'mode', 'idle']`. An empty value: no label. */
export type LabelPairs = readonly string[];

/**
 * Takes samples of one collection. Names, types and help are those of node_exporter and cAdvisor;
 * base units (seconds, bytes). A series is given at most once in a collection.
 */
export interface MetricSink {
  gauge(name: string, help: string, value: number, labels?: LabelPairs): void;
  counter(name: string, help: string, value: number, labels?: LabelPairs): void;
  /** What node_exporter passes on without saying what it is: /proc/vmstat, /proc/net/snmp. */
  untyped(name: string, help: string, value: number, labels?: LabelPairs): void;
}

/** One topic. */
export interface Collector {
  /** node_exporter's name of it: the label `collector` of `node_scrape_collector_success`. */
  readonly name: string;
  /** @throws {NoData} where this machine does not have it; anything else is a failure */
  collect(files: HostFiles, sink: MetricSink): void | Promise<void>;
}

/** This machine has nothing for a collector: no failure worth words. */
export class NoData extends Error {
  override readonly name: string = 'NoData';
}
