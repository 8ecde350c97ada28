import { type DataFrame, type Field, formattedValueToString, getValueFormat } from '@grafana/data';

export interface GraphNode {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly mainStat: string;
  readonly secondaryStat: string;
  readonly color: string | undefined;
  /** Shares of the ring around it, adding up to 1 at most. */
  readonly arcs: readonly { readonly share: number; readonly color: string }[];
  readonly row: number;
  readonly frame: DataFrame;
}

export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  readonly text: string;
  readonly thickness: number;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** More of them are a hairball. */
const maxNodes = 300;
const maxEdges = 1500;

/** A frame of edges has sources and targets, a frame of nodes ids; nodes may follow from the edges. */
export interface GraphUnits {
  readonly nodes: StatUnits;
  readonly edges: StatUnits;
}

/** Where the columns do not say theirs. */
export interface StatUnits {
  readonly mainStat: string | undefined;
  readonly secondaryStat: string | undefined;
}

export function graphOf(
  frames: readonly DataFrame[],
  colorByName: (name: string) => string,
  units: GraphUnits,
): Graph {
  const edgeFrame = frames.find((frame) => fieldOf(frame, 'source') && fieldOf(frame, 'target'));
  const nodeFrame = frames.find((frame) => frame !== edgeFrame && fieldOf(frame, 'id'));
  const edges = edgeFrame === undefined ? [] : edgesOf(edgeFrame, units.edges);
  const nodes = nodeFrame === undefined ? [] : nodesOf(nodeFrame, colorByName, units.nodes);
  const known = new Set(nodes.map(({ id }) => id));
  const implied = [...new Set(edges.flatMap(({ source, target }) => [source, target]))]
    .filter((id) => !known.has(id))
    .map(
      (id): GraphNode => ({
        id,
        title: id,
        subtitle: '',
        mainStat: '',
        secondaryStat: '',
        color: undefined,
        arcs: [],
        row: -1,
        frame: edgeFrame as DataFrame,
      }),
    );
  return { nodes: [...nodes, ...implied].slice(0, maxNodes), edges };
}

function fieldOf(frame: DataFrame, name: string): Field | undefined {
  return frame.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
}

function textAt(frame: DataFrame, name: string, row: number, unit?: string): string {
  const field = fieldOf(frame, name);
  const value: unknown = field?.values[row];
  if (field === undefined || value === null || value === undefined) return '';
  if (typeof value === 'number') {
    return formattedValueToString(
      unit !== undefined && field.config.unit === undefined
        ? getValueFormat(unit)(value)
        : (field.display?.(value) ?? getValueFormat('short')(value)),
    );
  }
  return String(value);
}

function nodesOf(
  frame: DataFrame,
  colorByName: (name: string) => string,
  units: StatUnits,
): readonly GraphNode[] {
  const arcs = frame.fields.filter((field) => field.name.toLowerCase().startsWith('arc__'));
  return Array.from({ length: Math.min(frame.length, maxNodes) }, (_, row): GraphNode => {
    const color = textAt(frame, 'color', row);
    const id = textAt(frame, 'id', row);
    return {
      id,
      title: textAt(frame, 'title', row) || id,
      subtitle: textAt(frame, 'subTitle', row),
      mainStat: textAt(frame, 'mainStat', row, units.mainStat),
      secondaryStat: textAt(frame, 'secondaryStat', row, units.secondaryStat),
      color: color === '' ? undefined : colorByName(color),
      arcs: arcs.map((field) => ({
        share: Math.min(1, Math.max(0, Number(field.values[row]) || 0)),
        color: colorByName(field.config.color?.fixedColor ?? 'text'),
      })),
      row,
      frame,
    };
  });
}

function edgesOf(frame: DataFrame, units: StatUnits): readonly GraphEdge[] {
  return Array.from({ length: Math.min(frame.length, maxEdges) }, (_, row) => ({
    source: String(fieldOf(frame, 'source')?.values[row] ?? ''),
    target: String(fieldOf(frame, 'target')?.values[row] ?? ''),
    text: [
      textAt(frame, 'mainStat', row, units.mainStat),
      textAt(frame, 'secondaryStat', row, units.secondaryStat),
    ]
      .filter((part) => part !== '')
      .join(' '),
    thickness: Math.min(8, Math.max(1, Number(fieldOf(frame, 'thickness')?.values[row]) || 1)),
  }));
}

export interface Placed {
  readonly x: number;
  readonly y: number;
}

/** Times that layers are put in the order of their neighbours. */
const sweeps = 6;

/**
 * Places in layers from left to right, each node behind those that lead to it; within a layer near its
 * neighbours. 0 to 1 in both directions.
 */
export function layeredPlaces({ nodes, edges }: Graph): ReadonlyMap<string, Placed> {
  const layerOf = new Map(nodes.map(({ id }) => [id, 0]));
  const links = edges.filter(
    ({ source, target }) => source !== target && layerOf.has(source) && layerOf.has(target),
  );
  // At most as many rounds as there are nodes: circles end there.
  for (let round = 0; round < nodes.length; round++) {
    let isChanged = false;
    for (const { source, target } of links) {
      const next = (layerOf.get(source) as number) + 1;
      if (next > (layerOf.get(target) as number) && next < nodes.length) {
        layerOf.set(target, next);
        isChanged = true;
      }
    }
    if (!isChanged) break;
  }
  const used = [...new Set(layerOf.values())].sort((a, b) => a - b);
  const layers = used.map((layer) =>
    nodes.filter(({ id }) => layerOf.get(id) === layer).map(({ id }) => id),
  );
  const place = new Map<string, number>();
  const number = (layer: readonly string[]): void => {
    for (const [at, id] of layer.entries()) place.set(id, (at + 0.5) / layer.length);
  };
  for (const layer of layers) number(layer);
  const neighbours = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { source, target } of links) {
    neighbours.get(source)?.push(target);
    neighbours.get(target)?.push(source);
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const layer of layers) {
      const wanted = new Map(
        layer.map((id) => {
          const near = neighbours.get(id) ?? [];
          const sum = near.reduce((total, other) => total + (place.get(other) ?? 0), 0);
          return [id, near.length === 0 ? (place.get(id) as number) : sum / near.length];
        }),
      );
      layer.sort((a, b) => (wanted.get(a) as number) - (wanted.get(b) as number));
      number(layer);
    }
  }
  return new Map(
    layers.flatMap((layer, column) =>
      layer.map(
        (id) => [id, { x: (column + 0.5) / layers.length, y: place.get(id) as number }] as const,
      ),
    ),
  );
}
