import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { panelKinds } from '../../../src/dashboards/model/panel-kinds/index.ts';
import { transformationKinds } from '../../../src/dashboards/model/transformations.ts';
import { panelBodies } from './bodies.ts';
import '../../../src/dashboards/fields/testing/grafana-in-node.ts';

const { transformers } = await import('../../../src/dashboards/fields/transform/transformers.ts');

describe('what an import calls supported', () => {
  it('panels are drawn, and the other way round', () => {
    // Rows are drawn by the page.
    const drawn = panelKinds.filter((kind) => kind.isDrawn && kind.type !== 'row');
    assert.deepEqual(drawn.map((kind) => kind.type).sort(), [...panelBodies.keys()].sort());
  });

  it('transformations are carried out, and the other way round', () => {
    const done = transformationKinds.filter((kind) => kind.isSupported).map((kind) => kind.id);
    assert.deepEqual(done.sort(), [...transformers.keys()].sort());
  });
});
