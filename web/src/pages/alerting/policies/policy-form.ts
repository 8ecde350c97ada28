import type { WirePolicy } from '../../../api/grafana-alerting.ts';
import type { Matcher, MatcherOperator } from '../matcher.ts';

/** What the form of a policy holds: texts; an empty one is the parent's. */
export interface PolicyForm {
  readonly matchers: readonly Matcher[];
  readonly receiver: string;
  readonly groupBy: string;
  readonly groupWait: string;
  readonly groupInterval: string;
  readonly repeatInterval: string;
  readonly continue: boolean;
  readonly muteTimings: readonly string[];
}

export const emptyPolicy: PolicyForm = {
  matchers: [{ name: '', operator: '=', value: '' }],
  receiver: '',
  groupBy: '',
  groupWait: '',
  groupInterval: '',
  repeatInterval: '',
  continue: false,
  muteTimings: [],
};

export const policyFormOf = (node: WirePolicy): PolicyForm => ({
  matchers: (node.object_matchers ?? []).map(([name, operator, value]) => ({
    name,
    operator: operator as MatcherOperator,
    value,
  })),
  receiver: node.receiver ?? '',
  groupBy: (node.group_by ?? []).join(', '),
  groupWait: node.group_wait ?? '',
  groupInterval: node.group_interval ?? '',
  repeatInterval: node.repeat_interval ?? '',
  continue: node.continue ?? false,
  muteTimings: node.mute_time_intervals ?? [],
});

/** A node as the form has it; what the form does not know stays as `old` has it. */
export function policyOf(form: PolicyForm, old: WirePolicy, isRoot: boolean): WirePolicy {
  const {
    receiver: _receiver,
    group_by: _groupBy,
    object_matchers: _matchers,
    mute_time_intervals: _mute,
    group_wait: _wait,
    group_interval: _interval,
    repeat_interval: _repeat,
    continue: _continue,
    ...kept
  } = old;
  const groupBy = listOf(form.groupBy);
  return {
    ...kept,
    ...(form.receiver === '' ? {} : { receiver: form.receiver }),
    ...(groupBy.length === 0 ? {} : { group_by: groupBy }),
    ...(form.groupWait === '' ? {} : { group_wait: form.groupWait.trim() }),
    ...(form.groupInterval === '' ? {} : { group_interval: form.groupInterval.trim() }),
    ...(form.repeatInterval === '' ? {} : { repeat_interval: form.repeatInterval.trim() }),
    ...(isRoot
      ? {}
      : {
          object_matchers: form.matchers
            .filter(({ name }) => name.trim() !== '')
            .map(({ name, operator, value }) => [name.trim(), operator, value] as const),
          continue: form.continue,
          ...(form.muteTimings.length === 0 ? {} : { mute_time_intervals: form.muteTimings }),
        }),
  };
}

export const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** `1d12h`, as the server takes durations; an empty one is no mistake. */
export const isDuration = (text: string): boolean =>
  text.trim() === '' || /^(?:\d+(?:ms|[ywdhms]))+$/.test(text.trim());
