import type { FieldConfigSource, Panel } from '../../../../src/dashboards/model/contract.ts';

export function panelOf(
  type: string,
  title: string,
  options: Panel['options'] = {},
  defaults: FieldConfigSource['defaults'] = {},
  overrides: FieldConfigSource['overrides'] = [],
): Panel {
  return {
    id: 0,
    type,
    title,
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    options,
    fieldConfig: { defaults, overrides },
  };
}
