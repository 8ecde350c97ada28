import type { AlertRule, RuleDefinition, RuleGroup } from './contract.ts';
import type { RuleScope } from './instances.ts';

/** A definition that is sound: one query, a number of it, a threshold. */
export const definition = (given: Partial<RuleDefinition> = {}): RuleDefinition => ({
  uid: 'r1',
  title: 'busy',
  condition: 'C',
  data: [
    {
      refId: 'A',
      queryType: '',
      relativeTimeRange: { from: 600, to: 0 },
      datasourceUid: 'prometheus',
      model: { expr: 'up' },
    },
    expression('B', { type: 'reduce', expression: 'A', reducer: 'last' }),
    expression('C', {
      type: 'threshold',
      expression: 'B',
      conditions: [{ evaluator: { type: 'gt', params: [0] } }],
    }),
  ],
  forMs: 60_000,
  keepFiringForMs: 0,
  noDataState: 'NoData',
  execErrState: 'Error',
  labels: {},
  annotations: {},
  isPaused: false,
  ...given,
});

export const expression = (
  refId: string,
  model: Readonly<Record<string, unknown>>,
): RuleDefinition['data'][number] => ({
  refId,
  queryType: '',
  relativeTimeRange: { from: 0, to: 0 },
  datasourceUid: '__expr__',
  model,
});

export const rule = (given: Partial<RuleDefinition> = {}): AlertRule => ({
  ...definition(given),
  id: 1,
  version: 1,
  updatedMs: 0,
  updatedBy: 'test',
  provenance: '',
});

export const groupOf = (...rules: readonly AlertRule[]): RuleGroup => ({
  folderUid: 'f1',
  title: 'g1',
  intervalMs: 60_000,
  rules,
});

export const scopeOf = (one: AlertRule): RuleScope => ({
  rule: one,
  group: groupOf(one),
  folderTitle: 'the folder',
  externalUrl: 'http://nunchi',
  onTextError: () => {},
});
