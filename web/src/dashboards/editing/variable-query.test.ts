import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dashboard } from '../../../../src/dashboards/model/contract.ts';
import { dashboardOf, panelAt, rowAt } from './editing.fixture.ts';
import { usesOf } from './uses.ts';
import { partsOfQuery, queryOfParts } from './variable-query.ts';

describe('queries of variables', () => {
  const f = (query: string, kind: string, label: string, text: string): void =>
    void it(query || 'nothing', () => {
      assert.deepEqual(partsOfQuery(query), { kind, label, text });
      if (query !== '') assert.equal(queryOfParts(partsOfQuery(query)), query);
    });
  f('label_values(up{job="a", x=~"$y"}, pod)', 'labelValues', 'pod', 'up{job="a", x=~"$y"}');
  f('label_values(pod)', 'labelValues', 'pod', '');
  f('label_values()', 'labelValues', '', '');
  f('label_names()', 'labelNames', '', '');
  f('label_names(kube_.*)', 'labelNames', '', 'kube_.*');
  f('metrics(kube_.*)', 'metrics', '', 'kube_.*');
  f('query_result(topk(5, up))', 'queryResult', '', 'topk(5, up)');
  f('query_result()', 'queryResult', '', '');
  f('up{job="a"}', 'series', '', 'up{job="a"}');
  f('', 'labelValues', '', '');
});

describe('where a variable is used', () => {
  const dashboard: Dashboard = {
    ...dashboardOf(
      panelAt(1, [0, 0, 12, 8], { title: 'Of $city', targets: [{ refId: 'A', expr: 'up' }] }),
      panelAt(2, [0, 8, 12, 8], { targets: [{ refId: 'A', expr: 'up{c=~"${city:regex}"}' }] }),
      panelAt(3, [0, 16, 12, 8], { targets: [{ refId: 'A', expr: 'up{city="$cityName"}' }] }),
      rowAt(4, 24, {
        repeat: 'city',
        collapsed: true,
        panels: [panelAt(5, [0, 25, 12, 8], { title: '[[city]]' })],
      }),
    ),
    templating: {
      list: [
        { name: 'city', type: 'custom', query: '$city' },
        { name: 'pod', type: 'query', query: { query: 'label_values(up{c="$city"}, pod)' } },
        { name: 'old', type: 'query', query: 'x', definition: '$city' },
      ],
    },
    annotations: { list: [{ name: 'Full', enable: true, expr: 'up{c="$city"} > 1' }] },
    links: [{ type: 'link', title: 'Shop', url: '/d/x?var-city=$city' }],
  };

  it('names panels, rows, variables, annotations and links, by whole names', () => {
    assert.deepEqual(
      usesOf(dashboard, 'city').map((use) => [use.kind, use.title]),
      [
        ['panel', 'Of $city'],
        ['panel', 'Panel 2'],
        ['row', 'Panel 4'],
        ['panel', '[[city]]'],
        ['variable', '$pod'],
        ['annotation', 'Full'],
        ['link', 'Shop'],
      ],
    );
    assert.deepEqual(usesOf(dashboard, 'pod'), []);
  });
});
