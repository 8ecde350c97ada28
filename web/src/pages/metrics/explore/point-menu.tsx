import { useNavigate } from '@tanstack/react-router';
import { Copy, Filter, FilterX, ScrollText, ZoomIn } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { isoInstant } from '../../../time/range.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { MenuAt, MenuGroup, MenuItem, MenuSeparator, Submenu } from '../../../ui/menu.tsx';
import { copyText } from '../../../ui/toast.tsx';
import css from './explore.module.css';
import type { PickedPoint } from './graph.tsx';
import { useLogsLink } from './use-logs-link.ts';
import { exploreWords } from './words.ts';

/** More labels than these are read in the table. */
const maxLabels = 14;
/** What led to a moment is before it, what came of it after. */
const minAroundMs = 60_000;

export interface PointMenuProps {
  readonly point: PickedPoint;
  readonly stepMs: number;
  readonly onMatch: (point: PickedPoint, label: string, operator: '=' | '!=') => void;
  readonly onClose: () => void;
}

/** What can be done with a point of a graph, or with a part of its time. */
export function PointMenu({ point, stepMs, onMatch, onClose }: PointMenuProps): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const navigate = useNavigate();
  const shared = useSharedRange();
  const search = useLogsLink(point.labels);
  const isRange = point.toMs > point.fromMs;
  const aroundMs = isRange ? 0 : Math.max(minAroundMs, stepMs);
  const open = (fromMs: number, toMs: number): void => {
    const range = { from: isoInstant(Math.floor(fromMs)), to: isoInstant(Math.ceil(toMs)) };
    void navigate({ to: '/logs/insights', search: { ...search, ...range } } as never);
  };
  const openWhole = (): void => {
    void navigate({ to: '/logs/insights', search: { ...search, ...shared.range } } as never);
  };
  const labels = Object.entries(point.labels)
    .filter(([name]) => name !== '__name__' && name !== 'le')
    .slice(0, maxLabels);
  const time = isRange
    ? `${f.logTime(point.fromMs)} – ${f.logTime(point.toMs)}`
    : f.logTime(point.fromMs);
  const items = (operator: '=' | '!='): ReactNode =>
    labels.map(([name, value]) => (
      <MenuItem key={name} onSelect={() => onMatch(point, name, operator)}>
        <code className={css.menuLabel}>
          {name}
          {operator}
          {value}
        </code>
      </MenuItem>
    ));
  return (
    <MenuAt x={point.x} y={point.y} onClose={onClose}>
      <MenuGroup
        label={
          <span className={css.menuHead}>
            <span>{time}</span>
            {point.text !== '' && <strong>{point.text}</strong>}
          </span>
        }
      >
        {isRange && (
          <MenuItem icon={ZoomIn} onSelect={() => shared.zoomTo(point.fromMs, point.toMs)}>
            {m.zoomHere}
          </MenuItem>
        )}
        <MenuItem
          icon={ScrollText}
          note={isRange ? undefined : `±${f.duration(aroundMs)}`}
          onSelect={() => open(point.fromMs - aroundMs, point.toMs + aroundMs)}
        >
          {isRange ? m.logsOfPart : m.logsOfMoment}
        </MenuItem>
        <MenuItem icon={ScrollText} onSelect={openWhole}>
          {m.logs}
        </MenuItem>
        {point.value !== undefined && (
          <MenuItem icon={Copy} onSelect={() => void copyText(String(point.value))}>
            {m.copyValue}
          </MenuItem>
        )}
      </MenuGroup>
      {labels.length > 0 && (
        <>
          <MenuSeparator />
          <Submenu icon={Filter} label={m.onlyThis}>
            {items('=')}
          </Submenu>
          <Submenu icon={FilterX} label={m.exclude}>
            {items('!=')}
          </Submenu>
        </>
      )}
    </MenuAt>
  );
}
