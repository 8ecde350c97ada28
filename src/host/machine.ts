import type { Clock, Logger } from '#base';
import { cpuCollector, cpufreqCollector, schedstatCollector } from './collectors/cpu.ts';
import { diskstatsCollector } from './collectors/diskstats.ts';
import { filesystemCollector } from './collectors/filesystem.ts';
import { osCollector, unameCollector } from './collectors/identity.ts';
import {
  entropyCollector,
  filefdCollector,
  loadavgCollector,
  pressureCollector,
  selinuxCollector,
  statCollector,
  vmstatCollector,
} from './collectors/kernel.ts';
import { mdadmCollector } from './collectors/mdadm.ts';
import { meminfoCollector } from './collectors/meminfo.ts';
import { bondingCollector, netclassCollector, netdevCollector } from './collectors/netdev.ts';
import {
  arpCollector,
  conntrackCollector,
  netstatCollector,
  sockstatCollector,
  softnetCollector,
  udpQueuesCollector,
} from './collectors/netstat.ts';
import {
  interruptsCollector,
  processesCollector,
  tcpstatCollector,
} from './collectors/processes.ts';
import { systemdCollector } from './collectors/systemd.ts';
import { hwmonCollector, thermalZoneCollector } from './collectors/thermal.ts';
import { timeCollector } from './collectors/time.ts';
import { timexCollector } from './collectors/timex.ts';
import { type Collector, type MetricSink, NoData } from './contract.ts';
import type { HostFiles } from './files.ts';
import { isAbsent } from './missing.ts';

export interface MachineOptions {
  /** What this machine is called: `nodename` of `node_uname_info`. */
  readonly nodeName: string;
  /** Interfaces to leave out of netdev, netclass and arp; absent: none. */
  readonly ignoredInterfaces?: RegExp;
  /** Collectors that cost more, or make more series, than most want. */
  readonly extra?: readonly ExtraCollector[];
}

/** As with node_exporter these are off unless they are asked for. */
export const extraCollectors = ['interrupts', 'tcpstat'] as const;
export type ExtraCollector = (typeof extraCollectors)[number];

const extraByName: Readonly<Record<ExtraCollector, Collector>> = {
  interrupts: interruptsCollector,
  tcpstat: tcpstatCollector,
};

export interface HostDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The collectors of a machine, each with node_exporter's name. */
export function machineCollectors(options: MachineOptions, clock: Clock): Collector[] {
  const { ignoredInterfaces } = options;
  return [
    arpCollector(ignoredInterfaces),
    bondingCollector,
    conntrackCollector,
    cpuCollector(),
    cpufreqCollector,
    diskstatsCollector(),
    entropyCollector,
    filefdCollector,
    filesystemCollector(),
    hwmonCollector,
    loadavgCollector,
    mdadmCollector,
    meminfoCollector,
    netclassCollector(ignoredInterfaces),
    netdevCollector(ignoredInterfaces),
    netstatCollector,
    osCollector,
    pressureCollector,
    processesCollector,
    schedstatCollector,
    selinuxCollector,
    sockstatCollector,
    softnetCollector,
    statCollector,
    systemdCollector(),
    thermalZoneCollector,
    timeCollector(() => clock.nowMs()),
    timexCollector(),
    udpQueuesCollector,
    unameCollector(options.nodeName),
    vmstatCollector,
    ...(options.extra ?? []).map((name) => extraByName[name]),
  ];
}

/**
 * Runs collectors, one after the other. One that fails is told of once, until it succeeds again;
 * `node_scrape_collector_success` says so in each collection, and the rest goes on.
 */
export class Collection {
  readonly #collectors: readonly Collector[];
  readonly #files: HostFiles;
  readonly #deps: HostDeps;
  readonly #failing = new Set<string>();
  #failures = 0;

  constructor(collectors: readonly Collector[], files: HostFiles, deps: HostDeps) {
    this.#collectors = collectors;
    this.#files = files;
    this.#deps = deps;
  }

  /** Collections of a topic that failed since the start. */
  get failures(): number {
    return this.#failures;
  }

  async collect(sink: MetricSink): Promise<void> {
    const { clock } = this.#deps;
    // Dashboards find machines by it.
    sink.gauge(
      'node_exporter_build_info',
      "Always 1. Who tells of this machine under node_exporter's names.",
      1,
      [
        'goarch',
        process.arch === 'x64' ? 'amd64' : process.arch,
        'goos',
        'linux',
        'version',
        'nunchi',
      ],
    );
    for (const collector of this.#collectors) {
      const startedMs = clock.monotonicMs();
      const succeeded = await this.#run(collector, sink);
      const labels = ['collector', collector.name];
      sink.gauge(
        'node_scrape_collector_duration_seconds',
        'node_exporter: Duration of a collector scrape.',
        (clock.monotonicMs() - startedMs) / 1000,
        labels,
      );
      sink.gauge(
        'node_scrape_collector_success',
        'node_exporter: Whether a collector succeeded.',
        succeeded ? 1 : 0,
        labels,
      );
    }
  }

  async #run(collector: Collector, sink: MetricSink): Promise<boolean> {
    const { name } = collector;
    try {
      await collector.collect(this.#files, sink);
      this.#failing.delete(name);
      return true;
    } catch (error) {
      if (error instanceof NoData || isAbsent(error)) return false;
      this.#failures++;
      if (!this.#failing.has(name)) {
        this.#failing.add(name);
        this.#deps.logger.warn('Cannot read a part of this machine', {
          collector: name,
          err: error,
        });
      }
      return false;
    }
  }
}
