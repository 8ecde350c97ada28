import type { Collector } from '../contract.ts';
import { linesOf, numberOf } from '../text.ts';

const bytesPerKilobyte = 1024;
const line = /^([^:]+):\s+(\d+)(?:\s+(kB))?/;

/** /proc/meminfo: names as node_exporter writes them (`Active_anon_bytes`), values in bytes. */
export function* parseMeminfo(text: string): Generator<readonly [name: string, value: number]> {
  for (const each of linesOf(text)) {
    const [, field = '', number, unit] = line.exec(each) ?? [];
    if (number === undefined) continue;
    // `Active(anon)`: one name.
    const name = field.replaceAll(/[()]/g, (sign) => (sign === '(' ? '_' : ''));
    const value = numberOf(number);
    yield unit === undefined ? [name, value] : [`${name}_bytes`, value * bytesPerKilobyte];
  }
}

/** node_exporter's `meminfo`. */
export const meminfoCollector: Collector = {
  name: 'meminfo',
  collect: (files, sink) => {
    for (const [name, value] of parseMeminfo(files.proc('meminfo'))) {
      sink.gauge(`node_memory_${name}`, `Memory information field ${name}.`, value);
    }
  },
};
