import { readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseMeminfo } from '../collectors/meminfo.ts';
import { parseNetDev, podInterfaces } from '../collectors/netdev.ts';
import type { LabelPairs, MetricSink } from '../contract.ts';
import type { HostFiles } from '../files.ts';
import type { HostDeps } from '../machine.ts';
import { isMissing } from '../missing.ts';
import type { CgroupReader, CgroupStats } from './contract.ts';
import { cgroupName, LogFolderNames, type PodNames } from './names.ts';
import { cgroupSeries, networkSeries } from './series.ts';
import { cgroupV1 } from './v1.ts';
import { cgroupV2 } from './v2.ts';
import { findCgroups, maxCgroups } from './walk.ts';

export type { PodNames } from './names.ts';

export interface ContainerOptions {
  /** Names of pods and containers; absent: those of the kubelet's log files. */
  readonly names?: PodNames;
  /** Image of a container by the runtime's id; what is not known has no such label. */
  readonly imageOf?: (containerId: string) => string | undefined;
}

/** The machine's cgroups as cAdvisor tells of them: `/`, slices, services, pods and containers. */
export class ContainerCollection {
  readonly #files: HostFiles;
  readonly #deps: HostDeps;
  readonly #names: PodNames;
  readonly #imageOf: (containerId: string) => string | undefined;
  readonly #devices = new Map<string, string>();
  #isCutTold = false;
  #isFailing = false;
  #failures = 0;

  constructor(files: HostFiles, deps: HostDeps, options: ContainerOptions = {}) {
    this.#files = files;
    this.#deps = deps;
    this.#names = options.names ?? new LogFolderNames(files.paths.root);
    this.#imageOf = options.imageOf ?? (() => undefined);
  }

  /** Cgroups that could not be read, since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether this machine has cgroups that we can read. */
  static isPossible(files: HostFiles): boolean {
    return readerOf(files) !== undefined;
  }

  async collect(sink: MetricSink): Promise<void> {
    const reader = readerOf(this.#files);
    if (reader === undefined) return;
    this.#names.refresh();
    this.#machine(sink);
    const folder = join(this.#files.paths.sys, reader.folder);
    const found = findCgroups(folder);
    if (found.isCut && !this.#isCutTold) {
      this.#isCutTold = true;
      this.#deps.logger.warn('More cgroups than are looked at', { limit: maxCgroups });
    }
    let failure: unknown;
    for (const [index, path] of found.paths.entries()) {
      if (index % cgroupsAtOnce === cgroupsAtOnce - 1) await setImmediate();
      try {
        this.#cgroup(path, reader, folder, sink);
      } catch (error) {
        // It may have ended while it was read.
        if (isMissing(error)) continue;
        failure = error;
        this.#failures++;
      }
    }
    if (failure !== undefined && !this.#isFailing) {
      this.#deps.logger.warn('Cannot read a cgroup', { err: failure });
    }
    this.#isFailing = failure !== undefined;
    sink.gauge(
      'container_scrape_error',
      '1 if there was an error while getting container metrics, 0 otherwise',
      failure === undefined ? 0 : 1,
    );
  }

  #cgroup(path: string, reader: CgroupReader, folder: string, sink: MetricSink): void {
    const stats = reader.read(path);
    // Gone, or a folder without any controller of ours.
    if (stats.cpu === undefined && stats.memory === undefined) return;
    const labels = this.#labelsOf(path);
    cgroupSeries(stats, labels, sink, (number) => this.#deviceOf(number));
    sink.gauge(
      'container_last_seen',
      'Last time a container was seen by the exporter',
      Math.trunc(this.#deps.clock.nowMs() / 1000),
      labels,
    );
    const started = this.#startedSeconds(path, folder);
    if (started !== undefined) {
      sink.gauge(
        'container_start_time_seconds',
        'Start time of the container since unix epoch in seconds.',
        started,
        labels,
      );
    }
    this.#network(path, stats, reader, labels, sink);
  }

  #labelsOf(path: string): LabelPairs {
    const { podUid, containerId } = cgroupName(path);
    const labels = ['id', path];
    if (containerId !== undefined) {
      labels.push('name', containerId);
      const image = this.#imageOf(containerId);
      if (image !== undefined) labels.push('image', image);
    }
    const container = containerId === undefined ? undefined : this.#names.container(containerId);
    if (container !== undefined) labels.push('container', container.container);
    const pod = container ?? (podUid === undefined ? undefined : this.#names.pod(podUid));
    if (pod !== undefined) labels.push('namespace', pod.namespace, 'pod', pod.pod);
    return labels;
  }

  #startedSeconds(path: string, folder: string): number | undefined {
    if (path === '/') {
      const boot = /^btime (\d+)$/m.exec(this.#files.tryProc('stat') ?? '')?.[1];
      return boot === undefined ? undefined : Number(boot);
    }
    const stat = statSync(join(folder, path), { throwIfNoEntry: false });
    return stat === undefined ? undefined : Math.trunc(stat.ctimeMs / 1000);
  }

  /** The machine's interfaces for `/`; a pod's for the pod; a container's where there is no pod. */
  #network(
    path: string,
    stats: CgroupStats,
    reader: CgroupReader,
    labels: LabelPairs,
    sink: MetricSink,
  ): void {
    const { podUid, containerId } = cgroupName(path);
    let text: string | undefined;
    if (path === '/') text = this.#files.tryNet('dev');
    else if (podUid !== undefined ? containerId === undefined : containerId !== undefined) {
      const pid = stats.processes[0] ?? this.#pidBelow(path, reader);
      if (pid === undefined || this.#isMachineNetwork(pid)) return;
      text = this.#files.tryProc(`${pid}/net/dev`);
    }
    if (text === undefined) return;
    for (const [device, values] of parseNetDev(text)) {
      if (device === 'lo' || podInterfaces.test(device)) continue;
      networkSeries(device, values, labels, sink);
    }
  }

  #pidBelow(path: string, reader: CgroupReader): number | undefined {
    for (const name of this.#files.sysNames(`${reader.folder}${path}`)) {
      if (cgroupName(`${path}/${name}`).containerId === undefined) continue;
      const [pid] = reader.read(`${path}/${name}`).processes;
      if (pid !== undefined) return pid;
    }
    return undefined;
  }

  /** Whether a process is in the network of process 1: its numbers would be the machine's. */
  #isMachineNetwork(pid: number): boolean {
    const { proc } = this.#files.paths;
    try {
      return readlinkSync(join(proc, `${pid}/ns/net`)) === readlinkSync(join(proc, '1/ns/net'));
    } catch {
      return false;
    }
  }

  /** `/dev/NAME` of a block device. */
  #deviceOf(number: string): string {
    let device = this.#devices.get(number);
    if (device === undefined) {
      const name = /^DEVNAME=(.+)$/m.exec(
        this.#files.trySys(`dev/block/${number}/uevent`) ?? '',
      )?.[1];
      device = name === undefined ? number : `/dev/${name}`;
      // Devices are few; numbers may be given again to others.
      if (this.#devices.size > maxDevices) this.#devices.clear();
      this.#devices.set(number, device);
    }
    return device;
  }

  #machine(sink: MetricSink): void {
    const files = this.#files;
    const first = (text: string | undefined): string => text?.trim() ?? '';
    const labels = [
      'boot_id',
      first(files.tryProc('sys/kernel/random/boot_id')),
      'machine_id',
      first(files.tryRoot('etc/machine-id')),
      'system_uuid',
      first(files.trySys('class/dmi/id/product_uuid')),
    ];
    const gauge = (name: string, help: string, value: number | undefined): void => {
      if (value !== undefined) sink.gauge(`machine_${name}`, help, value, labels);
    };
    const stat = files.tryProc('stat') ?? '';
    const cores = (stat.match(/^cpu\d+ /gm) ?? []).length;
    const topology = (file: string): string[] =>
      files
        .sysNames('devices/system/cpu')
        .filter((name) => /^cpu\d+$/.test(name))
        .flatMap((name) => {
          const packageId = files.sysNumber(
            `devices/system/cpu/${name}/topology/physical_package_id`,
          );
          const own = files.sysNumber(`devices/system/cpu/${name}/topology/${file}`);
          return packageId === undefined || own === undefined ? [] : [`${packageId}/${own}`];
        });
    const distinct = (values: readonly string[]): number | undefined =>
      values.length === 0 ? undefined : new Set(values).size;
    const memory = new Map(parseMeminfo(files.tryProc('meminfo') ?? ''));
    gauge('cpu_cores', 'Number of logical CPU cores.', cores);
    gauge('cpu_physical_cores', 'Number of physical CPU cores.', distinct(topology('core_id')));
    gauge('cpu_sockets', 'Number of CPU sockets.', distinct(topology('physical_package_id')));
    gauge(
      'memory_bytes',
      'Amount of memory installed on the machine.',
      memory.get('MemTotal_bytes'),
    );
    gauge(
      'swap_bytes',
      'Amount of swap memory available on the machine.',
      memory.get('SwapTotal_bytes'),
    );
  }
}

const maxDevices = 1000;

/** A cgroup takes a fraction of a millisecond; then others of this process have their turn. */
const cgroupsAtOnce = 32;

/** cgroup v2 where it is the only one; a machine with both has its controllers in v1. */
function readerOf(files: HostFiles): CgroupReader | undefined {
  if (files.hasSys('fs/cgroup/cgroup.controllers')) return cgroupV2(files);
  if (files.hasSys('fs/cgroup/memory') || files.hasSys('fs/cgroup/cpuacct')) return cgroupV1(files);
  return undefined;
}
