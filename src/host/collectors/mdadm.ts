import type { Collector } from '../contract.ts';

export interface DiskArray {
  readonly name: string;
  readonly isActive: boolean;
  readonly required: number;
  readonly active: number;
  readonly failed: number;
  readonly spare: number;
  readonly blocks: number;
  readonly syncedBlocks: number;
  /** `recovery`, `resync`, `check`; undefined: none of them. */
  readonly work: string | undefined;
}

/** /proc/mdstat: a heading for each array, then lines that are indented. */
export function parseMdstat(text: string): DiskArray[] {
  const arrays: DiskArray[] = [];
  for (const part of text.split(/\n(?=\S)/)) {
    const head = /^(md\S*) : (\S+)(?: \(.*?\))? ?(.*)/.exec(part);
    if (head === null) continue;
    const [, name = '', state, members = ''] = head;
    const isActive = state === 'active';
    const count = (flag: string): number => members.split(`(${flag})`).length - 1;
    const disks = (members.match(/\S+\[\d+\]/g) ?? []).length;
    const blocks = Number(/\n\s+(\d+) blocks/.exec(part)?.[1] ?? 0);
    const counted = /\[(\d+)\/(\d+)\]/.exec(part);
    const work = /(recovery|resync|check|reshape)\s*=\s*[\d.]+%\s*\((\d+)\/\d+\)/.exec(part);
    const inUse = disks - count('S') - count('F');
    arrays.push({
      name,
      isActive,
      // A RAID 0 says no numbers: it needs all it has.
      required: Number(counted?.[1] ?? (isActive ? inUse : 0)),
      active: Number(counted?.[2] ?? (isActive ? inUse : 0)),
      failed: count('F'),
      spare: count('S'),
      blocks,
      syncedBlocks: work === null ? blocks : Number(work[2]),
      work: work?.[1],
    });
  }
  return arrays;
}

/** node_exporter's `mdadm`. */
export const mdadmCollector: Collector = {
  name: 'mdadm',
  collect: (files, sink) => {
    for (const array of parseMdstat(files.proc('mdstat'))) {
      const device = ['device', array.name];
      const disks = { active: array.active, failed: array.failed, spare: array.spare };
      for (const [state, count] of Object.entries(disks)) {
        sink.gauge('node_md_disks', 'Number of active/failed/spare disks of device.', count, [
          ...device,
          'state',
          state,
        ]);
      }
      sink.gauge(
        'node_md_disks_required',
        'Total number of disks of device.',
        array.required,
        device,
      );
      sink.gauge('node_md_blocks', 'Total number of blocks on device.', array.blocks, device);
      sink.gauge(
        'node_md_blocks_synced',
        'Number of blocks synced on device.',
        array.syncedBlocks,
        device,
      );
      const work = array.work === 'reshape' ? 'recovering' : array.work;
      const state = array.isActive
        ? (work?.replace(/^recovery$/, 'recovering') ?? 'active')
        : 'inactive';
      for (const each of ['active', 'check', 'inactive', 'recovering', 'resync']) {
        sink.gauge('node_md_state', 'Indicates the state of md-device.', each === state ? 1 : 0, [
          ...device,
          'state',
          each,
        ]);
      }
    }
  },
};
