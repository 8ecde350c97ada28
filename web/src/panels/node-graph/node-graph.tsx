import { type ReactNode, useMemo } from 'react';
import { ringPath } from '../../../../src/dashboards/fields/models/gauge-arcs.ts';
import { objectAt, textAt } from '../../../../src/dashboards/fields/read.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { ScrollGroup } from '../shared/scroll-group.tsx';
import { panelWords } from '../words.ts';
import {
  type GraphNode,
  graphOf,
  layeredPlaces,
  type Placed,
  type StatUnits,
} from './graph-model.ts';
import css from './node-graph.module.css';

const radiusPx = 24;
/** Room for one node with its words. */
const nodeRoomX = 150;
const nodeRoomY = 100;

/** Nodes and what leads from one to another, in layers from left to right. */
export function Body({ panel, fields, widthPx, heightPx }: PanelBodyProps): ReactNode {
  const m = useMessages(panelWords);
  const f = useFormat();
  const graph = useMemo(
    () =>
      graphOf(fields.frames, fields.theme.visualization.getColorByName, {
        nodes: unitsOf(objectAt(panel.options, 'nodes')),
        edges: unitsOf(objectAt(panel.options, 'edges')),
      }),
    [fields, panel],
  );
  const places = useMemo(() => layeredPlaces(graph), [graph]);
  if (graph.nodes.length === 0) return <Note>{m.noNodes}</Note>;
  const columns = new Set([...places.values()].map(({ x }) => x)).size;
  const perColumn = Math.max(
    ...[...new Set([...places.values()].map(({ x }) => x))].map(
      (x) => [...places.values()].filter((place) => place.x === x).length,
    ),
  );
  const width = Math.max(widthPx - 12, columns * nodeRoomX);
  const height = Math.max(heightPx - 12, perColumn * nodeRoomY);
  const at = (id: string): Placed | undefined => {
    const place = places.get(id);
    return place === undefined ? undefined : { x: place.x * width, y: place.y * height };
  };
  return (
    <ScrollGroup className={css.scroll} style={{ height: heightPx }} label={panel.title}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={m.nodeTotals(f.number(graph.nodes.length), f.number(graph.edges.length))}
      >
        <defs>
          <marker
            id={`arrow-${panel.id}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8Z" fill="var(--text-3)" />
          </marker>
        </defs>
        {graph.edges.map((edge, index) => {
          const [from, to] = [at(edge.source), at(edge.target)];
          if (from === undefined || to === undefined) return null;
          const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
          const cut = (radiusPx + 4) / length;
          const [dx, dy] = [to.x - from.x, to.y - from.y];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: edges have no other identity.
            <g key={index}>
              <line
                className={css.edge}
                x1={from.x + dx * cut}
                y1={from.y + dy * cut}
                x2={to.x - dx * cut}
                y2={to.y - dy * cut}
                strokeWidth={edge.thickness}
                markerEnd={`url(#arrow-${panel.id})`}
              />
              {edge.text !== '' && (
                <text className={css.edgeText} x={(from.x + to.x) / 2} y={(from.y + to.y) / 2 - 4}>
                  {edge.text}
                </text>
              )}
            </g>
          );
        })}
        {graph.nodes.map((node) => {
          const place = at(node.id);
          return place === undefined ? null : <Node key={node.id} node={node} place={place} />;
        })}
      </svg>
    </ScrollGroup>
  );
}

function unitsOf(options: Readonly<Record<string, unknown>>): StatUnits {
  return {
    mainStat: textAt(options, 'mainStatUnit', '') || undefined,
    secondaryStat: textAt(options, 'secondaryStatUnit', '') || undefined,
  };
}

function Node({ node, place }: { readonly node: GraphNode; readonly place: Placed }): ReactNode {
  let from = 0;
  const field = node.frame.fields.find(({ config }) => (config.links?.length ?? 0) > 0);
  const link = node.row < 0 ? undefined : field?.getLinks?.({ valueRowIndex: node.row })[0];
  const shape = (
    <g transform={`translate(${place.x} ${place.y})`}>
      <title>
        {[node.title, node.subtitle, node.mainStat, node.secondaryStat].filter(Boolean).join('\n')}
      </title>
      <circle className={css.node} r={radiusPx} stroke={node.color ?? 'var(--line-2)'} />
      {node.arcs.map(({ share, color }, index) => {
        const to = from + share * Math.PI * 2;
        const path = ringPath(0, 0, radiusPx + 1.5, radiusPx - 2.5, from, to);
        from = to;
        // biome-ignore lint/suspicious/noArrayIndexKey: arcs are places.
        return share > 0 ? <path key={index} d={path} fill={color} /> : null;
      })}
      <text className={css.stat} y={node.secondaryStat === '' ? 4 : -1}>
        {node.mainStat}
      </text>
      <text className={css.secondary} y={11}>
        {node.secondaryStat}
      </text>
      <text className={css.title} y={radiusPx + 15}>
        {node.title.length > 24 ? `${node.title.slice(0, 23)}…` : node.title}
      </text>
      <text className={css.secondary} y={radiusPx + 28}>
        {node.subtitle}
      </text>
    </g>
  );
  return link === undefined ? (
    shape
  ) : (
    <a href={link.href} target={link.target}>
      {shape}
    </a>
  );
}
