import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { Status, type StatusKind } from '../../../ui/states.tsx';
import { isMild } from '../severity.ts';
import type { AlertingRule, RuleState } from './rule-model.ts';
import { rulesWords } from './words.ts';

const kinds: Readonly<Record<RuleState, StatusKind>> = {
  error: 'critical',
  firing: 'critical',
  pending: 'warning',
  recovering: 'info',
  nodata: 'warning',
  inactive: 'ok',
  paused: 'unknown',
  recording: 'unknown',
};

export function RuleStateWord({ rule }: { readonly rule: AlertingRule }): ReactNode {
  const m = useMessages(rulesWords);
  const { state, labels } = rule;
  const kind = state === 'firing' && isMild(labels) ? 'warning' : kinds[state];
  return <Status kind={kind}>{m.states[state]}</Status>;
}
