import { pressureSeconds } from '../collectors/kernel.ts';
import { parseMeminfo } from '../collectors/meminfo.ts';
import type { HostFiles } from '../files.ts';
import { fieldsOf, keyValues, linesOf } from '../text.ts';
import type { CgroupReader, CgroupStats, IoStats } from './contract.ts';

const microsecondsPerSecond = 1e6;
const noValues: ReadonlyMap<string, number> = new Map();

/** cgroup v2, as in the kernel's documentation, admin-guide/cgroup-v2. */
export function cgroupV2(files: HostFiles): CgroupReader {
  const folder = 'fs/cgroup';
  return {
    folder,
    read: (path) => {
      const at = path === '/' ? folder : `${folder}${path}`;
      const text = (file: string): string | undefined => files.trySys(`${at}/${file}`);
      const values = (file: string): ReadonlyMap<string, number> | undefined => {
        const found = text(file);
        return found === undefined ? undefined : keyValues(found);
      };
      const [quota, period] = fieldsOf(text('cpu.max') ?? '');
      const hasQuota = quota !== undefined && quota !== 'max';
      return {
        ...cpuOf(values('cpu.stat'), hasQuota),
        ...memoryOf(
          path === '/' ? rootMemory(files) : limitOf(text('memory.current')),
          values('memory.stat') ?? noValues,
          { swap: limitOf(text('memory.swap.current')), peak: limitOf(text('memory.peak')) },
          values('memory.events') ?? noValues,
        ),
        io: parseIoStat(text('io.stat') ?? ''),
        ...optional('threads', limitOf(text('pids.current'))),
        ...optional('maxThreads', limitOf(text('pids.max'))),
        processes: pidsOf(text('cgroup.procs')),
        spec: {
          ...optional('cpuShares', sharesOf(limitOf(text('cpu.weight')))),
          ...(period === undefined ? {} : { cpuPeriod: Number(period) }),
          ...(hasQuota ? { cpuQuota: Number(quota) } : {}),
          ...optional('memoryLimitBytes', limitOf(text('memory.max'))),
          ...optional('memoryReservationBytes', limitOf(text('memory.low'))),
          ...optional('memorySwapLimitBytes', limitOf(text('memory.swap.max'))),
        },
        pressure: pressureOf(text),
      };
    },
  };
}

export const pidsOf = (text: string | undefined): number[] =>
  text === undefined ? [] : [...linesOf(text)].map(Number).filter((pid) => pid > 0);

export function optional<K extends string>(
  name: K,
  value: number | undefined,
): { readonly [key in K]?: number } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]: number });
}

/** A number, or `max`: no limit, which is 0 in cAdvisor's series. */
function limitOf(text: string | undefined): number | undefined {
  const trimmed = text?.trim();
  if (trimmed === undefined || trimmed === '') return undefined;
  return trimmed === 'max' ? 0 : Number(trimmed);
}

/** Weights of 1 to 10,000 stand for shares of 2 to 262,144. */
const sharesOf = (weight: number | undefined): number | undefined =>
  weight === undefined ? undefined : 2 + Math.trunc(((weight - 1) * 262_142) / 9999);

function cpuOf(
  stat: ReadonlyMap<string, number> | undefined,
  hasQuota: boolean,
): Pick<CgroupStats, 'cpu'> {
  const usage = stat?.get('usage_usec');
  if (stat === undefined || usage === undefined) return {};
  const seconds = (name: string): number => (stat.get(name) ?? 0) / microsecondsPerSecond;
  return {
    cpu: {
      usageSeconds: usage / microsecondsPerSecond,
      userSeconds: seconds('user_usec'),
      systemSeconds: seconds('system_usec'),
      ...(hasQuota && stat.has('nr_periods')
        ? {
            throttling: {
              periods: stat.get('nr_periods') ?? 0,
              throttledPeriods: stat.get('nr_throttled') ?? 0,
              throttledSeconds: seconds('throttled_usec'),
            },
          }
        : {}),
    },
  };
}

/** The root has no `memory.current`: what is not free. */
function rootMemory(files: HostFiles): number | undefined {
  const values = new Map(parseMeminfo(files.tryProc('meminfo') ?? ''));
  const total = values.get('MemTotal_bytes');
  const free = values.get('MemFree_bytes');
  return total === undefined || free === undefined ? undefined : total - free;
}

function memoryOf(
  usageBytes: number | undefined,
  stat: ReadonlyMap<string, number>,
  { swap, peak }: { readonly swap: number | undefined; readonly peak: number | undefined },
  events: ReadonlyMap<string, number>,
): Pick<CgroupStats, 'memory'> {
  if (usageBytes === undefined) return {};
  const faults = stat.get('pgfault');
  const majorFaults = stat.get('pgmajfault');
  return {
    memory: {
      usageBytes,
      workingSetBytes: Math.max(0, usageBytes - (stat.get('inactive_file') ?? 0)),
      ...optional('rssBytes', stat.get('anon')),
      ...optional('cacheBytes', stat.get('file')),
      ...optional('mappedFileBytes', stat.get('file_mapped')),
      ...optional('swapBytes', swap),
      ...optional('maxUsageBytes', peak),
      ...optional('limitHits', events.get('max')),
      ...optional('oomKills', events.get('oom_kill')),
      ...optional('pageFaults', faults),
      ...optional('majorPageFaults', majorFaults),
      ...optional('hierarchyPageFaults', faults),
      ...optional('hierarchyMajorPageFaults', majorFaults),
    },
  };
}

/** `259:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6`. */
export function parseIoStat(text: string): Map<string, IoStats> {
  const devices = new Map<string, IoStats>();
  for (const line of linesOf(text)) {
    const [device = '', ...pairs] = fieldsOf(line);
    const values = new Map(pairs.map((pair) => pair.split('=') as [string, string]));
    const get = (name: string): number => Number(values.get(name) ?? 0);
    devices.set(device, {
      reads: get('rios'),
      writes: get('wios'),
      readBytes: get('rbytes'),
      writtenBytes: get('wbytes'),
    });
  }
  return devices;
}

function pressureOf(text: (file: string) => string | undefined): Map<string, number> {
  const pressure = new Map<string, number>();
  for (const resource of ['cpu', 'memory', 'io']) {
    const found = text(`${resource}.pressure`);
    if (found === undefined) continue;
    for (const kind of ['some', 'full'] as const) {
      const seconds = pressureSeconds(found, kind);
      if (seconds !== undefined) pressure.set(`${resource} ${kind}`, seconds);
    }
  }
  return pressure;
}
