import { useNavigate, useParams } from '@tanstack/react-router';
import { ListChecks, Pencil } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useTextParam } from '../../../state/view.ts';
import { livePageRange, usePageRange } from '../../../time/shared-range.tsx';
import { LabelChips } from '../../../ui/label-chips.tsx';
import page from '../../../ui/page.module.css';
import { Card, Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { conditionsOf, type Model, textIn, thresholdsOf } from '../editor/expression-model.ts';
import { ChangeTable } from '../history/change-table.tsx';
import { Lanes } from '../history/lanes.tsx';
import { useHistory } from '../history/use-history.ts';
import { LinkButton } from '../link-button.tsx';
import { alertingWords } from '../words.ts';
import { Instances } from './instances.tsx';
import { RuleActions } from './rule-actions.tsx';
import { RuleChart } from './rule-chart.tsx';
import { type AlertingRule, isExpression } from './rule-model.ts';
import { RuleStateWord } from './rule-state.tsx';
import look from './rules.module.css';
import { thresholdOf } from './threshold.ts';
import { useRules } from './use-rules.ts';
import { rulesWords } from './words.ts';

/** `/alerting/grafana/:uid/view`: a rule that was made here; messages link to it. */
export function GrafanaRulePage(): ReactNode {
  const { uid = '' } = useParams({ strict: false }) as { readonly uid?: string };
  return <RulePage matches={(rule) => rule.own?.uid === uid} />;
}

/** `/alerting/rule?file=&group=&name=`: a rule of Prometheus. */
export function PrometheusRulePage(): ReactNode {
  const [file, group, name] = [useTextParam('file'), useTextParam('group'), useTextParam('name')];
  return (
    <RulePage
      matches={(rule) =>
        rule.own === undefined && rule.folder === file && rule.group === group && rule.name === name
      }
    />
  );
}

function RulePage({ matches }: { readonly matches: (rule: AlertingRule) => boolean }): ReactNode {
  const m = useMessages(rulesWords);
  const words = useMessages(alertingWords);
  const { groups, isLoading, error, updatedMs } = useRules();
  const rule = groups.flatMap(({ rules }) => rules).find(matches);
  usePageTitle(
    { label: words.alerting },
    { label: words.rules, to: '/alerting/list' },
    { label: rule?.name ?? '' },
  );
  usePageRange(livePageRange);
  if (rule === undefined) {
    if (isLoading) return <SkeletonLines count={10} />;
    if (error !== null) return <ErrorState error={error} />;
    return <Empty icon={ListChecks} title={m.gone} />;
  }
  return <RuleView rule={rule} nowMs={updatedMs} />;
}

function RuleView({
  rule,
  nowMs,
}: {
  readonly rule: AlertingRule;
  readonly nowMs: number;
}): ReactNode {
  const m = useMessages(rulesWords);
  const words = useMessages(alertingWords);
  const f = useFormat();
  const navigate = useNavigate();
  const { own, lastEvaluationMs, intervalMs } = rule;
  const chart = useMemo(() => chartOf(rule), [rule]);
  const isLocked = (own?.definition.grafana_alert.provenance ?? '') !== '';
  const nextMs = lastEvaluationMs === undefined ? undefined : lastEvaluationMs + intervalMs - nowMs;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={rule.name}>
      <div className={css.stack}>
        <header className={look.head}>
          <RuleStateWord rule={rule} />
          <h1>{rule.name}</h1>
          <LabelChips labels={rule.labels} />
          <span className={css.quiet}>
            {lastEvaluationMs === undefined
              ? m.neverEvaluated
              : m.evaluated(f.ago(lastEvaluationMs, nowMs))}
            {nextMs !== undefined && nextMs > 0 && `, ${m.next(f.duration(nextMs))}`}
          </span>
          <span className={`${css.actions} ${css.push}`}>
            {own !== undefined && !isLocked && (
              <LinkButton to={`/alerting/${own.uid}/edit`} icon={Pencil}>
                {words.edit}
              </LinkButton>
            )}
            <RuleActions
              rule={rule}
              onDeleted={() => void navigate({ to: '/alerting/list' } as never)}
            />
          </span>
        </header>
        {isLocked && <p className={page.notice}>{m.provisioned}</p>}
        {rule.lastError !== undefined && <ErrorState error={rule.lastError} title={m.lastError} />}
        {chart !== undefined && <RuleChart {...chart} />}
        {rule.state !== 'recording' && <StateHistory rule={rule} />}
        {rule.state !== 'recording' && (
          <Card title={m.instances}>
            <Instances rule={rule} nowMs={nowMs} />
          </Card>
        )}
        <Details rule={rule} />
      </div>
    </section>
  );
}

/** What to draw: the side of the comparison that varies, and the numbers it is compared with. */
function chartOf(rule: AlertingRule):
  | {
      readonly expr: string;
      readonly sourceUid?: string;
      readonly thresholds: readonly number[];
    }
  | undefined {
  if (rule.own === undefined) {
    const threshold = rule.state === 'recording' ? undefined : thresholdOf(rule.query);
    return threshold === undefined
      ? { expr: rule.query, thresholds: [] }
      : { expr: threshold.expr, thresholds: [threshold.value] };
  }
  const { data, condition } = rule.own.definition.grafana_alert;
  const query = data.find(({ datasourceUid }) => !isExpression(datasourceUid));
  const expr = query?.model['expr'];
  if (query === undefined || typeof expr !== 'string' || expr === '') return undefined;
  return { expr, sourceUid: query.datasourceUid, thresholds: thresholdsOf(data, condition) };
}

/** Tools, head and rows, until it scrolls. */
const tableHeight = (rows: number): number => Math.min(300, 76 + rows * 28);

function StateHistory({ rule }: { readonly rule: AlertingRule }): ReactNode {
  const m = useMessages(rulesWords);
  const { lanes, changes, isLoading, error } = useHistory(
    rule.own === undefined ? { alertName: rule.name } : { ruleUid: rule.own.uid },
  );
  return (
    <Card title={m.stateHistory}>
      <div className={css.cardBody}>
        {error !== null && <ErrorState error={error} />}
        {isLoading ? (
          <SkeletonLines count={3} />
        ) : lanes.length === 0 ? (
          <p className={css.quiet}>{m.noHistory}</p>
        ) : (
          <>
            <Lanes
              title={m.stateHistory}
              lanes={lanes}
              nameOf={({ labels }) => (
                <LabelChips
                  labels={labels}
                  except={['alertname', 'grafana_folder', ...Object.keys(rule.labels)]}
                  isOneLine
                />
              )}
            />
            <div className={look.changes} style={{ height: tableHeight(changes.length) }}>
              <ChangeTable changes={changes} isOfOneRule />
            </div>
          </>
        )}
      </div>
    </Card>
  );
}

function Details({ rule }: { readonly rule: AlertingRule }): ReactNode {
  const m = useMessages(rulesWords);
  const words = useMessages(alertingWords);
  const f = useFormat();
  const alert = rule.own?.definition.grafana_alert;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [m.folder, rule.folder],
    [
      m.group,
      [
        rule.group,
        m.every(f.duration(rule.intervalMs)),
        ...(rule.forMs > 0 ? [m.forTime(f.duration(rule.forMs))] : []),
        ...(rule.keepFiringMs > 0 ? [m.keepFiring(f.duration(rule.keepFiringMs))] : []),
        m.took(f.duration(rule.evaluationMs)),
      ].join(', '),
    ],
    ...(alert === undefined
      ? []
      : ([
          [m.noDataState, alert.no_data_state],
          [m.execErrState, alert.exec_err_state],
          [m.contactPoint, alert.notification_settings?.receiver ?? m.byPolicies],
          ['UID', alert.uid ?? ''],
        ] as const)),
  ];
  return (
    <Card title={m.details}>
      <div className={css.cardBody}>
        <dl className={page.facts}>
          {facts.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {Object.keys(rule.annotations).length > 0 && (
          <dl className={page.facts} aria-label={words.annotations}>
            {Object.entries(rule.annotations).map(([name, value]) => (
              <div key={name} style={{ display: 'contents' }}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        <div className={look.queries}>
          {alert === undefined ? (
            <pre className={css.code}>{rule.query}</pre>
          ) : (
            alert.data.map(({ refId, model }) => (
              <div key={refId} className={look.query}>
                <strong>
                  {refId}
                  {refId === alert.condition && ` · ${m.condition}`}
                </strong>
                <pre className={css.code}>{queryText(model)}</pre>
              </div>
            ))
          )}
        </div>
      </div>
    </Card>
  );
}

/** The expression where the model has one, else the model. */
function queryText(model: Model): string {
  if (typeof model['expr'] === 'string') return model['expr'];
  const input = textIn(model, 'expression');
  switch (model['type']) {
    case 'math':
    case 'sql':
      return input;
    case 'reduce':
      return `${textIn(model, 'reducer')}(${input})`;
    case 'threshold': {
      const [{ evaluator }] = conditionsOf(model);
      return `${input} ${evaluator.type} ${evaluator.params.join(', ')}`;
    }
    default:
      return JSON.stringify(model, null, 2);
  }
}
