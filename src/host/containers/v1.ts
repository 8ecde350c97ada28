import type { HostFiles } from '../files.ts';
import { fieldsOf, keyValues, linesOf } from '../text.ts';
import type { CgroupReader, CgroupStats, IoStats } from './contract.ts';
import { optional, pidsOf } from './v2.ts';

const nanosecondsPerSecond = 1e9;
const ticksPerSecond = 100;
/** The kernel's "no limit" is the largest number of pages; anything near it is more than any machine has. */
const unlimitedBytes = 2 ** 62;

/** cgroup v1, as in the kernel's documentation, admin-guide/cgroup-v1. */
export function cgroupV1(files: HostFiles): CgroupReader {
  const text = (controller: string, path: string, file: string): string | undefined =>
    files.trySys(`fs/cgroup/${controller}${path === '/' ? '' : path}/${file}`);
  const number = (controller: string, path: string, file: string): number | undefined => {
    const found = text(controller, path, file)?.trim();
    if (found === undefined || found === '') return undefined;
    return found === 'max' ? 0 : Number(found);
  };
  const limit = (path: string, file: string): number | undefined => {
    const bytes = number('memory', path, file);
    return bytes === undefined || bytes < unlimitedBytes ? bytes : 0;
  };
  return {
    folder: files.hasSys('fs/cgroup/memory') ? 'fs/cgroup/memory' : 'fs/cgroup/cpuacct',
    read: (path) => {
      const quota = number('cpu', path, 'cpu.cfs_quota_us');
      const hasQuota = quota !== undefined && quota > 0;
      return {
        ...cpuOf(path, text, number, hasQuota),
        ...memoryOf(path, text, number),
        io: ioOf((file) => text('blkio', path, file)),
        ...optional('threads', number('pids', path, 'pids.current')),
        ...optional('maxThreads', number('pids', path, 'pids.max')),
        processes: pidsOf(
          text('memory', path, 'cgroup.procs') ?? text('cpuacct', path, 'cgroup.procs'),
        ),
        spec: {
          ...optional('cpuShares', number('cpu', path, 'cpu.shares')),
          ...optional('cpuPeriod', number('cpu', path, 'cpu.cfs_period_us')),
          ...(hasQuota ? { cpuQuota: quota } : {}),
          ...optional('memoryLimitBytes', limit(path, 'memory.limit_in_bytes')),
          ...optional('memoryReservationBytes', limit(path, 'memory.soft_limit_in_bytes')),
          ...optional('memorySwapLimitBytes', limit(path, 'memory.memsw.limit_in_bytes')),
        },
        pressure: new Map(),
      };
    },
  };
}

type Text = (controller: string, path: string, file: string) => string | undefined;
type Read = (controller: string, path: string, file: string) => number | undefined;

function cpuOf(
  path: string,
  text: Text,
  number: Read,
  hasQuota: boolean,
): Pick<CgroupStats, 'cpu'> {
  const usage = number('cpuacct', path, 'cpuacct.usage');
  if (usage === undefined) return {};
  const split = keyValues(text('cpuacct', path, 'cpuacct.stat') ?? '');
  const seconds = (name: string): number | undefined => {
    const ticks = split.get(name);
    return ticks === undefined ? undefined : ticks / ticksPerSecond;
  };
  const stat = hasQuota ? keyValues(text('cpu', path, 'cpu.stat') ?? '') : undefined;
  return {
    cpu: {
      usageSeconds: usage / nanosecondsPerSecond,
      ...optional('userSeconds', seconds('user')),
      ...optional('systemSeconds', seconds('system')),
      ...(stat?.has('nr_periods')
        ? {
            throttling: {
              periods: stat.get('nr_periods') ?? 0,
              throttledPeriods: stat.get('nr_throttled') ?? 0,
              throttledSeconds: (stat.get('throttled_time') ?? 0) / nanosecondsPerSecond,
            },
          }
        : {}),
    },
  };
}

function memoryOf(path: string, text: Text, number: Read): Pick<CgroupStats, 'memory'> {
  const usageBytes = number('memory', path, 'memory.usage_in_bytes');
  if (usageBytes === undefined) return {};
  const stat = keyValues(text('memory', path, 'memory.stat') ?? '');
  return {
    memory: {
      usageBytes,
      workingSetBytes: Math.max(0, usageBytes - (stat.get('total_inactive_file') ?? 0)),
      ...optional('rssBytes', stat.get('total_rss')),
      ...optional('cacheBytes', stat.get('total_cache')),
      ...optional('mappedFileBytes', stat.get('total_mapped_file')),
      ...optional('swapBytes', stat.get('total_swap')),
      ...optional('maxUsageBytes', number('memory', path, 'memory.max_usage_in_bytes')),
      ...optional('limitHits', number('memory', path, 'memory.failcnt')),
      ...optional(
        'oomKills',
        keyValues(text('memory', path, 'memory.oom_control') ?? '').get('oom_kill'),
      ),
      ...optional('pageFaults', stat.get('pgfault')),
      ...optional('majorPageFaults', stat.get('pgmajfault')),
      ...optional('hierarchyPageFaults', stat.get('total_pgfault')),
      ...optional('hierarchyMajorPageFaults', stat.get('total_pgmajfault')),
    },
  };
}

/** Lines of `8:0 Read 4096`; the recursive files count what is below, as cgroup v2 does. */
export function ioOf(text: (file: string) => string | undefined): Map<string, IoStats> {
  const devices = new Map<string, IoStats>();
  const add = (
    file: string,
    read: 'reads' | 'readBytes',
    write: 'writes' | 'writtenBytes',
  ): void => {
    const found = text(`${file}_recursive`) ?? text(file);
    for (const line of linesOf(found ?? '')) {
      const [device = '', operation, value] = fieldsOf(line);
      if (value === undefined) continue;
      const key = operation === 'Read' ? read : operation === 'Write' ? write : undefined;
      if (key === undefined) continue;
      let stats = devices.get(device);
      if (stats === undefined) {
        stats = { reads: 0, writes: 0, readBytes: 0, writtenBytes: 0 };
        devices.set(device, stats);
      }
      stats[key] = Number(value);
    }
  };
  add('blkio.throttle.io_serviced', 'reads', 'writes');
  add('blkio.throttle.io_service_bytes', 'readBytes', 'writtenBytes');
  return devices;
}
