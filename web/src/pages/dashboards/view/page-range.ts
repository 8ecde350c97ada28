import { useMemo } from 'react';
import type { Dashboard } from '../../../../../src/dashboards/model/contract.ts';
import { parseIntervalMs } from '../../../../../src/dashboards/variables/index.ts';
import { isWeekStart } from '../../../../../src/time/date-math.ts';
import { isZone, resolveZone } from '../../../../../src/time/zone.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { usePreferences } from '../../../state/preferences.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type PageRange, refreshMsOf } from '../../../time/shared-range.tsx';
import { viewWords } from './words.ts';

type Words = (typeof viewWords)['en']['quick'];
type NamedRange = Exclude<keyof Words, 'last'>;

const lastRanges: readonly (readonly [number, 'm' | 'h' | 'd' | 'M' | 'y'])[] = [
  [5, 'm'],
  [15, 'm'],
  [30, 'm'],
  [1, 'h'],
  [3, 'h'],
  [6, 'h'],
  [12, 'h'],
  [24, 'h'],
  [2, 'd'],
  [7, 'd'],
  [30, 'd'],
  [90, 'd'],
  [6, 'M'],
  [1, 'y'],
  [2, 'y'],
  [5, 'y'],
];

const namedRanges: readonly (readonly [NamedRange, string, string])[] = [
  ['yesterday', 'now-1d/d', 'now-1d/d'],
  ['dayBefore', 'now-2d/d', 'now-2d/d'],
  ['thisDayLastWeek', 'now-7d/d', 'now-7d/d'],
  ['previousWeek', 'now-1w/w', 'now-1w/w'],
  ['previousMonth', 'now-1M/M', 'now-1M/M'],
  ['previousFiscalQuarter', 'now-1fQ/fQ', 'now-1fQ/fQ'],
  ['previousYear', 'now-1y/y', 'now-1y/y'],
  ['today', 'now/d', 'now/d'],
  ['todaySoFar', 'now/d', 'now'],
  ['thisWeek', 'now/w', 'now/w'],
  ['thisMonth', 'now/M', 'now/M'],
  ['thisYear', 'now/y', 'now/y'],
];

/** The zone of a view: of the link, else the dashboard's, else the person's. As chosen. */
export function zoneChoiceOf(linked: string, dashboard: string, own: string): string {
  for (const zone of [linked, dashboard]) {
    if (zone === 'browser') return zone;
    if (zone.toLowerCase() === 'utc') return 'UTC';
    if (zone !== '' && isZone(zone)) return zone;
  }
  return own;
}

/** How a dashboard wants its time: range, refresh, zone, calendar, and what to choose from. */
export function useDashboardRange(dashboard: Dashboard): PageRange {
  const m = useMessages(viewWords);
  const setView = useSetView();
  const linkedZone = useTextParam('timezone');
  const own = usePreferences().zone;
  return useMemo(() => {
    const { time, refresh, timepicker, weekStart, fiscalYearStartMonth } = dashboard;
    const zoneChoice = zoneChoiceOf(linkedZone, dashboard.timezone ?? '', own);
    const delayMs = parseIntervalMs(timepicker?.nowDelay ?? '');
    const intervals = timepicker?.refresh_intervals?.map((text) => refreshMsOf(text) / 1000);
    const ranges = timepicker?.quick_ranges;
    return {
      range: time,
      refreshMs: refreshMsOf(refresh ?? ''),
      zone: resolveZone(zoneChoice),
      zoneChoice,
      onZone: (zone) => setView({ timezone: zone }),
      calendar: {
        ...(isWeekStart(weekStart) ? { weekStart } : {}),
        ...(fiscalYearStartMonth === undefined ? {} : { fiscalYearStartMonth }),
      },
      ...(delayMs === undefined ? {} : { delayMs }),
      refreshSeconds: [
        0,
        ...new Set(intervals ?? [5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 86_400]),
      ],
      quickRanges:
        ranges !== undefined && ranges.length > 0
          ? ranges.map(({ display, from, to }) => ({ label: display, range: { from, to } }))
          : [
              ...lastRanges.map(([count, unit]) => ({
                label: m.quick.last(count, unit),
                range: { from: `now-${count}${unit}`, to: 'now' },
              })),
              ...namedRanges.map(([name, from, to]) => ({
                label: m.quick[name],
                range: { from, to },
              })),
            ],
    };
  }, [dashboard, linkedZone, own, setView, m]);
}
