export { type CronSchedule, nextCronTime, parseCron } from './cron.ts';
export { type DateMathContext, isWeekStart, parseDateMath, type WeekStart } from './date-math.ts';
export { formatDate } from './format-date.ts';
export {
  firstInstantOf,
  instantOf,
  isZone,
  offsetText,
  resolveZone,
  sortableTime,
  type WallClock,
  wallClockOf,
  zoneOffsetMs,
} from './zone.ts';
