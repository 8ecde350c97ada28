import type { FieldConfig } from '../../../../src/dashboards/model/contract.ts';

type Thresholds = NonNullable<FieldConfig['thresholds']>;

const colors = ['yellow', 'orange', 'red', 'dark-red'] as const;
const firstValue = 80;
const nextStep = 10;

/** The base first, then upwards, as whoever reads them expects it. */
export const withSortedSteps = (thresholds: Thresholds): Thresholds => ({
  ...thresholds,
  steps: thresholds.steps.toSorted(
    (a, b) => (a.value ?? Number.NEGATIVE_INFINITY) - (b.value ?? Number.NEGATIVE_INFINITY),
  ),
});

/** One more step above the highest. */
export function addThreshold(thresholds: Thresholds): Thresholds {
  const { steps } = thresholds;
  const highest = steps.at(-1)?.value ?? undefined;
  const value = highest === undefined ? firstValue : highest + nextStep;
  const color = colors[Math.min(colors.length - 1, Math.max(0, steps.length - 1))] ?? 'red';
  return { ...thresholds, steps: [...steps, { value, color }] };
}
