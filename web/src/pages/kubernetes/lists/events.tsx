import { CalendarCheck } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import type { TimelineItem } from '../../../api/kubernetes.ts';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Empty, SkeletonLines, Status } from '../../../ui/states.tsx';
import { parseSort, sortText } from '../../../ui/table-model.ts';
import { EventLane } from '../subject/event-lane.tsx';
import { happeningsOf, useTimeline } from '../subject/use-timeline.ts';
import { kubernetesWords } from '../words.ts';
import { ObjectLink } from './cells.tsx';
import { ListSearch, NamespacePicker } from './list-tools.tsx';
import css from './lists.module.css';
import { ListPage } from './object-page.tsx';

const kinds = { info: 'info', warning: 'warning', error: 'critical' } as const;
const ranks = { info: 0, warning: 1, error: 2 } as const;

/** Events and changes of the cluster in the page's range, with a strip of them over time. */
export function Events(): ReactNode {
  const words = useMessages(frameWords);
  return (
    <ListPage title={words.events}>
      <EventTable />
    </ListPage>
  );
}

function EventTable(): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const setView = useSetView();
  const namespace = useTextParam('namespace');
  const search = useTextParam('search').toLowerCase();
  const source = useTextParam('source');
  const severity = useTextParam('severity');
  const sort = parseSort(useTextParam('sort') || '-time');
  const { items, isLoading, hasMore, warnings, loadMore } = useTimeline({
    namespace: namespace || undefined,
  });
  const shown = useMemo(
    () =>
      items.filter(
        (item) =>
          (source === '' || item.source === source) &&
          (severity === '' || item.severity !== 'info') &&
          (search === '' ||
            `${item.type} ${item.object.kind} ${item.object.name} ${item.object.namespace ?? ''} ${item.message}`
              .toLowerCase()
              .includes(search)),
      ),
    [items, source, severity, search],
  );
  const happenings = useMemo(() => happeningsOf(shown, undefined, m), [shown, m]);
  const columns = useMemo(
    (): readonly Column<TimelineItem>[] => [
      {
        id: 'time',
        header: m.time,
        value: (item) => item.time,
        cell: (item) => (
          <span title={f.exactTime(item.time)}>{f.logTime(item.time).slice(0, -4)}</span>
        ),
        width: 124,
        kind: 'mono',
        fixed: true,
      },
      {
        id: 'type',
        header: m.what,
        value: (item) => item.type,
        cell: (item) => (
          <span className={css.clip}>
            <Status kind={kinds[item.severity]}>
              {item.type in m.changes ? m.changes[item.type as keyof typeof m.changes] : item.type}
            </Status>
          </span>
        ),
        width: 190,
      },
      {
        id: 'severity',
        header: m.severity,
        value: (item) => ranks[item.severity],
        cell: (item) => <span>{m.severities[item.severity]}</span>,
        width: 84,
      },
      { id: 'kind', header: m.kind, value: (item) => item.object.kind, width: 110 },
      {
        id: 'object',
        header: m.about,
        value: (item) => item.object.name,
        cell: (item) => <ObjectLink {...item.object} />,
        width: 220,
        kind: 'mono',
      },
      {
        id: 'namespace',
        header: m.namespace,
        value: (item) => item.object.namespace,
        width: 110,
      },
      {
        id: 'count',
        header: m.times,
        value: (item) => item.count,
        cell: (item) => (
          <span className={item.count <= 1 ? css.dim : undefined}>{f.number(item.count)}</span>
        ),
        width: 66,
        kind: 'number',
      },
      {
        id: 'message',
        header: m.message,
        value: (item) => item.message,
        cell: (item) => <span title={item.message}>{item.message}</span>,
        width: 380,
        grow: true,
      },
    ],
    [m, f],
  );
  if (isLoading) return <SkeletonLines count={14} />;
  return (
    <>
      <div className={css.strip}>
        <EventLane happenings={happenings} isLoading={false} />
      </div>
      <DataTable
        id="kubernetes-events"
        label={words.events}
        columns={columns}
        rows={shown}
        rowKey={(item) => item.id}
        sort={sort}
        onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
        onReachEnd={loadMore}
        tools={
          <>
            <ListSearch />
            <NamespacePicker />
            <Segmented
              label={m.source}
              value={source}
              options={[
                { value: '', label: m.all },
                { value: 'event', label: words.events },
                { value: 'change', label: m.changesOnly },
              ]}
              onChange={(next) => setView({ source: next }, { replace: true })}
            />
            <Segmented
              label={m.severity}
              value={severity}
              options={[
                { value: '', label: m.all },
                { value: 'warning', label: m.warningsOnly },
              ]}
              onChange={(next) => setView({ severity: next }, { replace: true })}
            />
            <span className={css.count}>
              {hasMore ? m.newest(f.number(shown.length)) : m.rows(f.number(shown.length))}
            </span>
          </>
        }
        empty={
          <Empty
            icon={CalendarCheck}
            title={m.nothingHappened}
            text={warnings.join(' ') || m.nothingHappenedText}
          />
        }
      />
    </>
  );
}
