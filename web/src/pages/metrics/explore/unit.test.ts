import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFormat } from '../../../i18n/format.ts';
import { type Unit, unitOf, valueFormat } from './unit.ts';

describe('unitOf()', () => {
  const f = (expr: string, want: Unit) => it(expr, () => assert.equal(unitOf(expr), want));
  f('node_memory_MemAvailable_bytes', 'bytes');
  f('sum by (instance) (node_memory_MemFree_bytes{a="/b"})', 'bytes');
  f('node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes', 'bytes');
  f('node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes', 'plain');
  f('rate(node_network_receive_bytes_total[5m])', 'bytesPerSecond');
  f('increase(node_network_receive_bytes_total[5m])', 'bytes');
  f('rate(node_cpu_seconds_total[1m])', 'plain');
  f('node_time_seconds', 'plain');
  f('scrape_duration_seconds', 'seconds');
  f('histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m])))', 'seconds');
  f('rate(x_seconds_bucket[5m])', 'plain');
  f('count(node_memory_MemFree_bytes)', 'plain');
  f('up', 'plain');
});

describe('valueFormat()', () => {
  const format = createFormat('en', 'UTC');
  const f = (unit: Unit, value: number, want: string) =>
    it(`${unit} ${value}`, () => assert.equal(valueFormat(unit, format)(value), want));
  f('plain', 0, '0');
  f('plain', 0.00042, '0.00042');
  f('plain', 0.0000042, '4.20e-6');
  f('plain', 1234.567, '1,235');
  f('plain', 1_234_567, '1.235M');
  f('plain', -0.5, '-0.5');
  f('seconds', 0.0123, '12.3 ms');
  f('seconds', 0.0000123, '12.3 µs');
  f('seconds', 2.5, '2.5 s');
  f('seconds', 200, '3m 20s');
  f('bytesPerSecond', 1536, '1.5 KiB/s');
});
