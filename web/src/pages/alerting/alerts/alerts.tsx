import { useQuery } from '@tanstack/react-query';
import { BellOff, BellRing } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { alertmanagerApi } from '../../../api/alertmanager.ts';
import { grafanaAlertingApi } from '../../../api/grafana-alerting.ts';
import { metricsApi } from '../../../api/metrics.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useListParam, useSetView, useTextParam } from '../../../state/view.ts';
import { MultiCombobox } from '../../../ui/combobox.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { LinkButton } from '../link-button.tsx';
import { parseSearch } from '../matcher.ts';
import { alertingWords } from '../words.ts';
import { AlertList } from './alert-list.tsx';
import {
  type AlertState,
  alertFilter,
  alertStates,
  countByState,
  deliveredGroups,
  groupedBy,
  rowsOf,
  uniqueAlerts,
} from './alert-model.ts';
import { AlertPanel } from './alert-panel.tsx';
import { alertsWords } from './words.ts';

/** Alerts change at the pace of rules; what was asked for last stays in sight meanwhile. */
const refreshMs = 5000;

/** Everything that fires or is about to, as it is told of or by labels. */
export function Alerts(): ReactNode {
  const common = useMessages(alertingWords);
  const m = useMessages(alertsWords);
  const f = useFormat();
  const setView = useSetView();
  usePageTitle({ label: common.alerting }, { label: common.alerts });
  const groupsQuery = useQuery({
    queryKey: ['alerting', 'groups'],
    queryFn: ({ signal }) => alertmanagerApi.groups(signal),
    refetchInterval: refreshMs,
  });
  const rulesQuery = useQuery({
    queryKey: ['metrics', 'alerts'],
    queryFn: ({ signal }) => metricsApi.alerts(signal),
    refetchInterval: refreshMs,
  });
  const ownQuery = useQuery({
    queryKey: ['alerting', 'own-alerts'],
    queryFn: ({ signal }) => grafanaAlertingApi.alerts(signal),
    refetchInterval: refreshMs,
  });
  const text = useTextParam('q');
  const state = useTextParam('state');
  const names = useListParam('by');
  const isByLabels = useTextParam('group') === 'labels';
  const open = useTextParam('open');
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());

  const delivered = useMemo(
    () =>
      deliveredGroups(groupsQuery.data ?? [], [
        ...(rulesQuery.data?.alerts ?? []),
        ...(ownQuery.data ?? []),
      ]),
    [groupsQuery.data, rulesQuery.data, ownQuery.data],
  );
  const all = useMemo(() => uniqueAlerts(delivered), [delivered]);
  const search = useMemo(() => {
    try {
      return alertFilter(parseSearch(text));
    } catch {
      return undefined;
    }
  }, [text]);
  const counts = useMemo(
    () => countByState(search === undefined ? [] : all.filter(search)),
    [all, search],
  );
  const rows = useMemo(() => {
    if (search === undefined) return [];
    const groups = isByLabels ? groupedBy(all, names) : delivered;
    return rowsOf(groups, (one) => (state === '' || one.state === state) && search(one), folded);
  }, [all, delivered, search, isByLabels, names, state, folded]);
  const labelNames = useMemo(
    () => [...new Set(all.flatMap(({ labels }) => Object.keys(labels)))].toSorted(),
    [all],
  );
  const opened = all.find(({ fingerprint }) => fingerprint === open);
  const isLoading = groupsQuery.data === undefined && !groupsQuery.isError;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const counted = (label: string, count: number): ReactNode => (
    <>
      {label}
      <span className={css.count}>{f.number(count)}</span>
    </>
  );
  return (
    <div className={css.page}>
      <div className={css.main}>
        <h1 className="visually-hidden">{common.alerts}</h1>
        <div className={`${css.tools} ${css.head}`}>
          <SearchInput
            className={css.filter}
            label={m.search}
            mono
            invalid={search === undefined}
            value={text}
            onSearch={(q) => setView({ q }, { replace: true })}
          />
          <Segmented<AlertState | ''>
            label={m.state}
            value={state as AlertState | ''}
            options={[
              { value: '', label: counted(common.all, total) },
              ...alertStates.map((value) => ({
                value,
                label: counted(common.states[value], counts[value]),
              })),
            ]}
            onChange={(next) => setView({ state: next })}
          />
          <Segmented<'' | 'labels'>
            label={m.grouping}
            value={isByLabels ? 'labels' : ''}
            options={[
              { value: '', label: m.asDelivered },
              { value: 'labels', label: m.byLabels },
            ]}
            onChange={(group) => setView({ group })}
          />
          {isByLabels && (
            <MultiCombobox
              label={m.groupLabels}
              placeholder={m.groupLabels}
              options={labelNames}
              value={names}
              onChange={(by) => setView({ by })}
              mono
            />
          )}
          <LinkButton className={css.push} to="/alerting/silence/new" icon={BellOff}>
            {common.silence}
          </LinkButton>
        </div>
        {search === undefined && (
          <p className={`${css.error} ${css.head}`} role="alert">
            {m.badPattern}
          </p>
        )}
        {groupsQuery.isError && (
          <ErrorState error={groupsQuery.error} onRetry={() => void groupsQuery.refetch()} />
        )}
        {isLoading ? (
          <SkeletonLines count={10} />
        ) : all.length === 0 ? (
          <Empty icon={BellRing} title={m.none} text={m.noneText} />
        ) : rows.length === 0 ? (
          <Empty icon={BellRing} title={common.noMatch} />
        ) : (
          <AlertList
            rows={rows}
            isByLabels={isByLabels}
            open={open}
            nowMs={groupsQuery.dataUpdatedAt}
            onFold={(key) =>
              setFolded(
                (now) =>
                  new Set(now.has(key) ? [...now].filter((one) => one !== key) : [...now, key]),
              )
            }
            onOpen={(fingerprint) => setView({ open: fingerprint === open ? '' : fingerprint })}
          />
        )}
      </div>
      {opened !== undefined && (
        <AlertPanel key={open} alert={opened} onClose={() => setView({ open: '' })} />
      )}
    </div>
  );
}
