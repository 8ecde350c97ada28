/** Parts of a date in UTC, from seconds since 1970; parts of a second are cut. */
export const dateFunctions: Readonly<Record<string, (seconds: number) => number>> = {
  minute: (seconds) => Math.floor(modulo(whole(seconds), 3600) / 60),
  hour: (seconds) => Math.floor(modulo(whole(seconds), 86_400) / 3600),
  day_of_week: (seconds) => modulo(dayNumber(seconds) + 4, 7),
  day_of_month: (seconds) => civil(seconds).day,
  day_of_year: (seconds) => {
    const { year } = civil(seconds);
    return dayNumber(seconds) - daysBefore(year, 1) + 1;
  },
  days_in_month: (seconds) => {
    const { year, month } = civil(seconds);
    return month === 12 ? 31 : daysBefore(year, month + 1) - daysBefore(year, month);
  },
  month: (seconds) => civil(seconds).month,
  year: (seconds) => civil(seconds).year,
};

const secondsPerDay = 86_400;
const daysPerEra = 146_097;
const modulo = (value: number, by: number): number => ((value % by) + by) % by;
const whole = (seconds: number): number => Math.trunc(seconds);
const dayNumber = (seconds: number): number => Math.floor(whole(seconds) / secondsPerDay);

/** Year, month and day; reaches further than `Date`. Years begin in March, so that leap days are last. */
function civil(seconds: number): { year: number; month: number; day: number } {
  const days = dayNumber(seconds) + 719_468;
  const era = Math.floor(days / daysPerEra);
  const dayOfEra = days - era * daysPerEra;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day };
}

/** Days from 1970 to the first of a month. */
function daysBefore(year: number, month: number): number {
  const from = month <= 2 ? year - 1 : year;
  const era = Math.floor(from / 400);
  const yearOfEra = from - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5);
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysPerEra + dayOfEra - 719_468;
}
