import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { grafanaTheme } = await import('../grafana-theme.ts');
const { firstView, geohashPlace, geoModel, projected } = await import('./geo-model.ts');

const near = (found: number | undefined, wanted: number, reach: number): void =>
  assert.ok(Math.abs((found ?? Number.NaN) - wanted) <= reach, `${found} is not ${wanted}`);

describe('places of a map', () => {
  const f = (name: string, columns: object, location: object, want: number): void =>
    void it(name, () => {
      const layer = { type: 'markers', location };
      const frames = [frameOf(columns as Record<string, unknown[]>)];
      const { points } = geoModel(frames, { layers: [layer] }, grafanaTheme(true));
      assert.equal(points.length, want);
    });
  f('by usual names', { lat: [37.5, null, 91], lng: [127, 0, 0] }, { mode: 'auto' }, 1);
  f(
    'by names of options',
    { a: [1, 2], b: [3, 4] },
    { mode: 'coords', latitude: 'a', longitude: 'b' },
    2,
  );
  f('by geohash', { geohash: ['wydm9', 'not a hash'] }, { mode: 'auto' }, 1);
  f('by codes and names of countries', { c: ['KR', 'fra', 'Japan', '?'] }, { mode: 'lookup' }, 3);
  f(
    'by states',
    { v: [1, 2], state: ['CA', 'Ohio'] },
    { mode: 'lookup', lookup: 'state', gazetteer: 'public/gazetteer/usa-states.json' },
    2,
  );
  f('without any', { value: [1] }, { mode: 'auto' }, 0);

  it('of a gazetteer that is not there say so, and the other layers stay', () => {
    const location = { mode: 'lookup', gazetteer: 'public/gazetteer/airports.geojson' };
    const layers = [{ type: 'markers', location }, { type: 'markers' }];
    const { points, undrawn } = geoModel(
      [frameOf({ lat: [1], lng: [2] })],
      { layers },
      grafanaTheme(true),
    );
    assert.equal(points.length, 1);
    assert.match(undrawn.join(), /airports\.geojson.*allowed are countries, usa-states/);
  });

  it('of a geohash are the middle of its box', () => {
    const seoul = geohashPlace('wydm9');
    near(seoul?.latitude, 37.55, 0.05);
    near(seoul?.longitude, 126.98, 0.05);
    assert.equal(geohashPlace('wyda!'), undefined);
  });

  it('on the map: the equator in the middle, poles at the edge', () => {
    assert.deepEqual(projected({ latitude: 0, longitude: 0 }), { x: 0.5, y: 0.5 });
    near(projected({ latitude: 90, longitude: 0 }).y, 0, 0.001);
  });

  it('all are in sight where the map is to fit', () => {
    const frames = [frameOf({ lat: [37, 35], lon: [127, 129] })];
    const { points } = geoModel(frames, {}, grafanaTheme(true));
    const view = firstView(points, { view: { id: 'fit' } }, 400, 300);
    for (const { x, y } of points) {
      assert.ok(Math.abs(x - view.x) * view.worldPx <= 200);
      assert.ok(Math.abs(y - view.y) * view.worldPx <= 150);
    }
  });

  it('of other kinds of layers are named', () => {
    const layers = [{ type: 'heatmap' }, { type: 'route' }, { type: 'heatmap' }];
    assert.deepEqual(geoModel([], { layers }, grafanaTheme(true)).undrawn, ['heatmap', 'route']);
  });
});
