/** Where everything of the map stands; in CSS pixels. */
export interface MapLayout {
  readonly tilePx: number;
  readonly nodes: readonly NodeBox[];
  readonly heightPx: number;
}

export interface NodeBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Tiles of one row. */
  readonly columns: number;
}

export const headPx = 20;
export const padPx = 6;
const gapPx = 10;
export const tileGapPx = 2;
const minNodePx = 92;

/** Tiles get smaller as there are more of them; at 10,000 they still can be told apart and hit. */
export function tileSizeOf(pods: number): number {
  if (pods > 6000) return 8;
  if (pods > 2000) return 10;
  if (pods > 500) return 13;
  return pods > 150 ? 16 : 22;
}

/** Nodes of one size beside each other, each wide enough for the fullest. */
export function layoutMap(podCounts: readonly number[], widthPx: number): MapLayout {
  const total = podCounts.reduce((sum, count) => sum + count, 0);
  const tilePx = tileSizeOf(total);
  const most = Math.max(1, ...podCounts);
  const step = tilePx + tileGapPx;
  const wanted = Math.ceil(Math.sqrt(most * 1.8)) * step + 2 * padPx;
  const usable = Math.max(minNodePx, widthPx);
  const perRow = Math.max(
    1,
    Math.min(
      podCounts.length || 1,
      Math.floor((usable + gapPx) / (Math.max(minNodePx, wanted) + gapPx)),
    ),
  );
  const width = Math.floor((usable - gapPx * (perRow - 1)) / perRow);
  const columns = Math.max(1, Math.floor((width - 2 * padPx + tileGapPx) / step));
  const nodes: NodeBox[] = [];
  let y = 0;
  for (let from = 0; from < podCounts.length; from += perRow) {
    const row = podCounts.slice(from, from + perRow);
    const rows = Math.max(1, ...row.map((count) => Math.ceil(count / columns)));
    const height = headPx + rows * step - tileGapPx + padPx;
    for (const [at] of row.entries()) {
      nodes.push({ x: at * (width + gapPx), y, width, height, columns });
    }
    y += height + gapPx;
  }
  return { tilePx, nodes, heightPx: Math.max(0, y - gapPx) };
}

/** What is under a place: a node (`pod` undefined: its head or its ground) and maybe a pod. */
export function hitMap(
  layout: MapLayout,
  podCounts: readonly number[],
  x: number,
  y: number,
): { readonly node: number; readonly pod: number | undefined } | undefined {
  const node = layout.nodes.findIndex(
    (box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height,
  );
  const box = layout.nodes[node];
  if (box === undefined) return undefined;
  const step = layout.tilePx + tileGapPx;
  const column = Math.floor((x - box.x - padPx) / step);
  const row = Math.floor((y - box.y - headPx) / step);
  const isIn = column >= 0 && column < box.columns && row >= 0;
  const pod = isIn ? row * box.columns + column : -1;
  return { node, pod: pod >= 0 && pod < (podCounts[node] ?? 0) ? pod : undefined };
}

/** Left upper corner of a pod's tile. */
export function tileAt(layout: MapLayout, node: number, pod: number): { x: number; y: number } {
  const box = layout.nodes[node] as NodeBox;
  const step = layout.tilePx + tileGapPx;
  return {
    x: box.x + padPx + (pod % box.columns) * step,
    y: box.y + headPx + Math.floor(pod / box.columns) * step,
  };
}
