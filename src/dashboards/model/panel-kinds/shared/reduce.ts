import type { OptionSpec } from '../contract.ts';
import { choice, flag, inGroup, number, option, text } from '../spec.ts';

/** How many rows become how few values: stat, gauge, bar gauge, pie. */
export const reduceOptions: readonly OptionSpec[] = inGroup('value', [
  flag('reduceOptions.values', ['Each row', '모든 행'], false),
  option('reducers', 'reduceOptions.calcs', ['Calculation', '계산'], ['lastNotNull'], {
    when: { path: 'reduceOptions.values', is: [false] },
  }),
  number('reduceOptions.limit', ['Most rows', '최대 행 수'], 25, {
    min: 1,
    when: { path: 'reduceOptions.values', is: [true] },
  }),
  // '' is every numeric field, a name one field, /…/ those that match.
  option('field', 'reduceOptions.fields', ['Fields', '필드'], ''),
]);

export const orientation: readonly OptionSpec[] = inGroup('value', [
  choice('orientation', ['Orientation', '방향'], 'auto', [
    ['auto', 'Auto', '자동'],
    ['horizontal', 'Horizontal', '가로'],
    ['vertical', 'Vertical', '세로'],
  ]),
]);

/** Sizes of text in px; absent fits the panel. */
export const textSizes: readonly OptionSpec[] = inGroup('text', [
  number('text.titleSize', ['Title size', '제목 크기'], undefined, { min: 1 }),
  number('text.valueSize', ['Value size', '값 크기'], undefined, { min: 1 }),
  number('text.percentSize', ['Percent size', '퍼센트 크기'], undefined, { min: 1 }),
]);

/** Left by panels that were other types once. */
export const leftovers: readonly OptionSpec[] = inGroup('text', [
  flag('alertThreshold', ['Alert thresholds', '알림 임계값'], true, { isHidden: true }),
  text('pluginVersion', ['Version', '버전'], undefined, { isHidden: true }),
]);
