import { tableFrame } from './example-frames.ts';
import { panelOf } from './example-panel.ts';
import type { Example } from './examples.ts';

const pods = tableFrame({
  namespace: ['shop', 'shop', 'shop', 'data', 'data', 'edge'],
  pod: ['cart-7d9f', 'checkout-5b6c', 'search-84ff', 'store-0', 'store-1', 'gate-66c4'],
  cpu: [0.42, 1.31, 0.18, 0.77, 0.81, 0.29],
  restarts: [0, 3, 0, 1, 0, 0],
});

const nested = panelOf('table', 'Groups', {}, { decimals: 2 }, [
  {
    matcher: { id: 'byName', options: 'cpu', scope: 'nested' } as never,
    properties: [
      { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic' } },
      { id: 'max', value: 2 },
    ],
  },
  {
    matcher: { id: 'byName', options: 'restarts', scope: 'nested' } as never,
    properties: [{ id: 'decimals', value: 0 }],
  },
]);

export const tableExamples: readonly Example[] = [
  {
    panel: {
      ...nested,
      transformations: [
        {
          id: 'groupToNestedTable',
          options: {
            showSubframeHeaders: true,
            rules: [
              {
                matcher: { id: 'byName', options: 'namespace' },
                operation: 'groupby',
                aggregations: [],
              },
              {
                matcher: { id: 'byName', options: 'cpu' },
                operation: 'aggregate',
                aggregations: ['sum'],
                keepNestedField: true,
              },
            ],
          },
        },
      ],
    },
    frames: [pods],
    heightPx: 260,
  },
];
