/**
 * A sample value as the Prometheus API writes it: the shortest text that reads back the same, without
 * an exponent from 1e-6 up to 1e21, with one of at least two digits beyond.
 */
export function valueText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  const text = String(value);
  const at = text.indexOf('e');
  // JavaScript changes to exponents at the same sizes, and writes e-7 where Go writes e-07.
  return at >= 0 && text.length - at === 3
    ? `${text.slice(0, at + 2)}0${text.slice(at + 2)}`
    : text;
}

/** Unix ms as seconds: whole, or with exactly three digits after the point. */
export function timeText(timeMs: number): string {
  const fraction = Math.abs(timeMs % 1000);
  if (fraction === 0) return String(timeMs / 1000);
  const whole = Math.trunc(timeMs / 1000);
  const sign = timeMs < 0 && whole === 0 ? '-' : '';
  return `${sign}${whole}.${String(fraction).padStart(3, '0')}`;
}
