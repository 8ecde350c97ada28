/** The days that CloudWatch offers; any other number can be set through the API and is kept. */
const offeredDays: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

export interface RetentionChoice {
  /** `forever`, or days. */
  readonly value: string;
  readonly label: string;
}

export function retentionChoices(
  current: number | null,
  words: {
    readonly forever: string;
    readonly oneDay: string;
    readonly days: (count: string) => string;
  },
  number: (value: number) => string,
): readonly RetentionChoice[] {
  const days = [...new Set([...offeredDays, ...(current === null ? [] : [current])])];
  return [
    { value: 'forever', label: words.forever },
    ...days
      .sort((a, b) => a - b)
      .map((count) => ({
        value: String(count),
        label: count === 1 ? words.oneDay : words.days(number(count)),
      })),
  ];
}

export function retentionDays(value: string): number | null {
  return value === 'forever' ? null : Number(value);
}
