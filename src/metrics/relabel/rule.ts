import { AppError } from '#base';
import { compileLabelPattern, isPlainLabelName, type LabelPattern } from '#metrics/model';

export type RelabelAction =
  | 'replace'
  | 'keep'
  | 'drop'
  | 'keepequal'
  | 'dropequal'
  | 'hashmod'
  | 'labelmap'
  | 'labeldrop'
  | 'labelkeep'
  | 'lowercase'
  | 'uppercase';

export const relabelActions: readonly RelabelAction[] = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
];

/** A rule as it is written; what is absent has its default. */
export interface RelabelRuleConfig {
  readonly sourceLabels?: readonly string[] | undefined;
  /** `;` */
  readonly separator?: string | undefined;
  /** `(.*)`, anchored at both ends. */
  readonly regex?: string | undefined;
  readonly modulus?: number | undefined;
  readonly targetLabel?: string | undefined;
  /** `$1` */
  readonly replacement?: string | undefined;
  /** `replace`; upper and lower case are the same. */
  readonly action?: string | undefined;
}

/** A rule that was checked, with its pattern compiled. */
export interface RelabelRule {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  readonly pattern: LabelPattern;
  readonly modulus: bigint;
  readonly targetLabel: string;
  readonly replacement: string;
  /** Whether label names may hold any character, or only those of `[a-zA-Z0-9_]`. */
  readonly hasUtf8Names: boolean;
}

const defaultSeparator = ';';
export const defaultRegex = '(.*)';
const defaultReplacement = '$1';

const hasReference = (template: string): boolean => template.includes('$');

export const isLabelName = (name: string, hasUtf8Names: boolean): boolean =>
  hasUtf8Names ? name !== '' && name.isWellFormed() : isPlainLabelName(name);

/** A name with references in it: what stands around them must be fit for a name. */
const isNameTemplate = (text: string, hasUtf8Names: boolean): boolean =>
  hasUtf8Names
    ? isLabelName(text, true)
    : /^(?:[a-zA-Z_]|\$\{\w+\}|\$\w)(?:\w|\$\{\w+\}|\$\w)*$/.test(text);

/**
 * Checks a rule and compiles its pattern.
 * @throws {AppError} RELABEL_INVALID with the reference's words, METRICS_PATTERN_INVALID
 *
 * Source: `model/relabel/relabel.go` of Prometheus 3.
 */
export function compileRelabelRule(config: RelabelRuleConfig, hasUtf8Names = true): RelabelRule {
  const word = (config.action ?? 'replace').toLowerCase();
  const action = relabelActions.find((known) => known === word);
  if (action === undefined) throw invalid(`unknown relabel action "${config.action}"`);
  const rule: RelabelRule = {
    action,
    sourceLabels: config.sourceLabels ?? [],
    separator: config.separator ?? defaultSeparator,
    pattern: compileLabelPattern(config.regex ?? defaultRegex),
    modulus: BigInt(config.modulus ?? 0),
    targetLabel: config.targetLabel ?? '',
    replacement: config.replacement ?? defaultReplacement,
    hasUtf8Names,
  };
  check(rule, config.sourceLabels !== undefined);
  return rule;
}

const needTarget: ReadonlySet<RelabelAction> = new Set([
  'replace',
  'keepequal',
  'dropequal',
  'hashmod',
  'lowercase',
  'uppercase',
]);

function check(rule: RelabelRule, hasSources: boolean): void {
  const { action, targetLabel, replacement, hasUtf8Names } = rule;
  const isDefault = {
    separator: rule.separator === defaultSeparator,
    regex: rule.pattern.source === defaultRegex,
    replacement: replacement === defaultReplacement,
    modulus: rule.modulus === 0n,
  };
  if (action === 'hashmod' && isDefault.modulus) {
    throw invalid('relabel configuration for hashmod requires non-zero modulus');
  }
  if (needTarget.has(action)) {
    if (targetLabel === '') {
      throw invalid(`relabel configuration for ${action} action requires 'target_label' value`);
    }
    const isFit =
      action === 'replace' && hasReference(targetLabel)
        ? isNameTemplate(targetLabel, hasUtf8Names)
        : isLabelName(targetLabel, hasUtf8Names);
    if (!isFit) throw invalid(`"${targetLabel}" is invalid 'target_label' for ${action} action`);
  }
  switch (action) {
    case 'lowercase':
    case 'uppercase':
      if (!isDefault.replacement) {
        throw invalid(`'replacement' can not be set for ${action} action`);
      }
      return;
    case 'keepequal':
    case 'dropequal':
      if (!isDefault.replacement) {
        throw invalid(`'replacement' can not be set for ${action} action`);
      }
      if (!isDefault.regex || !isDefault.modulus || !isDefault.separator) {
        throw invalid(
          `${action} action requires only 'source_labels' and \`target_label\`, and no other fields`,
        );
      }
      return;
    case 'labelmap':
      if (!isNameTemplate(replacement, hasUtf8Names)) {
        throw invalid(`"${replacement}" is invalid 'replacement' for labelmap action`);
      }
      return;
    case 'labeldrop':
    case 'labelkeep': {
      const isBare = isDefault.modulus && isDefault.separator && isDefault.replacement;
      if (hasSources || targetLabel !== '' || !isBare) {
        throw invalid(`${action} action requires only 'regex', and no other fields`);
      }
      return;
    }
    case 'replace':
    case 'keep':
    case 'drop':
    case 'hashmod':
      return;
    default:
      action satisfies never;
  }
}

function invalid(message: string): AppError {
  return new AppError('RELABEL_INVALID', message, {
    hint: 'See relabel_config in the Prometheus documentation',
  });
}
