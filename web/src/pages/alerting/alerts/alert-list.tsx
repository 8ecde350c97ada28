import { ChevronDown, ChevronRight } from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { classNames } from '../../../ui/class-names.ts';
import { LabelChips } from '../../../ui/label-chips.tsx';
import { AlertStateWord } from '../alert-state.tsx';
import css from '../alerting.module.css';
import rowCss from '../virtual-rows.module.css';
import { VirtualRows } from '../virtual-rows.tsx';
import { alertingWords } from '../words.ts';
import type { AlertGroup, AlertItem, AlertRow } from './alert-model.ts';
import { pendingGroupKey } from './alert-model.ts';
import look from './alerts.module.css';
import { alertsWords } from './words.ts';

export interface AlertListProps {
  readonly rows: readonly AlertRow[];
  readonly isByLabels: boolean;
  /** Fingerprint of the alert beside the list. */
  readonly open: string;
  readonly nowMs: number;
  readonly onFold: (groupKey: string) => void;
  readonly onOpen: (fingerprint: string) => void;
}

/** Groups and their alerts; only the rows in sight exist. `j` `k` move, Enter opens or folds. */
export function AlertList(props: AlertListProps): ReactNode {
  const { rows, isByLabels, open, nowMs, onFold, onOpen } = props;
  const m = useMessages(alertingWords);
  return (
    <VirtualRows
      label={m.alerts}
      rows={rows}
      rowHeight={30}
      rowKey={(row) => (row.kind === 'group' ? row.group.key : row.alert.key)}
      onOpen={(row) =>
        row.kind === 'group' ? onFold(row.group.key) : onOpen(row.alert.fingerprint)
      }
    >
      {(row, style, isActive) =>
        row.kind === 'group' ? (
          <GroupRow
            group={row.group}
            isOpen={row.isOpen}
            isByLabels={isByLabels}
            isCurrent={isActive}
            style={style}
            onFold={() => onFold(row.group.key)}
          />
        ) : (
          <AlertLine
            alert={row.alert}
            except={['alertname', ...Object.keys(row.group.labels)]}
            isCurrent={row.alert.fingerprint === open || isActive}
            nowMs={nowMs}
            style={style}
            onOpen={() => onOpen(row.alert.fingerprint)}
          />
        )
      }
    </VirtualRows>
  );
}

function GroupRow({
  group,
  isOpen,
  isByLabels,
  isCurrent,
  style,
  onFold,
}: {
  readonly group: AlertGroup;
  readonly isOpen: boolean;
  readonly isByLabels: boolean;
  readonly isCurrent: boolean;
  readonly style: CSSProperties;
  readonly onFold: () => void;
}): ReactNode {
  const m = useMessages(alertingWords);
  const words = useMessages(alertsWords);
  const f = useFormat();
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  const isPending = group.key === pendingGroupKey;
  const title = isPending
    ? words.pendingGroup
    : isByLabels && Object.keys(group.labels).length === 0
      ? words.noLabels
      : (group.receiver ?? '');
  const labels = Object.fromEntries(
    Object.entries(group.labels).map(([name, value]) => [name, value || words.empty]),
  );
  const spoken = [title, ...Object.entries(labels).map((pair) => pair.join('='))].join(' ').trim();
  return (
    <div className={classNames(rowCss.row, rowCss.group)} style={style} aria-current={isCurrent}>
      <button
        type="button"
        className={rowCss.fold}
        aria-expanded={isOpen}
        aria-label={isOpen ? words.fold(spoken) : words.unfold(spoken)}
        onClick={onFold}
      >
        <Arrow size={16} strokeWidth={1.5} aria-hidden />
        {title !== '' && <span>{title}</span>}
      </button>
      <LabelChips labels={labels} isOneLine />
      <span className={`${css.quiet} ${css.push}`}>
        {m.alertCount(f.number(group.alerts.length))}
      </span>
    </div>
  );
}

function AlertLine({
  alert,
  except,
  isCurrent,
  nowMs,
  style,
  onOpen,
}: {
  readonly alert: AlertItem;
  readonly except: readonly string[];
  readonly isCurrent: boolean;
  readonly nowMs: number;
  readonly style: CSSProperties;
  readonly onOpen: () => void;
}): ReactNode {
  const f = useFormat();
  const { labels, annotations, state, sinceMs } = alert;
  return (
    <button
      type="button"
      className={classNames(rowCss.row, look.alert)}
      style={style}
      aria-current={isCurrent}
      onClick={onOpen}
    >
      <span className={look.state}>
        <AlertStateWord state={state} labels={labels} />
      </span>
      <span className={look.name}>{labels['alertname'] ?? '–'}</span>
      <span className={look.summary}>
        {annotations['summary'] ?? annotations['description'] ?? annotations['message'] ?? ''}
      </span>
      <span className={look.chips}>
        <LabelChips labels={labels} except={except} isOneLine />
      </span>
      <time className={look.when} title={f.exactTime(sinceMs)}>
        {f.ago(sinceMs, nowMs)}
      </time>
    </button>
  );
}
