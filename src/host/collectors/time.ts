import type { Collector } from '../contract.ts';
import { fieldsOf } from '../text.ts';

/**
 * The name of the zone that holds now, from the rule at the end of a zone file (RFC 8536): `KST-9`,
 * `CET-1CEST,M3.5.0,M10.5.0/3`. Undefined: the file has no such rule.
 */
export function zoneName(rule: string, offsetSeconds: number): string | undefined {
  const found = /^(<[^>]+>|[A-Za-z]+)([+-]?)(\d+)(?::(\d+))?(?::(\d+))?(<[^>]+>|[A-Za-z]+)?/.exec(
    rule,
  );
  if (found === null) return undefined;
  const [, standard = '', sign, hours = '0', minutes = '0', seconds = '0', summer] = found;
  // The rule says what is added to local time to get UTC.
  const behind = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  const standardOffset = sign === '-' ? behind : -behind;
  const name = summer !== undefined && offsetSeconds !== standardOffset ? summer : standard;
  return name.replaceAll(/[<>]/g, '');
}

/** node_exporter's `time`. */
export function timeCollector(nowMs: () => number): Collector {
  return {
    name: 'time',
    collect: (files, sink) => {
      const time = nowMs();
      sink.gauge('node_time_seconds', 'System time in seconds since epoch (1970).', time / 1000);
      const offsetSeconds = -new Date(time).getTimezoneOffset() * 60;
      const zone = process.env['TZ'];
      const file =
        zone === undefined || zone === '' ? 'etc/localtime' : `usr/share/zoneinfo/${zone}`;
      const rule = files.tryRoot(file)?.trimEnd().split('\n').at(-1) ?? '';
      sink.gauge(
        'node_time_zone_offset_seconds',
        'System time zone offset in seconds.',
        offsetSeconds,
        ['time_zone', zoneName(rule, offsetSeconds) ?? 'UTC'],
      );
      const folder = 'devices/system/clocksource';
      for (const name of files.sysNames(folder)) {
        if (!/^clocksource\d+$/.test(name)) continue;
        const device = name.slice('clocksource'.length);
        for (const source of fieldsOf(
          files.trySys(`${folder}/${name}/available_clocksource`) ?? '',
        )) {
          sink.gauge(
            'node_time_clocksource_available_info',
            "Available clocksources read from '/sys/devices/system/clocksource'.",
            1,
            ['clocksource', source, 'device', device],
          );
        }
        const current = files.trySys(`${folder}/${name}/current_clocksource`)?.trim();
        if (current === undefined) continue;
        sink.gauge(
          'node_time_clocksource_current_info',
          "Current clocksource read from '/sys/devices/system/clocksource'.",
          1,
          ['clocksource', current, 'device', device],
        );
      }
    },
  };
}
