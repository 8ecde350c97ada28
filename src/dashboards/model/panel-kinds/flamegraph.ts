import type { PanelKind } from './contract.ts';

/** Stacks of a profile: fields `level`, `value`, `self` and `label`. */
export const flamegraph: PanelKind = {
  type: 'flamegraph',
  name: { en: 'Flame graph', ko: '플레임 그래프' },
  isDrawn: true,
  hasQueries: true,
  standardFields: ['unit', 'decimals'],
  fieldDefaults: {},
  options: [],
  custom: [],
};
