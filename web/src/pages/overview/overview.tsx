import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Inbox } from 'lucide-react';
import type { ReactNode } from 'react';
import { logsApi, type WireAgent, type WireGroup, type WireOverview } from '../../api/logs.ts';
import { Histogram } from '../../charts/histogram.tsx';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { frameWords } from '../../frame/words.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useSharedRange } from '../../time/shared-range.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Card, Empty, ErrorState, Skeleton } from '../../ui/states.tsx';
import { HostTiles } from './host-tiles.tsx';
import css from './overview.module.css';
import { ProblemList } from './problem-list.tsx';
import { StorageCard } from './storage-card.tsx';
import { overviewWords } from './words.ts';

/** The overview is about now: it keeps itself fresh whatever the page's range. */
const refreshMs = 5000;

export function Overview(): ReactNode {
  const words = useMessages(frameWords);
  usePageTitle({ label: words.overview });
  const query = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => logsApi.overview(signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{words.overview}</h1>
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data === undefined ? (
        !query.isError && <Loading />
      ) : query.data.groupCount === 0 ? (
        <>
          <HostTiles />
          <Nothing />
        </>
      ) : (
        <Loaded data={query.data} />
      )}
    </div>
  );
}

function Loading(): ReactNode {
  return (
    <>
      <Skeleton height={44} width={420} />
      <div className={css.tiles}>
        {[0, 1, 2, 3].map((tile) => (
          <Skeleton key={tile} height={94} />
        ))}
      </div>
      <div className={css.pair}>
        <Skeleton height={226} />
        <Skeleton height={226} />
      </div>
      <Skeleton height={320} />
    </>
  );
}

function Nothing(): ReactNode {
  const m = useMessages(overviewWords);
  return (
    <Empty
      icon={Inbox}
      title={m.nothingYet}
      text={m.nothingYetText}
      command={m.nothingYetCommand}
    />
  );
}

function Loaded({ data }: { readonly data: WireOverview }): ReactNode {
  const m = useMessages(overviewWords);
  const f = useFormat();
  const { store } = data;
  const ratio = store.diskBytes === 0 ? 0 : store.messageBytes / store.diskBytes;
  return (
    <>
      <ProblemList problems={data.problems} nowMs={data.nowMs} />
      <HostTiles />
      <div className={css.tiles}>
        <Tile
          label={m.eventsRate}
          figure={f.perSecond(data.eventsPerSecond)}
          note={m.lastMinute}
          values={data.rates.events}
        />
        <Tile
          label={m.bytesRate}
          figure={f.bytesPerSecond(data.bytesPerSecond)}
          note={m.lastMinute}
          values={data.rates.bytes}
        />
        <Tile
          label={m.groups}
          figure={f.number(data.groupCount)}
          note={m.heldEvents(f.number(store.events))}
        />
        <Tile
          label={m.stored}
          figure={f.bytes(store.diskBytes)}
          note={ratio > 1 ? m.compressed(f.number(ratio, 1), f.bytes(store.messageBytes)) : ''}
        />
      </div>
      <div className={css.pair}>
        <IncomingChart />
        <StorageCard store={store} />
      </div>
      <GroupCard groups={data.groups} total={data.groupCount} nowMs={data.nowMs} />
      {data.agents.length > 0 && <AgentCard agents={data.agents} nowMs={data.nowMs} />}
    </>
  );
}

function Tile({
  label,
  figure,
  note,
  values,
}: {
  readonly label: string;
  readonly figure: string;
  readonly note: string;
  readonly values?: readonly (number | null)[];
}): ReactNode {
  return (
    <Card>
      <div className={css.tile}>
        <span className={css.tileLabel}>{label}</span>
        <div className={css.tileMain}>
          <span className={css.figure}>{figure}</span>
          {values?.some((value) => value !== null) && (
            <Sparkline values={values} width={110} height={30} />
          )}
        </div>
        <span className={css.tileNote} title={note}>
          {note}
        </span>
      </div>
    </Card>
  );
}

const chartHeight = 176;

/** Of all groups, counted in the store itself, so that it follows the page's range. */
function IncomingChart(): ReactNode {
  const m = useMessages(overviewWords);
  const { fromMs, toMs } = useSharedRange();
  const query = useQuery({
    queryKey: ['histogram', 'all', fromMs, toMs],
    queryFn: ({ signal }) => logsApi.histogram({ groups: [], fromMs, toMs, bins: 120 }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <Card title={m.ingestion}>
      <div className={css.chart} style={{ minHeight: chartHeight }}>
        {query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <Skeleton height={chartHeight} />
        ) : (
          <Histogram
            title={m.ingestion}
            fromMs={query.data.fromMs}
            binMs={query.data.binMs}
            levels={query.data.levels}
            height={chartHeight}
            stale={query.isPlaceholderData}
          />
        )}
      </div>
    </Card>
  );
}

function GroupCard({
  groups,
  total,
  nowMs,
}: {
  readonly groups: readonly WireGroup[];
  readonly total: number;
  readonly nowMs: number;
}): ReactNode {
  const m = useMessages(overviewWords);
  const f = useFormat();
  return (
    <Card
      title={m.collected}
      actions={<Link to="/logs/groups">{m.allGroups(f.number(total))}</Link>}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus. */}
      <section className={css.scroller} tabIndex={0} aria-label={m.collected}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{m.group}</th>
              <th scope="col">{m.lastHourColumn}</th>
              <th scope="col" className={css.number}>
                {m.rate}
              </th>
              <th scope="col" className={css.number}>
                {m.streams}
              </th>
              <th scope="col" className={css.number}>
                {m.stored}
              </th>
              <th scope="col" className={css.number}>
                {m.retention}
              </th>
              <th scope="col" className={css.number}>
                {m.lastEvent}
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.name}>
                <td className={css.name}>
                  <Link to="/logs/group" search={{ group: group.name } as never}>
                    {group.name}
                  </Link>
                </td>
                <td>
                  <Sparkline values={group.rates} width={110} height={18} />
                </td>
                <td className={css.number}>{f.number(group.eventsPerSecond, 1)}</td>
                <td className={css.number}>{f.number(group.streams)}</td>
                <td className={css.number}>{f.bytes(group.storedBytes)}</td>
                <td className={css.number}>
                  {group.retentionDays === null ? m.forever : m.days(f.number(group.retentionDays))}
                </td>
                <td
                  className={css.number}
                  title={group.lastEventMs === null ? '' : f.exactTime(group.lastEventMs)}
                >
                  {group.lastEventMs === null ? '' : f.ago(group.lastEventMs, nowMs)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}

function AgentCard({
  agents,
  nowMs,
}: {
  readonly agents: readonly WireAgent[];
  readonly nowMs: number;
}): ReactNode {
  const m = useMessages(overviewWords);
  const f = useFormat();
  return (
    <Card title={m.agents}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus. */}
      <section className={css.scroller} tabIndex={0} aria-label={m.agents}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{m.agent}</th>
              <th scope="col">{m.version}</th>
              <th scope="col" className={css.number}>
                {m.rate}
              </th>
              <th scope="col" className={css.number}>
                {m.lag}
              </th>
              <th scope="col" className={css.number}>
                {m.lastBatch}
              </th>
            </tr>
          </thead>
          <tbody>
            {agents.map((agent) => (
              <tr key={agent.id}>
                <td className={css.name}>{agent.host ?? agent.id}</td>
                <td>{agent.version ?? ''}</td>
                <td className={css.number}>{f.number(agent.eventsPerSecond, 1)}</td>
                <td className={css.number}>
                  {agent.lagMs === null ? '' : f.duration(agent.lagMs)}
                </td>
                <td className={css.number}>{f.ago(agent.lastBatchMs, nowMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}
