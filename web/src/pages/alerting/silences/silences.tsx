import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellOff, Plus } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { alertmanagerApi, type SilenceState, type WireSilence } from '../../../api/alertmanager.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import { Segmented } from '../../../ui/segmented.tsx';
import { SidePanel } from '../../../ui/side-panel.tsx';
import { Empty, ErrorState, SkeletonLines, Status, type StatusKind } from '../../../ui/states.tsx';
import { parseSort, sortText } from '../../../ui/table-model.ts';
import { toast, toastError } from '../../../ui/toast.tsx';
import css from '../alerting.module.css';
import { LinkButton } from '../link-button.tsx';
import { fromWire, matcherText } from '../matcher.ts';
import { MatcherChips } from '../matcher-chips.tsx';
import { alertingWords } from '../words.ts';
import { Affected } from './affected.tsx';
import { silencesWords } from './words.ts';

const refreshMs = 5000;
const silenceStates: readonly SilenceState[] = ['active', 'pending', 'expired'];
const kindOf: Readonly<Record<SilenceState, StatusKind>> = {
  active: 'ok',
  pending: 'info',
  expired: 'unknown',
};

interface Row extends WireSilence {
  /** Alerts that it silences now. */
  readonly affected: number;
  readonly text: string;
}

export function Silences(): ReactNode {
  const m = useMessages(silencesWords);
  const words = useMessages(alertingWords);
  const f = useFormat();
  const setView = useSetView();
  usePageTitle({ label: words.alerting }, { label: words.silences });
  const text = useTextParam('q');
  const state = useTextParam('state');
  const sort = parseSort(useTextParam('sort'));
  const open = useTextParam('open');
  const silences = useQuery({
    queryKey: ['alerting', 'silences'],
    queryFn: ({ signal }) => alertmanagerApi.silences(signal),
    refetchInterval: refreshMs,
  });
  const alerts = useQuery({
    queryKey: ['alerting', 'matching', []],
    queryFn: ({ signal }) => alertmanagerApi.alerts([], signal),
    refetchInterval: refreshMs,
  });
  const all = useMemo((): readonly Row[] => {
    const counts = new Map<string, number>();
    for (const { status } of alerts.data ?? []) {
      for (const id of status.silencedBy) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return (silences.data ?? []).map((silence) => ({
      ...silence,
      affected: counts.get(silence.id) ?? 0,
      text: silence.matchers.map((one) => matcherText(fromWire(one))).join(', '),
    }));
  }, [silences.data, alerts.data]);
  const found = useMemo(() => {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    return all.filter((row) => {
      const content = `${row.text} ${row.comment} ${row.createdBy} ${row.id}`.toLowerCase();
      return wanted.every((word) => content.includes(word));
    });
  }, [all, text]);
  const rows = found.filter((row) => state === '' || row.status.state === state);
  const opened = all.find(({ id }) => id === open);
  const columns = useMemo((): readonly Column<Row>[] => {
    const time = (iso: string): ReactNode => (
      <time title={f.exactTime(Date.parse(iso))}>{f.shortDateTime(Date.parse(iso))}</time>
    );
    return [
      {
        id: 'state',
        header: m.state,
        value: (row) => silenceStates.indexOf(row.status.state),
        cell: (row) => (
          <Status kind={kindOf[row.status.state]}>{m.states[row.status.state]}</Status>
        ),
        width: 104,
        fixed: true,
      },
      {
        id: 'matchers',
        header: words.matchers,
        value: (row) => row.text,
        cell: (row) => <MatcherChips matchers={row.matchers.map(fromWire)} isOneLine />,
        width: 320,
        grow: true,
        fixed: true,
      },
      {
        id: 'ends',
        header: m.ends,
        value: (row) => Date.parse(row.endsAt),
        cell: (row) => time(row.endsAt),
        width: 168,
      },
      {
        id: 'affected',
        header: m.affected,
        value: (row) => row.affected,
        width: 72,
        kind: 'number',
      },
      { id: 'comment', header: m.comment, value: (row) => row.comment, width: 240 },
      { id: 'by', header: m.createdBy, value: (row) => row.createdBy, width: 120 },
      {
        id: 'starts',
        header: m.starts,
        value: (row) => Date.parse(row.startsAt),
        cell: (row) => time(row.startsAt),
        width: 168,
      },
    ];
  }, [m, words, f]);
  const count = (wanted: SilenceState): number =>
    found.filter(({ status }) => status.state === wanted).length;
  return (
    <div className={css.page}>
      <div className={css.main}>
        <h1 className="visually-hidden">{words.silences}</h1>
        {silences.isError && (
          <ErrorState error={silences.error} onRetry={() => void silences.refetch()} />
        )}
        {silences.data === undefined ? (
          !silences.isError && <SkeletonLines count={8} />
        ) : (
          <DataTable
            id="silences"
            label={words.silences}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.id}
            sort={sort}
            onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
            onOpen={(row) => setView({ open: row.id })}
            selectedKey={open}
            tools={
              <>
                <SearchInput
                  className={css.filter}
                  label={m.filter}
                  value={text}
                  onSearch={(q) => setView({ q }, { replace: true })}
                />
                <Segmented<SilenceState | ''>
                  label={m.state}
                  value={state as SilenceState | ''}
                  options={[
                    { value: '', label: words.all },
                    ...silenceStates.map((value) => ({
                      value,
                      label: (
                        <>
                          {m.states[value]}
                          <span className={css.count}>{f.number(count(value))}</span>
                        </>
                      ),
                    })),
                  ]}
                  onChange={(next) => setView({ state: next })}
                />
                <LinkButton className={css.push} to="/alerting/silence/new" icon={Plus}>
                  {m.newSilence}
                </LinkButton>
              </>
            }
            empty={
              all.length === 0 ? (
                <Empty icon={BellOff} title={m.none} text={m.noneText} />
              ) : (
                <Empty icon={BellOff} title={words.noMatch} />
              )
            }
          />
        )}
      </div>
      {opened !== undefined && (
        <SilencePanel key={opened.id} silence={opened} onClose={() => setView({ open: '' })} />
      )}
    </div>
  );
}

function SilencePanel({
  silence,
  onClose,
}: {
  readonly silence: Row;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(silencesWords);
  const words = useMessages(alertingWords);
  const f = useFormat();
  const client = useQueryClient();
  const expire = useMutation({
    mutationFn: () => alertmanagerApi.expireSilence(silence.id),
    onSuccess: async () => {
      toast(m.expired);
      await client.invalidateQueries({ queryKey: ['alerting'] });
    },
    onError: (error) => toastError(error.message),
  });
  const { state } = silence.status;
  const isOver = state === 'expired';
  const facts: readonly (readonly [string, string])[] = [
    [m.createdBy, silence.createdBy],
    [m.starts, f.exactTime(Date.parse(silence.startsAt))],
    [m.ends, f.exactTime(Date.parse(silence.endsAt))],
    ['ID', silence.id],
  ];
  return (
    <SidePanel title={silence.comment || silence.id} onClose={onClose}>
      <div className={page.detail}>
        <div className={css.tools}>
          <Status kind={kindOf[state]}>{m.states[state]}</Status>
          <LinkButton className={css.push} to={`/alerting/silence/${silence.id}/edit`}>
            {isOver ? m.again : words.edit}
          </LinkButton>
          {!isOver && (
            <Button look="danger" disabled={expire.isPending} onClick={() => expire.mutate()}>
              {words.expire}
            </Button>
          )}
        </div>
        <MatcherChips matchers={silence.matchers.map(fromWire)} />
        <dl className={page.facts}>
          {facts.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <section>
          <h2>{m.affected}</h2>
          <Affected matchers={silence.matchers.map(fromWire)} />
        </section>
        <Link to={'/alerting/alerts' as string} search={{ q: silence.text } as never}>
          {words.alerts}
        </Link>
      </div>
    </SidePanel>
  );
}
