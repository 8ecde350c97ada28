import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { silentLogger, systemClock } from '#base';
import { Collection, HostFiles, machineCollectors } from './index.ts';
import { hasNodeExporter, NodeExporter, type Scrape } from './testing/node-exporter.ts';
import { type RecordedSample, RecordingSink } from './testing/recording.ts';

/** Families that node_exporter may have and we do not. Each with its reason in docs/host-metrics.md. */
const notCollected = [
  'node_textfile_',
  'node_dmi_',
  'node_edac_',
  'node_nvme_',
  'node_xfs_',
  'node_btrfs_',
  'node_zfs_',
  'node_nfs_',
  'node_nfsd_',
  'node_ipvs_',
  'node_infiniband_',
  'node_fibrechannel_',
  'node_power_supply_',
  'node_rapl_',
  'node_tape_',
  'node_bcache_',
  'node_disk_filesystem_info',
  'node_disk_device_mapper_info',
  'node_disk_ata_',
  'node_systemd_',
  'node_hwmon_',
] as const;

/** What we have and Debian's node_exporter 1.5 may not. */
const ours = [
  'node_exporter_build_info',
  // Off by default there.
  'node_processes_',
  // Of newer releases.
  'node_softnet_cpu_collision_total',
  'node_softnet_received_rps_total',
  'node_softnet_flow_limit_count_total',
  // The kernel has it since 6.1, node_exporter tells of it since 1.8.
  'node_pressure_irq_stalled_seconds_total',
  'node_netstat_TcpExt_TCPOFOQueue',
  'node_netstat_TcpExt_TCPRcvQDrop',
  'node_systemd_',
  'node_hwmon_',
] as const;

const isOf = (list: readonly string[], key: string): boolean =>
  list.some((prefix) => key.startsWith(prefix));
const isForeign = (key: string): boolean =>
  !key.startsWith('node_') || isOf(notCollected, key) || isOf(ours, key);
const familyOf = (key: string): string => key.replace(/\{.*/, '');

/** Rounds until each value was right once: this machine does other things meanwhile. */
const maxRounds = 12;
/** node_exporter prints floats as Go does, and multiplies where we divide. */
const relativeError = 1e-9;

const docs = new URL('../../docs/host-metrics.md', import.meta.url);

function collectorOf(key: string): string | undefined {
  return /^node_scrape_collector_\w+\{collector="(\w+)"\}$/.exec(key)?.[1];
}

/** Whether a value lies between those of the scrapes before and after. */
function isBetween(sample: RecordedSample, before: number, after: number): boolean {
  const { value, kind } = sample;
  const error = relativeError * Math.max(Math.abs(before), Math.abs(after), Math.abs(value));
  // A gauge that moves may have been beyond both for a moment.
  const drift = kind === 'gauge' ? Math.abs(after - before) : 0;
  return (
    value >= Math.min(before, after) - drift - error &&
    value <= Math.max(before, after) + drift + error
  );
}

describe('the series of this machine', () => {
  const skip = hasNodeExporter() ? false : 'prometheus-node-exporter is not installed';

  it("are those of Debian's node_exporter: names, labels, types, help, values", {
    skip,
  }, async () => {
    await using exporter = await NodeExporter.start();
    const collectors = machineCollectors({ nodeName: hostname() }, systemClock);
    const names = new Set(collectors.map(({ name }) => name));
    names.delete('processes');
    const files = new HostFiles({ proc: '/proc', sys: '/sys', root: '/' });
    const collection = new Collection(collectors, files, {
      clock: systemClock,
      logger: silentLogger,
    });
    const isCompared = (key: string): boolean => {
      const collector = collectorOf(key);
      return !isForeign(key) && (collector === undefined || names.has(collector));
    };
    const wrong = new Map<string, string>();
    const unseen = new Set<string>();
    let compared = 0;
    for (let round = 0; round < maxRounds; round++) {
      const before = await exporter.scrape();
      const sink = new RecordingSink();
      await collection.collect(sink);
      const after = await exporter.scrape();
      compareSets(before, after, sink, isCompared);
      for (const [key, sample] of sink.samples) {
        // How long it took us is ours alone.
        if (!isCompared(key) || sample.name === 'node_scrape_collector_duration_seconds') continue;
        const from = before.values.get(key);
        const to = after.values.get(key);
        if (from === undefined || to === undefined) continue;
        if (round === 0) {
          unseen.add(key);
          compared++;
        }
        if (isBetween(sample, from, to)) {
          unseen.delete(key);
          wrong.delete(key);
        } else if (unseen.has(key)) {
          wrong.set(key, `${from} <= ${sample.value} <= ${to}`);
        }
      }
      if (round > 0 && unseen.size === 0) break;
    }
    assert.deepEqual(Object.fromEntries(wrong), {});
    assert.ok(compared > 200, `Only ${compared} series were compared`);
  });

  it('differ from node_exporter only where the documentation says so', () => {
    const text = readFileSync(docs, 'utf8');
    const missing = [...notCollected, ...ours].filter((name) => !text.includes(name));
    assert.deepEqual(missing, []);
  });
});

function compareSets(
  before: Scrape,
  after: Scrape,
  sink: RecordingSink,
  isCompared: (key: string) => boolean,
): void {
  // A series that came or went between the scrapes says nothing.
  const theirs = [...before.values.keys()].filter(
    (key) => after.values.has(key) && isCompared(key),
  );
  const either = new Set([...before.values.keys(), ...after.values.keys()]);
  assert.deepEqual(
    theirs.filter((key) => !sink.samples.has(key)),
    [],
    'node_exporter has these and we do not',
  );
  assert.deepEqual(
    [...sink.samples.keys()].filter((key) => isCompared(key) && !either.has(key)),
    [],
    'we have these and node_exporter does not',
  );
  for (const key of theirs) {
    const family = familyOf(key);
    assert.equal(sink.samples.get(key)?.kind, before.kinds.get(family), `type of ${family}`);
    assert.equal(sink.samples.get(key)?.help, before.helps.get(family), `help of ${family}`);
  }
}
