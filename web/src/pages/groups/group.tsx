import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { logsApi, type WireGroup } from '../../api/logs.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { frameWords } from '../../frame/words.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { IconButton } from '../../ui/button.tsx';
import { ErrorState, Skeleton, Status } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { DeleteGroupDialog, RetentionDialog } from './group-dialogs.tsx';
import { GroupEvents } from './group-events.tsx';
import { GroupStreams } from './group-streams.tsx';
import css from './groups.module.css';
import { groupWords } from './words.ts';

const refreshMs = 10_000;

/** One log group: its facts, its events, its streams. */
export function Group(): ReactNode {
  const m = useMessages(groupWords);
  const words = useMessages(frameWords);
  const f = useFormat();
  const setView = useSetView();
  const name = useTextParam('group');
  const tab = useTextParam('tab') === 'streams' ? 'streams' : 'events';
  usePageTitle({ label: words.groups, to: '/logs/groups' }, { label: name });
  const group = useQuery({
    queryKey: ['group', name],
    queryFn: ({ signal }) => logsApi.group(name, signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  if (group.isError) {
    return (
      <div style={{ padding: 24 }}>
        <ErrorState error={group.error} onRetry={() => void group.refetch()} />
      </div>
    );
  }
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{name}</h1>
      {group.data === undefined ? (
        <div className={css.head}>
          <Skeleton width={480} height={28} />
        </div>
      ) : (
        <Head group={group.data} />
      )}
      <div className={css.tabs}>
        <Tabs
          value={tab}
          onChange={(next) => setView({ tab: next === 'events' ? undefined : next })}
          tabs={[
            {
              value: 'events',
              label: m.tabEvents,
              note: group.data && f.compact(group.data.events),
              content: <GroupEvents name={name} lastEventMs={group.data?.lastEventMs ?? null} />,
            },
            {
              value: 'streams',
              label: m.tabStreams,
              note: group.data && f.number(group.data.streams),
              content: <GroupStreams name={name} />,
            },
          ]}
        />
      </div>
    </div>
  );
}

function Head({ group }: { readonly group: WireGroup }): ReactNode {
  const m = useMessages(groupWords);
  const f = useFormat();
  const [dialog, setDialog] = useState<'none' | 'retention' | 'delete'>('none');
  const close = (): void => setDialog('none');
  const facts: readonly (readonly [string, ReactNode])[] = [
    [m.rate, f.number(group.eventsPerSecond, 1)],
    [m.stored, f.bytes(group.storedBytes)],
    [
      m.lastEvent,
      group.lastEventMs === null ? (
        ''
      ) : (
        <span key="last" title={f.exactTime(group.lastEventMs)}>
          {f.ago(group.lastEventMs, Date.now())}
        </span>
      ),
    ],
    [
      m.retentionLabel,
      <button
        key="retention"
        type="button"
        className={css.link}
        onClick={() => setDialog('retention')}
        title={m.editRetention}
      >
        {group.retentionDays === null ? m.forever : m.days(f.number(group.retentionDays))}
      </button>,
    ],
    [m.created, <span key="created">{f.date(group.createdMs)}</span>],
  ];
  return (
    <header className={css.head}>
      <dl className={css.factList}>
        {facts.map(([label, value]) => (
          <div key={label} className={css.fact}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {group.deletionProtection ? (
        <Status kind="info">{m.protected}</Status>
      ) : (
        <IconButton icon={Trash2} label={m.delete} onClick={() => setDialog('delete')} />
      )}
      {dialog === 'retention' && <RetentionDialog group={group} onClose={close} />}
      {dialog === 'delete' && <DeleteGroupDialog group={group} onClose={close} />}
    </header>
  );
}
