const durationPattern =
  /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const msOfPart: readonly number[] = [
  31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1,
];
/** What an int64 of nanoseconds holds. */
const maxDurationMs = 9_223_372_036_854;

/**
 * `1h30m`, `15s`, `0`: units in falling order, whole numbers.
 * @throws {TypeError} with the reference's words
 */
export function parsePrometheusDurationMs(text: string): number {
  if (text === '') throw new TypeError('empty duration string');
  if (text === '0') return 0;
  const match = durationPattern.exec(text);
  if (match === null) throw new TypeError(`not a valid duration string: "${text}"`);
  let ms = 0;
  msOfPart.forEach((size, index) => {
    ms += Number(match[index + 1] ?? 0) * size;
  });
  if (ms > maxDurationMs) throw new TypeError('duration out of range');
  return ms;
}

const units: readonly (readonly [string, number])[] = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** As the reference prints it: `1h30m`, `15s`; years, weeks and days only where nothing is left over. */
export function formatPrometheusDuration(ms: number): string {
  if (ms === 0) return '0s';
  let text = '';
  let rest = ms;
  for (const [unit, size] of units) {
    const isCalendar = unit === 'y' || unit === 'w' || unit === 'd';
    if (rest < size || (isCalendar && rest % size !== 0)) continue;
    text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text;
}

const sizePowers: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** `10MB` with base 1024, also `10MiB`; `0` is no limit. @throws {TypeError} */
export function parseBase2Bytes(text: string): number {
  if (text === '0') return 0;
  const match = /^(\d+(?:\.\d+)?)(?:([KMGTPE])i?)?B$/.exec(text);
  if (match === null) throw new TypeError(`units: unknown unit or invalid size "${text}"`);
  return Math.floor(Number(match[1]) * 1024 ** (sizePowers[match[2] ?? ''] ?? 0));
}

export function formatBase2Bytes(bytes: number): string {
  for (const [unit, power] of Object.entries(sizePowers).reverse()) {
    if (bytes > 0 && bytes % 1024 ** power === 0) return `${bytes / 1024 ** power}${unit}iB`;
  }
  return `${bytes}B`;
}
