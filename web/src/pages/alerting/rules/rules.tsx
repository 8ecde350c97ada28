import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronDown, ChevronRight, ListChecks, Plus } from 'lucide-react';
import { type CSSProperties, type ReactNode, useMemo, useState } from 'react';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { classNames } from '../../../ui/class-names.ts';
import { SearchInput } from '../../../ui/field.tsx';
import { LabelChips } from '../../../ui/label-chips.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Select } from '../../../ui/select.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { ExportLink } from '../export-link.tsx';
import { LinkButton } from '../link-button.tsx';
import rowCss from '../virtual-rows.module.css';
import { VirtualRows } from '../virtual-rows.tsx';
import { alertingWords } from '../words.ts';
import { RuleActions } from './rule-actions.tsx';
import { ruleLink } from './rule-link.ts';
import { type AlertingRule, filteredRules, type RuleGroupView, ruleStates } from './rule-model.ts';
import { RuleStateWord } from './rule-state.tsx';
import look from './rules.module.css';
import { useRules } from './use-rules.ts';
import { rulesWords } from './words.ts';

type Row =
  | { readonly kind: 'group'; readonly group: RuleGroupView; readonly isOpen: boolean }
  | { readonly kind: 'rule'; readonly rule: AlertingRule };

/** All rules, whoever made them, by folder and group. */
export function AlertRules(): ReactNode {
  const m = useMessages(rulesWords);
  const words = useMessages(alertingWords);
  const navigate = useNavigate();
  const setView = useSetView();
  usePageTitle({ label: words.alerting }, { label: words.rules });
  const text = useTextParam('q');
  const state = useTextParam('state');
  const kind = useTextParam('type');
  const { groups, isLoading, error, updatedMs, refetch } = useRules();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(
    () =>
      filteredRules(groups, { text, state, kind }).flatMap((group): Row[] => {
        const isOpen = !folded.has(group.key);
        const rules = isOpen ? group.rules.map((rule): Row => ({ kind: 'rule', rule })) : [];
        return [{ kind: 'group', group, isOpen }, ...rules];
      }),
    [groups, text, state, kind, folded],
  );
  const fold = (key: string): void =>
    setFolded(
      (now) => new Set(now.has(key) ? [...now].filter((one) => one !== key) : [...now, key]),
    );
  return (
    <div className={css.page}>
      <div className={css.main}>
        <h1 className="visually-hidden">{words.rules}</h1>
        <div className={classNames(css.tools, css.head)}>
          <SearchInput
            className={css.filter}
            label={m.search}
            value={text}
            onSearch={(q) => setView({ q }, { replace: true })}
          />
          <Select
            label={m.state}
            value={state}
            options={[
              { value: '', label: `${m.state}: ${words.all}` },
              ...ruleStates.map((value) => ({
                value: value as string,
                label: m.states[value],
              })),
            ]}
            onChange={(next) => setView({ state: next })}
          />
          <Segmented
            label={m.type}
            value={kind}
            options={[
              { value: '', label: words.all },
              { value: 'grafana', label: m.types.grafana },
              { value: 'prometheus', label: m.types.prometheus },
            ]}
            onChange={(type) => setView({ type })}
          />
          <span className={classNames(css.actions, css.push)}>
            <ExportLink kind="alert-rules" />
            <LinkButton look="primary" to="/alerting/new" icon={Plus}>
              {m.newRule}
            </LinkButton>
          </span>
        </div>
        {error !== null && <ErrorState error={error} onRetry={refetch} />}
        {isLoading ? (
          <SkeletonLines count={10} />
        ) : groups.length === 0 ? (
          <Empty icon={ListChecks} title={m.none} text={m.noneText} />
        ) : rows.length === 0 ? (
          <Empty icon={ListChecks} title={words.noMatch} />
        ) : (
          <VirtualRows
            label={words.rules}
            rows={rows}
            rowHeight={32}
            rowKey={(row) => (row.kind === 'group' ? row.group.key : row.rule.key)}
            onOpen={(row) => {
              if (row.kind === 'group') fold(row.group.key);
              else void navigate(ruleLink(row.rule) as never);
            }}
          >
            {(row, style, isActive) =>
              row.kind === 'group' ? (
                <GroupRow
                  group={row.group}
                  isOpen={row.isOpen}
                  isCurrent={isActive}
                  style={style}
                  onFold={() => fold(row.group.key)}
                />
              ) : (
                <RuleRow rule={row.rule} isCurrent={isActive} nowMs={updatedMs} style={style} />
              )
            }
          </VirtualRows>
        )}
      </div>
    </div>
  );
}

function GroupRow({
  group,
  isOpen,
  isCurrent,
  style,
  onFold,
}: {
  readonly group: RuleGroupView;
  readonly isOpen: boolean;
  readonly isCurrent: boolean;
  readonly style: CSSProperties;
  readonly onFold: () => void;
}): ReactNode {
  const m = useMessages(rulesWords);
  const f = useFormat();
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  return (
    <div className={classNames(rowCss.row, rowCss.group)} style={style} aria-current={isCurrent}>
      <button type="button" className={rowCss.fold} aria-expanded={isOpen} onClick={onFold}>
        <Arrow size={16} strokeWidth={1.5} aria-hidden />
        <span className={css.cut} title={group.folder}>
          {group.folder}
        </span>
        <ChevronRight size={14} strokeWidth={1.5} aria-hidden />
        <span className={css.cut}>{group.group}</span>
      </button>
      <span className={css.quiet}>{m.types[group.kind]}</span>
      <span className={classNames(css.quiet, css.push)}>
        {m.ruleCount(f.number(group.rules.length))} · {m.every(f.duration(group.intervalMs))}
      </span>
    </div>
  );
}

function RuleRow({
  rule,
  isCurrent,
  nowMs,
  style,
}: {
  readonly rule: AlertingRule;
  readonly isCurrent: boolean;
  readonly nowMs: number;
  readonly style: CSSProperties;
}): ReactNode {
  const m = useMessages(rulesWords);
  const f = useFormat();
  const { lastEvaluationMs, annotations, instances } = rule;
  const summary = annotations['summary'] ?? annotations['description'];
  return (
    <div className={classNames(rowCss.row, look.rule)} style={style} aria-current={isCurrent}>
      <span className={look.state}>
        <RuleStateWord rule={rule} />
      </span>
      <Link {...(ruleLink(rule) as { readonly to: string })} className={look.name}>
        {rule.name}
      </Link>
      <span className={look.summary} title={rule.lastError ?? summary ?? rule.query}>
        {rule.lastError === undefined ? (
          (summary ?? <code>{rule.query}</code>)
        ) : (
          <span className={css.error}>{rule.lastError}</span>
        )}
      </span>
      <LabelChips labels={rule.labels} isOneLine />
      {instances.length > 0 && (
        <span className={look.figure}>{m.instanceCount(f.number(instances.length))}</span>
      )}
      <span className={look.figure}>
        {lastEvaluationMs === undefined
          ? m.neverEvaluated
          : m.evaluated(f.ago(lastEvaluationMs, nowMs))}
      </span>
      <RuleActions rule={rule} />
    </div>
  );
}
