import { inOrderOfUse, isExpressionUid, parseExpression } from '#alerting/expressions';
import { isAppError } from '#base';
import type { RuleDefinition } from './contract.ts';
import { invalidRule } from './errors.ts';
import { checkTemplateText } from './template.ts';

/** Groups are looked at so often; their intervals are multiples of it. */
export const baseIntervalMs = 10_000;
export const maxRulesPerGroup = 100;
export const maxRules = 50_000;
const maxTitleChars = 190;
const maxQueries = 50;
const maxLabels = 100;
/** A range of a query, seconds: five years. */
const maxRangeSeconds = 5 * 366 * 86_400;

const uidPattern = /^[a-zA-Z0-9_-]{1,40}$/;

export const isValidUid = (uid: string): boolean => uidPattern.test(uid);

/** @throws {AppError} RULE_INVALID */
export function checkGroup(title: string, intervalMs: number, ruleCount: number): void {
  if (title.trim() === '') throw invalidRule('rule group name is required');
  if (title.length > maxTitleChars) {
    throw invalidRule(`rule group name is too long. Max length is ${maxTitleChars}`);
  }
  if (intervalMs < baseIntervalMs || intervalMs % baseIntervalMs !== 0) {
    throw invalidRule(
      `interval (${intervalMs / 1000}s) should be non-zero and divided exactly by scheduler interval: ${baseIntervalMs / 1000}s`,
    );
  }
  if (ruleCount > maxRulesPerGroup) {
    throw invalidRule(
      `the group has ${ruleCount} rules; ${maxRulesPerGroup} are allowed in one group`,
    );
  }
}

/**
 * Says what is wrong with a rule, its queries and its templates.
 * @throws {AppError} RULE_INVALID
 */
export function checkRule(rule: RuleDefinition): void {
  if (!isValidUid(rule.uid)) {
    throw invalidRule(
      `cannot create rule with UID '${rule.uid}': UID must have 1 to 40 of the characters a-z, A-Z, 0-9, - and _`,
    );
  }
  if (rule.title.trim() === '') throw invalidRule('title is empty');
  if (rule.title.length > maxTitleChars) {
    throw invalidRule(`alert rule title is too long. Max length is ${maxTitleChars}`);
  }
  if (rule.forMs < 0) throw invalidRule('field `for` cannot be negative');
  if (rule.keepFiringForMs < 0) throw invalidRule('field `keep_firing_for` cannot be negative');
  const { missingSeriesEvals } = rule;
  if (missingSeriesEvals !== undefined && !(missingSeriesEvals >= 1)) {
    throw invalidRule('field `missing_series_evals_to_resolve` must be greater than 0');
  }
  checkQueries(rule);
  checkTexts('label', rule.labels);
  checkTexts('annotation', rule.annotations);
  checkPanel(rule.annotations);
  if (rule.record !== undefined && !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(rule.record.metric)) {
    throw invalidRule(`metric name ${JSON.stringify(rule.record.metric)} is not valid`);
  }
  if (rule.notificationSettings?.receiver === '') {
    throw invalidRule('invalid notification settings: receiver must be specified');
  }
}

/** @throws {AppError} RULE_INVALID; `for` of a rule that the form makes */
export function checkPendingPeriod(forMs: number, intervalMs: number): void {
  if (forMs === 0 || forMs >= intervalMs) return;
  throw invalidRule('Pending period must be greater than or equal to the evaluation interval.');
}

function checkQueries({ data, condition, record }: RuleDefinition): void {
  if (data.length === 0) throw invalidRule('no queries or expressions are found');
  if (data.length > maxQueries) {
    throw invalidRule(
      `there are ${data.length} queries and expressions; ${maxQueries} are allowed`,
    );
  }
  const refIds = data.map(({ refId }) => refId);
  const twice = refIds.find((refId, at) => refIds.indexOf(refId) !== at);
  if (twice !== undefined) throw invalidRule(`refId ${JSON.stringify(twice)} is not unique`);
  for (const { refId, datasourceUid, relativeTimeRange: range } of data) {
    if (refId === '') throw invalidRule('a query has no refId');
    if (datasourceUid === '') {
      throw invalidRule(
        `query ${refId} has no datasourceUid: the uid of a data source, or __expr__`,
      );
    }
    if (isExpressionUid(datasourceUid)) continue;
    if (!(range.from > range.to) || range.to < 0 || range.from > maxRangeSeconds) {
      throw invalidRule(
        `invalid time range of query ${refId}: from ${range.from}s to ${range.to}s ago; from must be greater than to`,
      );
    }
  }
  const decisive = record?.from ?? condition;
  if (decisive === '') throw invalidRule('condition cannot be empty');
  if (!refIds.includes(decisive)) {
    throw invalidRule(`condition ${decisive} does not exist, must be one of [${refIds.join(' ')}]`);
  }
  try {
    const expressions = data
      .filter(({ datasourceUid }) => isExpressionUid(datasourceUid))
      .map(({ refId, model }) => parseExpression(refId, model));
    inOrderOfUse(expressions, refIds);
  } catch (error) {
    if (!isAppError(error, 'EXPRESSION_INVALID')) throw error;
    throw invalidRule(error.message);
  }
}

function checkTexts(what: 'label' | 'annotation', texts: Readonly<Record<string, string>>): void {
  const names = Object.keys(texts);
  if (names.length > maxLabels) throw invalidRule(`there are more than ${maxLabels} ${what}s`);
  for (const [name, text] of Object.entries(texts)) {
    if (name === '') throw invalidRule(`a ${what} has no name`);
    const problem = checkTemplateText(text);
    if (problem !== undefined) throw invalidRule(`${what} ${JSON.stringify(name)}: ${problem}`);
  }
}

function checkPanel(annotations: Readonly<Record<string, string>>): void {
  const { __dashboardUid__: dashboard = '', __panelId__: panel = '' } = annotations;
  if (dashboard === '' && panel !== '') {
    throw invalidRule('both __dashboardUid__ and __panelId__ must be present');
  }
  if (panel !== '' && !/^\d{1,10}$/.test(panel)) {
    throw invalidRule(`__panelId__ must be a number, not ${JSON.stringify(panel)}`);
  }
}
