import { useNavigate } from '@tanstack/react-router';
import { ChartLine, ScrollText, ZoomIn } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ChartPoint } from '../../../charts/chart-point.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { isoInstant } from '../../../time/range.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { MenuAt, MenuGroup, MenuItem } from '../../../ui/menu.tsx';
import { kubernetesWords } from '../words.ts';
import css from './subject.module.css';

/** What led to a moment is before it, what came of it after. */
const aroundMs = 60_000;

/** From a point of a chart, or a part of its time, to the logs and the metrics of that moment. */
export function MomentMenu({
  point,
  text,
  exprs,
  logs,
  onClose,
}: {
  readonly point: ChartPoint;
  /** The value there. */
  readonly text: string;
  readonly exprs: readonly string[];
  readonly logs: Readonly<Record<string, unknown>>;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const navigate = useNavigate();
  const shared = useSharedRange();
  const isRange = point.toMs > point.fromMs;
  const margin = isRange ? 0 : aroundMs;
  const range = {
    from: isoInstant(Math.floor(point.fromMs - margin)),
    to: isoInstant(Math.ceil(point.toMs + margin)),
  };
  const go = (to: string, search: Readonly<Record<string, unknown>>): void => {
    void navigate({ to, search: { ...search, ...range } } as never);
  };
  const time = isRange
    ? `${f.logTime(point.fromMs)} – ${f.logTime(point.toMs)}`
    : f.logTime(point.fromMs);
  return (
    <MenuAt x={point.x} y={point.y} onClose={onClose}>
      <MenuGroup
        label={
          <span className={css.menuHead}>
            <span>{time}</span>
            {text !== '' && <strong>{text}</strong>}
          </span>
        }
      >
        <MenuItem
          icon={ScrollText}
          note={isRange ? undefined : `±${f.duration(aroundMs)}`}
          onSelect={() => go('/logs/insights', logs)}
        >
          {m.logsHere}
        </MenuItem>
        <MenuItem icon={ChartLine} onSelect={() => go('/metrics/explore', { q: exprs })}>
          {m.metricsHere}
        </MenuItem>
        <MenuItem
          icon={ZoomIn}
          onSelect={() => shared.zoomTo(Date.parse(range.from), Date.parse(range.to))}
        >
          {m.zoomHere}
        </MenuItem>
      </MenuGroup>
    </MenuAt>
  );
}
