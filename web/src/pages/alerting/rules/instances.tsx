import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { LabelChips } from '../../../ui/label-chips.tsx';
import { Status, type StatusKind } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { silenceSearch } from '../alerts/alert-links.ts';
import { spanState } from '../history/spans.ts';
import { historyWords } from '../history/words.ts';
import { isMild } from '../severity.ts';
import { alertingWords } from '../words.ts';
import type { AlertingRule } from './rule-model.ts';
import look from './rules.module.css';
import { rulesWords } from './words.ts';

/** So many are shown; the others are counted. */
const maxShown = 200;

const kinds: Readonly<Record<string, StatusKind>> = {
  firing: 'critical',
  error: 'critical',
  pending: 'warning',
  nodata: 'warning',
  recovering: 'info',
  normal: 'ok',
};

/** Label sets of a rule's result with their states. */
export function Instances({
  rule,
  nowMs,
}: {
  readonly rule: AlertingRule;
  readonly nowMs: number;
}): ReactNode {
  const m = useMessages(rulesWords);
  const words = useMessages(alertingWords);
  const states = useMessages(historyWords).states;
  const f = useFormat();
  const { instances } = rule;
  if (instances.length === 0) {
    return (
      <div className={css.cardBody}>
        <p className={css.quiet}>{m.noInstances}</p>
      </div>
    );
  }
  const more = instances.length - maxShown;
  return (
    <div>
      {instances.slice(0, maxShown).map((instance) => {
        const state = spanState(instance.state);
        const { labels, sinceMs, value } = instance;
        const kind = state === 'firing' && isMild(labels) ? 'warning' : kinds[state];
        return (
          <div key={JSON.stringify(labels)} className={look.instance}>
            <span className={look.state}>
              <Status kind={kind ?? 'unknown'}>{states[state]}</Status>
            </span>
            <LabelChips labels={labels} except={['alertname']} />
            {value !== undefined && value !== '' && (
              <span className={css.quiet}>
                {words.value} <code>{valueText(value)}</code>
              </span>
            )}
            {sinceMs !== undefined && (
              <time className={`${css.quiet} ${css.push}`} title={f.exactTime(sinceMs)}>
                {f.ago(sinceMs, nowMs)}
              </time>
            )}
            <Link
              to={'/alerting/silence/new' as string}
              search={silenceSearch(labels) as never}
              className={sinceMs === undefined ? css.push : undefined}
            >
              {words.silence}
            </Link>
          </div>
        );
      })}
      {more > 0 && <p className={css.quiet}>{words.more(f.number(more))}</p>}
    </div>
  );
}

/** Go prints `4.2e+01` where people say 42. */
const valueText = (text: string): string => {
  const value = Number(text);
  return Number.isNaN(value) ? text : String(value);
};
