import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { grafanaTheme } = await import('../grafana-theme.ts');
const { canvasModel } = await import('./canvas-model.ts');

const context = {
  frames: [frameOf({ load: [1, 42, null] })],
  theme: grafanaTheme(true),
  interpolate: (text: string): string => text.replace('$city', 'Busan'),
};

const only = (element: object): ReturnType<typeof canvasModel>[number] => {
  const [found] = canvasModel({ root: { elements: [element] } }, context);
  assert.ok(found !== undefined);
  return found;
};

describe('elements of a drawing', () => {
  const text = (name: string, config: object, want: string): void =>
    void it(`text: ${name}`, () =>
      assert.equal(only({ type: 'text', config: { text: config } }).text, want));
  text('fixed, with variables', { mode: 'fixed', fixed: 'In $city' }, 'In Busan');
  text('of a field: its last value', { mode: 'field', field: 'load' }, '42');
  text('of a field that is not there', { mode: 'field', field: 'x', fixed: 'none' }, 'none');

  const place = (name: string, constraint: object, want: object): void =>
    void it(`place: ${name}`, () => {
      const placement = { left: 10, right: 20, top: 30, bottom: 40, width: 50, height: 60 };
      const { shiftX, shiftY, rotationDeg, ...edges } = only({ placement, constraint }).place;
      assert.deepEqual(edges, want);
      assert.equal(rotationDeg, 0);
      const { horizontal, vertical } = constraint as Record<string, string | undefined>;
      assert.deepEqual([shiftX, shiftY], [horizontal === 'center', vertical === 'center']);
    });
  place(
    'left and top by themselves',
    {},
    {
      left: '10px',
      width: '50px',
      top: '30px',
      height: '60px',
    },
  );
  place(
    'right and bottom',
    { horizontal: 'right', vertical: 'bottom' },
    {
      right: '20px',
      width: '50px',
      bottom: '40px',
      height: '60px',
    },
  );
  place(
    'both edges, and shares',
    { horizontal: 'leftright', vertical: 'scale' },
    {
      left: '10px',
      right: '20px',
      top: '30%',
      bottom: '40%',
    },
  );
  place(
    'the middle',
    { horizontal: 'center', vertical: 'center' },
    {
      left: 'calc(50% - 10px)',
      width: '50px',
      top: 'calc(50% - 30px)',
      height: '60px',
    },
  );

  it('of a group stand where the group stands', () => {
    const element = { name: 'in', placement: { left: 5, top: 6 } };
    const { place } = only({
      type: 'frame',
      placement: { left: 100, top: 200 },
      elements: [element],
    });
    assert.deepEqual([place.left, place.top], ['105px', '206px']);
  });

  it('whatever is written, has a shape', () => {
    assert.deepEqual(canvasModel({ root: { elements: 'none' } }, context), []);
    assert.equal(only({ type: 'nobody-knows', placement: 'here' }).shape, 'icon');
  });
});
