import { useNavigate } from '@tanstack/react-router';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { ClusterMap } from '../../../api/kubernetes.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { isDark, usePreferences } from '../../../state/preferences.ts';
import { kubernetesWords } from '../words.ts';
import { drawMap, type MapColor, type Picked, pickedBox } from './draw-map.ts';
import { hitMap, layoutMap, tileAt } from './map-layout.ts';
import css from './overview.module.css';

/** Nodes with their pods as tiles; a click opens the pod or the node, so do the arrow keys and Enter. */
export function NodeMap({
  map,
  by,
}: {
  readonly map: ClusterMap;
  readonly by: MapColor;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const navigate = useNavigate();
  const dark = isDark(usePreferences());
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [picked, setPicked] = useState<Picked>();
  useEffect(() => {
    const observer = new ResizeObserver((entries) =>
      setWidth(Math.floor(entries[0]?.contentRect.width ?? 0)),
    );
    if (frame.current !== null) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  const counts = useMemo(() => map.nodes.map(({ pods }) => pods.length), [map]);
  const layout = useMemo(() => layoutMap(counts, width), [counts, width]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `dark` changes the tokens.
  useEffect(() => {
    if (canvas.current === null || width === 0) return;
    drawMap(canvas.current, { map, layout, widthPx: width, by });
  }, [map, layout, width, by, dark]);

  const pod = picked?.pod === undefined ? undefined : map.nodes[picked.node]?.pods[picked.pod];
  const node = picked === undefined ? undefined : map.nodes[picked.node];
  const open = (at: Picked | undefined): void => {
    const target = at === undefined ? undefined : map.nodes[at.node];
    if (target === undefined || at === undefined) return;
    const tile = at.pod === undefined ? undefined : target.pods[at.pod];
    const link =
      tile === undefined
        ? { to: '/kubernetes/node', search: { node: target.name } }
        : { to: '/kubernetes/pod', search: { namespace: tile.namespace, pod: tile.name } };
    void navigate(link as never);
  };
  const hitOf = (event: MouseEvent<HTMLCanvasElement>): Picked | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    return hitMap(layout, counts, event.clientX - box.left, event.clientY - box.top);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') open(picked);
    const next = moved(picked, event.key, counts, layout.nodes[picked?.node ?? 0]?.columns ?? 1);
    if (next === undefined) return;
    event.preventDefault();
    setPicked(next);
  };
  const place = picked?.pod === undefined ? undefined : tileAt(layout, picked.node, picked.pod);
  const tip =
    node === undefined
      ? ''
      : pod === undefined
        ? m.nodeTip(node.name, f.number(node.pods.length))
        : m.podTip(`${pod.namespace}/${pod.name}`, pod.status);
  const shares = [
    ...(pod?.cpu === undefined ? [] : [`${m.cpu} ${f.percent(pod.cpu)}`]),
    ...(pod?.memory === undefined ? [] : [`${m.memory} ${f.percent(pod.memory)}`]),
  ].join(', ');
  return (
    <div ref={frame} className={css.map}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={m.mapLabel(f.number(map.nodes.length))}
        aria-description={m.mapKeys}
        tabIndex={0}
        style={{ width, height: layout.heightPx }}
        onMouseMove={(event) => {
          const next = hitOf(event);
          if (next?.node !== picked?.node || next?.pod !== picked?.pod) setPicked(next);
        }}
        onMouseLeave={() => setPicked(undefined)}
        onBlur={() => setPicked(undefined)}
        onClick={(event) => open(hitOf(event))}
        onKeyDown={onKeyDown}
        className={picked === undefined ? undefined : css.pointed}
      />
      {picked !== undefined && node !== undefined && (
        <div className={css.picked} style={pickedBox(layout, picked)} />
      )}
      {place !== undefined && tip !== '' && (
        <div
          className={css.mapTip}
          style={{
            left: Math.min(place.x, Math.max(0, width - 260)),
            top: place.y + layout.tilePx + 8,
          }}
        >
          <div>{tip}</div>
          {shares !== '' && <div className={css.tipShares}>{shares}</div>}
        </div>
      )}
      <span className="visually-hidden" aria-live="polite">
        {tip}
      </span>
    </div>
  );
}

/** Where an arrow key leads: over the tiles of a node, then to the next node. */
export function moved(
  at: Picked | undefined,
  key: string,
  counts: readonly number[],
  columns: number,
): Picked | undefined {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  if (step === undefined || counts.length === 0) return undefined;
  if (at === undefined) return { node: 0, pod: (counts[0] ?? 0) > 0 ? 0 : undefined };
  const pod = (at.pod ?? -1) + step;
  const count = counts[at.node] ?? 0;
  if (pod >= 0 && pod < count) return { node: at.node, pod };
  const node = at.node + Math.sign(step);
  if (node < 0 || node >= counts.length) return at;
  const nextCount = counts[node] ?? 0;
  if (nextCount === 0) return { node, pod: undefined };
  return { node, pod: step > 0 ? 0 : nextCount - 1 };
}
