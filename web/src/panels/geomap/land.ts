import { projected } from '../../../../src/dashboards/fields/models/geo-model.ts';

/** The shapes of land in TopoJSON: arcs of steps, which polygons refer to (`~n` is arc n backwards). */
interface Topology {
  readonly transform: {
    readonly scale: readonly [number, number];
    readonly translate: readonly [number, number];
  };
  readonly arcs: readonly (readonly (readonly [number, number])[])[];
  readonly objects: {
    readonly land: {
      readonly geometries: readonly {
        readonly arcs: readonly (readonly (readonly number[])[])[];
      }[];
    };
  };
}

type Line = readonly { readonly x: number; readonly y: number }[];

let loading: Promise<Path2D> | undefined;

/** Coasts of the world as a path in a square of 1 by 1, read once (Natural Earth, 1:110 million). */
export function landPath(): Promise<Path2D> {
  loading ??= import('world-atlas/land-110m.json').then((file) =>
    pathOf(file.default as unknown as Topology),
  );
  return loading;
}

function pathOf(topology: Topology): Path2D {
  const arcs = topology.arcs.map((arc) => lineOf(arc, topology.transform));
  const path = new Path2D();
  for (const { arcs: polygons } of topology.objects.land.geometries) {
    for (const ring of polygons.flat()) {
      addRing(
        path,
        ring.flatMap((at) => (at < 0 ? (arcs[~at] ?? []).toReversed() : (arcs[at] ?? []))),
      );
    }
  }
  return path;
}

/** Where a coast crosses the date line it goes on beyond the edge, into the next copy of the world. */
function addRing(path: Path2D, ring: Line): void {
  let before = 0;
  let shift = 0;
  for (const [at, { x, y }] of ring.entries()) {
    if (at > 0 && x - before > 0.5) shift--;
    if (at > 0 && x - before < -0.5) shift++;
    before = x;
    if (at === 0) path.moveTo(x, y);
    else path.lineTo(x + shift, y);
  }
  // Once around the world: what is enclosed is the south pole.
  if (shift !== 0) {
    path.lineTo(before + shift, 1);
    path.lineTo(ring[0]?.x ?? 0, 1);
  }
  path.closePath();
}

function lineOf(arc: Topology['arcs'][number], { scale, translate }: Topology['transform']): Line {
  let [column, row] = [0, 0];
  return arc.map(([stepX, stepY]) => {
    column += stepX;
    row += stepY;
    return projected({
      longitude: column * scale[0] + translate[0],
      latitude: row * scale[1] + translate[1],
    });
  });
}
