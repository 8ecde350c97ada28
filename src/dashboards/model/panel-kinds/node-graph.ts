import type { PanelKind } from './contract.ts';
import { choice, inGroup, notDrawn, option } from './spec.ts';

export const nodeGraph: PanelKind = {
  type: 'nodeGraph',
  name: { en: 'Node graph', ko: '노드 그래프' },
  isDrawn: true,
  hasQueries: true,
  standardFields: [],
  fieldDefaults: {},
  options: notDrawn(
    inGroup('nodes', [
      choice('layoutAlgorithm', ['Layout', '배치'], 'layered', [
        ['layered', 'Layers', '층'],
        ['force', 'Forces', '힘'],
        ['grid', 'Grid', '격자'],
      ]),
      option('unit', 'nodes.mainStatUnit', [
        'Unit of the first value of nodes',
        '노드 첫째 값 단위',
      ]),
      option('unit', 'nodes.secondaryStatUnit', [
        'Unit of the second value of nodes',
        '노드 둘째 값 단위',
      ]),
      option('unit', 'edges.mainStatUnit', [
        'Unit of the first value of edges',
        '연결 첫째 값 단위',
      ]),
      option('unit', 'edges.secondaryStatUnit', [
        'Unit of the second value of edges',
        '연결 둘째 값 단위',
      ]),
      option('data', 'nodes.arcs', ['Arcs', '고리'], [], { isHidden: true }),
      choice(
        'zoomMode',
        ['Zoom', '확대'],
        'cooperative',
        [
          ['cooperative', 'With a key', '키와 함께'],
          ['greedy', 'Always', '항상'],
        ],
        { isHidden: true },
      ),
    ]),
    {
      layoutAlgorithm: ['nodes are always in layers', '노드는 항상 층으로 배치합니다'],
    },
  ),
  custom: [],
};
