import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ListChecks } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { metricsApi, type WireAlert, type WireRule } from '../../../api/metrics.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { SearchInput } from '../../../ui/field.tsx';
import { LabelChips } from '../../../ui/label-chips.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Card, Empty, ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import css from '../metrics.module.css';
import { metricsWords } from '../words.ts';
import { filteredGroups, type RuleState, ruleStates, stateOf } from './rule-filter.ts';

const refreshMs = 5000;
const kindOf = {
  failing: 'critical',
  firing: 'critical',
  pending: 'warning',
  inactive: 'ok',
  recording: 'info',
} as const;
/** The server's name for files that are part of the program. */
const builtinPrefix = 'builtin/';
/** A rule over many series may fire for each; the rest are found in Explore. */
const maxShownAlerts = 50;

/** Groups of rules: what fires, what fails, and the expression of each a click from Explore. */
export function Rules(): ReactNode {
  const m = useMessages(metricsWords);
  const words = useMessages(frameWords);
  const f = useFormat();
  const change = useSetView();
  const text = useTextParam('filter');
  const stateText = useTextParam('state');
  const state = ruleStates.find((one) => one === stateText);
  usePageTitle({ label: words.metrics }, { label: words.rules });
  const query = useQuery({
    queryKey: ['rules'],
    queryFn: ({ signal }) => metricsApi.rules(signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  const groups = useMemo(
    () => filteredGroups(query.data?.groups ?? [], text, state),
    [query.data, text, state],
  );
  const nowMs = Date.now();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={m.rules}>
      <h1 className="visually-hidden">{m.rules}</h1>
      <div className={css.stack}>
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        <div className={css.tools}>
          <SearchInput
            className={css.filter}
            label={m.filterRules}
            value={text}
            onSearch={(filter) => change({ filter }, { replace: true })}
          />
          <Segmented<RuleState | ''>
            label={m.state}
            value={state ?? ''}
            options={[
              { value: '', label: m.all },
              ...ruleStates.map((value) => ({ value, label: m.ruleStates[value] })),
            ]}
            onChange={(next) => change({ state: next }, { replace: true })}
          />
        </div>
        {query.data === undefined ? (
          !query.isError && <SkeletonLines count={8} />
        ) : query.data.groups.length === 0 ? (
          <Empty icon={ListChecks} title={m.noRules} text={m.noRulesText} />
        ) : groups.length === 0 ? (
          <Empty icon={ListChecks} title={m.noMatch} />
        ) : (
          groups.map((group) => (
            <Card
              key={`${group.file} ${group.name}`}
              title={group.name}
              actions={
                <span className={css.quiet} title={group.file}>
                  {group.file.startsWith(builtinPrefix) && `${m.builtIn} · `}
                  {m.every(f.duration(group.interval * 1000))}
                </span>
              }
            >
              {group.rules.map((rule) => (
                <Rule key={`${rule.type} ${rule.name} ${rule.query}`} rule={rule} nowMs={nowMs} />
              ))}
            </Card>
          ))
        )}
      </div>
    </section>
  );
}

function Rule({ rule, nowMs }: { readonly rule: WireRule; readonly nowMs: number }): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  const state = stateOf(rule);
  const atMs = Date.parse(rule.lastEvaluation);
  const alerts = rule.alerts ?? [];
  return (
    <div className={css.rule}>
      <div className={css.ruleHead}>
        <Status kind={kindOf[state]}>{m.ruleStates[state]}</Status>
        <span className={css.ruleName}>{rule.name}</span>
        <LabelChips labels={rule.labels} />
        {rule.duration !== undefined && rule.duration > 0 && (
          <span className={css.quiet}>{m.forTime(f.duration(rule.duration * 1000))}</span>
        )}
        <span className={`${css.quiet} ${css.push}`}>
          {atMs > 0 && m.evaluated(f.ago(atMs, nowMs), f.duration(rule.evaluationTime * 1000))}
        </span>
        <Link
          to="/metrics/explore"
          search={{ q: rule.query } as never}
          aria-label={`${m.explore}: ${rule.name}`}
        >
          {m.explore}
        </Link>
      </div>
      <code className={css.expr}>{rule.query}</code>
      {rule.lastError !== undefined && <p className={css.error}>{rule.lastError}</p>}
      {alerts.length > 0 && (
        <div className={css.alerts}>
          {alerts.slice(0, maxShownAlerts).map((alert) => (
            <Alert key={JSON.stringify(alert.labels)} alert={alert} nowMs={nowMs} />
          ))}
          {alerts.length > maxShownAlerts && (
            <span className={css.quiet}>+{f.number(alerts.length - maxShownAlerts)}</span>
          )}
        </div>
      )}
    </div>
  );
}

function Alert({ alert, nowMs }: { readonly alert: WireAlert; readonly nowMs: number }): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  const sinceMs = Date.parse(alert.activeAt);
  const summary = alert.annotations['summary'] ?? alert.annotations['description'];
  return (
    <div className={css.alert}>
      <Status kind={alert.state === 'firing' ? 'critical' : 'warning'}>
        {m.ruleStates[alert.state === 'inactive' ? 'inactive' : alert.state]}
      </Status>
      {summary !== undefined && <span>{summary}</span>}
      <LabelChips labels={alert.labels} except={['alertname']} />
      <span className={css.quiet} title={f.exactTime(sinceMs)}>
        {m.since(f.ago(sinceMs, nowMs))}, {m.value} {String(Number(alert.value))}
      </span>
    </div>
  );
}
