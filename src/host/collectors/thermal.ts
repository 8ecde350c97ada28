import type { Collector } from '../contract.ts';

/** node_exporter's `thermal_zone`. */
export const thermalZoneCollector: Collector = {
  name: 'thermal_zone',
  collect: (files, sink) => {
    for (const entry of files.sysNames('class/thermal')) {
      const folder = `class/thermal/${entry}`;
      const type = files.trySys(`${folder}/type`)?.trim() ?? '';
      if (entry.startsWith('thermal_zone')) {
        const millidegrees = files.sysNumber(`${folder}/temp`);
        if (millidegrees === undefined) continue;
        sink.gauge('node_thermal_zone_temp', 'Zone temperature in Celsius', millidegrees / 1000, [
          'type',
          type,
          'zone',
          entry.slice('thermal_zone'.length),
        ]);
      } else if (entry.startsWith('cooling_device')) {
        const labels = ['name', entry.slice('cooling_device'.length), 'type', type];
        const state = (file: string): number | undefined => files.sysNumber(`${folder}/${file}`);
        const current = state('cur_state');
        const maximum = state('max_state');
        if (current === undefined || maximum === undefined) continue;
        sink.gauge(
          'node_cooling_device_cur_state',
          'Current throttle state of the cooling device',
          current,
          labels,
        );
        sink.gauge(
          'node_cooling_device_max_state',
          'Maximum throttle state of the cooling device',
          maximum,
          labels,
        );
      }
    }
  },
};

/** Kinds of sensors: what a unit of theirs is, and the end of the metric's name. */
const sensors = {
  temp: ['celsius', 1000],
  fan: ['rpm', 1],
  in: ['volts', 1000],
  curr: ['amps', 1000],
  power: ['watt', 1_000_000],
} as const;

const cleanName = (text: string): string => text.replaceAll(/[^a-z0-9:_]/gi, '_').toLowerCase();

/** node_exporter's `hwmon`, for temperatures, fans, voltages, currents and power. */
export const hwmonCollector: Collector = {
  name: 'hwmon',
  collect: (files, sink) => {
    if (!files.hasSys('class/hwmon')) files.sys('class/hwmon');
    for (const entry of files.sysNames('class/hwmon')) {
      const folder = `class/hwmon/${entry}`;
      const device = files.sysLink(`${folder}/device`);
      const subsystem = files.sysLink(`${folder}/device/subsystem`);
      const name = files.trySys(`${folder}/name`)?.trim();
      const chip =
        device === undefined
          ? cleanName(name ?? entry)
          : cleanName(subsystem === undefined ? device : `${subsystem}_${device}`);
      if (name !== undefined) {
        sink.gauge('node_hwmon_chip_names', 'Annotation metric for human-readable chip names', 1, [
          'chip',
          chip,
          'chip_name',
          name,
        ]);
      }
      for (const file of files.sysNames(folder)) {
        const [, kind, number, property] = /^(temp|fan|in|curr|power)(\d+)_(\w+)$/.exec(file) ?? [];
        if (kind === undefined || property === undefined) continue;
        const sensor = `${kind}${number}`;
        if (property === 'label') {
          const label = files.trySys(`${folder}/${file}`)?.trim() ?? '';
          sink.gauge('node_hwmon_sensor_label', 'Label for given chip and sensor', 1, [
            'chip',
            chip,
            'label',
            label,
            'sensor',
            sensor,
          ]);
          continue;
        }
        const isPlain = property === 'input';
        if (
          !isPlain &&
          !/^(max|min|crit|lcrit|average|alarm|crit_alarm|max_alarm)$/.test(property)
        ) {
          continue;
        }
        const value = files.sysNumber(`${folder}/${file}`);
        if (value === undefined) continue;
        const [unit, divisor] = sensors[kind as keyof typeof sensors];
        // Without a unit, in node_exporter, but for `crit_alarm` and the like.
        const isAlarm = property === 'alarm';
        const base = isPlain ? kind : `${kind}_${property}`;
        sink.gauge(
          isAlarm ? `node_hwmon_${base}` : `node_hwmon_${base}_${unit}`,
          `Hardware monitor for ${kindWords[kind as keyof typeof sensors]} (${property})`,
          isAlarm ? value : value / divisor,
          ['chip', chip, 'sensor', sensor],
        );
      }
    }
  },
};

const kindWords = {
  temp: 'temperature',
  fan: 'fan revolutions per minute',
  in: 'voltage',
  curr: 'current',
  power: 'power usage in watts',
} as const;
