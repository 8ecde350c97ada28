import { isExpression } from '../rules/rule-model.ts';
import { thresholdsOf } from './expression-model.ts';
import type { RuleDraft } from './rule-draft.ts';

/** The first query over the last hours, with the numbers of the condition. */
export function chartOf({ data, condition }: RuleDraft) {
  const query = data.find(({ datasourceUid }) => !isExpression(datasourceUid));
  const expr = query?.model['expr'];
  if (query === undefined || typeof expr !== 'string' || expr.trim() === '') return undefined;
  return {
    expr,
    sourceUid: query.datasourceUid,
    thresholds: thresholdsOf(data, condition),
  };
}
