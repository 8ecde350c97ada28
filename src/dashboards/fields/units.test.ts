import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import './testing/grafana-in-node.ts';

const { formattedValueToString, getDisplayProcessor } = await import('@grafana/data');
const { grafanaTheme } = await import('./grafana-theme.ts');

/** What people of Grafana read for a value, by unit. */
describe('units', () => {
  const f = (unit: string, value: number, want: string, decimals?: number): void =>
    void it(`${value} as ${unit}: ${want}`, () => {
      const display = getDisplayProcessor({
        field: {
          type: 'number' as never,
          config: { unit, ...(decimals === undefined ? {} : { decimals }) },
        },
        theme: grafanaTheme(true),
        timeZone: 'utc',
      });
      assert.equal(formattedValueToString(display(value)), want);
    });
  f('none', 12345.678, '12346');
  f('short', 12345.678, '12.3 K');
  f('short', 999.5, '1000');
  f('short', 0.00012345, '0.000123');
  f('short', -1500, '-1.50 K');
  f('short', Number.POSITIVE_INFINITY, '∞');
  f('percent', 12.3456, '12.3%');
  f('percentunit', 0.1234, '12.3%');
  f('percentunit', 0.005, '0.500%');
  f('percentunit', 1, '100%');
  f('bytes', 1536, '1.50 KiB');
  f('bytes', 123456789, '118 MiB');
  f('bytes', -2048, '-2 KiB');
  f('decbytes', 1500, '1.50 kB');
  f('Bps', 123456, '123 kB/s');
  f('binBps', 123456, '121 KiB/s');
  f('bps', 123456, '123 kb/s');
  f('bps', 0.25, '250 mb/s');
  f('pps', 1234, '1.23 kp/s');
  f('ops', 1234, '1.23K ops/s');
  f('reqps', 0.5, '0.500 req/s');
  f('s', 0.00123, '1.23 ms');
  f('s', 75, '1.25 mins');
  f('s', 60, '1 min');
  f('s', 4000, '1.11 hours');
  f('s', 90000, '1.04 days');
  f('ms', 1500, '1.50 s');
  f('dtdurations', 90061, '1 day');
  f('dtdurations', 90061, '1 day, 1 hour, 1 minute', 2);
  f('dthms', 3725, '01:02:05');
  f('clocks', 3725, '1h:02m:05s:000ms');
  f('dateTimeAsIso', Date.UTC(2024, 2, 26), '2024-03-26 00:00:00');
  f('hertz', 2.4e9, '2.40 GHz');
  f('celsius', 41.2, '41.2 °C');
  f('rotrpm', 1200, '1200 rpm');
  f('bool', 1, 'True');
  f('bool_yes_no', 1, 'Yes');
  f('currencyKRW', 12345, '₩12.3K');
  f('read/s', 12.5, '12.5 read/s');
  f('suffix:req', 3, '3 req');
  f('prefix:$', 3, '$3');
  f('time:YYYY-MM-DD', Date.UTC(2024, 2, 26), '2024-03-26');
});

describe('hues', () => {
  const f = (name: string, dark: string, light: string): void =>
    void it(name, () => {
      assert.equal(grafanaTheme(true).visualization.getColorByName(name).toUpperCase(), dark);
      assert.equal(grafanaTheme(false).visualization.getColorByName(name).toUpperCase(), light);
    });
  f('green', '#73BF69', '#56A64B');
  f('red', '#F2495C', '#E02F44');
  f('dark-blue', '#1F60C4', '#1250B0');
  f('super-light-yellow', '#FFF899', '#FFEE52');
  it('of the classic palette in their order', () => {
    const { palette } = grafanaTheme(true).visualization;
    assert.deepEqual(palette.slice(0, 4), ['green', 'semi-dark-yellow', 'blue', 'orange']);
    assert.equal(palette.length, 64);
  });
});
