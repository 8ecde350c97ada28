import type { Panel } from '../../../../src/dashboards/model/contract.ts';

/** The panel with an override that holds a column's width, in px. */
export function withWidth(panel: Panel, column: string, widthPx: number): Panel {
  const property = { id: 'custom.width', value: Math.round(widthPx) };
  const { overrides } = panel.fieldConfig;
  const at = overrides.findIndex(
    ({ matcher }) => matcher.id === 'byName' && matcher.options === column,
  );
  const own = overrides[at];
  const next =
    own === undefined
      ? [...overrides, { matcher: { id: 'byName', options: column }, properties: [property] }]
      : overrides.with(at, {
          ...own,
          properties: [...own.properties.filter(({ id }) => id !== property.id), property],
        });
  return { ...panel, fieldConfig: { ...panel.fieldConfig, overrides: next } };
}
