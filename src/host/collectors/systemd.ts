import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Collector, NoData } from '../contract.ts';
import { fieldsOf, linesOf } from '../text.ts';

/** sd_booted(3): this folder is there while systemd is the init of the machine. */
const bootedFolder = 'run/systemd/system';
const timeoutMs = 5000;
/** A unit's line takes some 150 bytes. */
const maxOutputBytes = 4 * 1024 * 1024;
/** Five series each. */
const maxUnits = 1000;

const states = ['activating', 'active', 'deactivating', 'failed', 'inactive'] as const;
/** node_exporter's default: these are many and say little. */
const ignoredUnits = /\.(automount|device|mount|scope|slice|target)$/;

export interface Unit {
  readonly name: string;
  readonly load: string;
  readonly state: string;
}

/** `systemctl list-units --plain --no-legend`: unit, load, active, sub, description. */
export function parseUnits(text: string): Unit[] {
  const units: Unit[] = [];
  for (const line of linesOf(text)) {
    const [name, load, state] = fieldsOf(line);
    if (state !== undefined) units.push({ name: name!, load: load!, state });
  }
  return units;
}

/** Runs systemctl; its output. */
export type Systemctl = (args: readonly string[]) => Promise<string>;

const runSystemctl: Systemctl = (args) =>
  new Promise((resolve, reject) => {
    execFile(
      'systemctl',
      [...args],
      { timeout: timeoutMs, maxBuffer: maxOutputBytes, env: { ...process.env, LC_ALL: 'C' } },
      (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
    );
  });

/** node_exporter's `systemd`: the state of units, asked through systemctl. */
export function systemdCollector(systemctl: Systemctl = runSystemctl): Collector {
  return {
    name: 'systemd',
    collect: async (files, sink) => {
      const { root } = files.paths;
      // In a container the program is not there, or asks another systemd.
      if (root !== '/' && systemctl === runSystemctl) throw new NoData('not on the machine itself');
      if (!existsSync(join(root, bootedFolder))) throw new NoData('systemd is not the init');
      const list = ['list-units', '--all', '--full', '--plain', '--no-legend', '--no-pager'];
      const units = parseUnits(await systemctl(list));
      const manager = await systemctl(['show', '--property=SystemState', '--property=Version']);
      const counts = new Map<string, number>(states.map((state) => [state, 0]));
      for (const { state } of units) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) {
        sink.gauge('node_systemd_units', 'Summary of systemd unit states', count, ['state', state]);
      }
      sink.gauge(
        'node_systemd_system_running',
        "Whether the system is operational (see 'systemctl is-system-running')",
        /^SystemState=running$/m.test(manager) ? 1 : 0,
      );
      const [, full = '', major = ''] = /^Version=((\d+)\S*)/m.exec(manager) ?? [];
      if (major !== '') {
        sink.gauge('node_systemd_version', 'Detected systemd version', Number(major), [
          'version',
          full,
        ]);
      }
      let told = 0;
      for (const { name, load, state } of units) {
        if (load !== 'loaded' || ignoredUnits.test(name) || told++ >= maxUnits) continue;
        for (const each of states) {
          sink.gauge('node_systemd_unit_state', 'Systemd unit', each === state ? 1 : 0, [
            'name',
            name,
            'state',
            each,
          ]);
        }
      }
    },
  };
}
