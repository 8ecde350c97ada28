import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldConfig } from '#dashboards/model';
import { seriesOf } from './testing/frames.fixture.ts';
import './testing/grafana-in-node.ts';

const { panelDefaults } = await import('./panel-defaults.ts');
const { panelFields } = await import('./panel-fields.ts');
const { displayText, singleValues } = await import('./single-values.ts');

describe('displayText()', () => {
  const f = (name: string, value: number | null, defaults: FieldConfig, want: string): void =>
    void it(name, () => {
      const panel = {
        ...{ id: 1, type: 'gauge', options: {}, gridPos: { x: 0, y: 0, w: 1, h: 1 } },
        fieldConfig: { defaults, overrides: [] },
      };
      const base = { panel, interpolate: (text: string) => text, timeZone: 'UTC' };
      const frames = [seriesOf({}, [value])];
      const defaultsOf = panelDefaults('gauge');
      const fields = panelFields({ ...base, frames, isDark: true, defaults: defaultsOf });
      assert.deepEqual(singleValues({ ...base, fields }).map(displayText), [want]);
    });
  f('of a number', 5, {}, '5');
  f('of what is infinite', Number.POSITIVE_INFINITY, {}, '∞');
  f('of no number', Number.NaN, {}, '-');
  f('of nothing', null, {}, '-');
  f('of nothing with a text for it', null, { noValue: 'quiet' }, 'quiet');
});
