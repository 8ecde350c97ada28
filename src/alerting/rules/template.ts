import type { Labels } from '#alerting/expressions';
import { type AppError, isAppError } from '#base';
import { type HasMethods, Template, type TemplateFunction, type TemplateValue } from '#go-template';
import { findsMatch, ruleTemplateFunctions } from '#metrics/rules';
import type { InstanceValues } from './contract.ts';

/** What a text of a rule sees of one instance. */
export interface RuleTemplateScope {
  readonly labels: Labels;
  readonly values: InstanceValues;
  /** Labels that each value has of its own, by refId. */
  readonly valueLabels: Readonly<Record<string, Labels>>;
  /** What `$value` is: all values as one text. */
  readonly valueString: string;
  readonly externalUrl: string;
  readonly nowMs: number;
}

const prelude = '{{$labels := .Labels}}{{$values := .Values}}{{$value := .Value}}';
/** Texts of all rules that have been compiled; beyond this they are compiled again. */
const maxCompiled = 20_000;

const compiled = new Map<string, Template>();

const emptyScope: RuleTemplateScope = {
  labels: {},
  values: {},
  valueLabels: {},
  valueString: '',
  externalUrl: '',
  nowMs: 0,
};

function compile(text: string): Template {
  let template = compiled.get(text);
  if (template === undefined) {
    template = new Template('__alert_rule', prelude + text, { functions: functionsOf(emptyScope) });
    if (compiled.size >= maxCompiled) compiled.clear();
    compiled.set(text, template);
  }
  return template;
}

/** Undefined, or what is wrong with the text. */
export function checkTemplateText(text: string): string | undefined {
  if (!text.includes('{{')) return undefined;
  try {
    compile(text);
    return undefined;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.message;
  }
}

/**
 * Carries out the texts of a rule for one instance. One that fails stays as it is written.
 * @param onError told of each that fails
 */
export function expandTexts(
  texts: Labels,
  scope: RuleTemplateScope,
  onError: (name: string, error: AppError) => void,
): Labels {
  if (!Object.values(texts).some((text) => text.includes('{{'))) return texts;
  const data = dataOf(scope);
  const functions = functionsOf(scope);
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      if (!text.includes('{{')) return [name, text];
      try {
        const expanded = compile(text).execute(data, functions);
        return [name, expanded.replaceAll('<no value>', '[no value]')];
      } catch (error) {
        if (!isAppError(error)) throw error;
        onError(name, error);
        return [name, text];
      }
    }),
  );
}

/** `a=1, b=2` when it is printed as it is. */
class LabelMap extends Map<string, string> implements HasMethods {
  readonly templateMethods: HasMethods['templateMethods'] = {
    String: () => this.toTemplateText(),
  };

  static of(labels: Labels): LabelMap {
    return new LabelMap(Object.entries(labels));
  }

  toTemplateText(): string {
    return [...this]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join(', ');
  }
}

function dataOf({ labels, values, valueLabels, valueString }: RuleTemplateScope): TemplateValue {
  const entries = Object.entries(values).map(([refId, value]) => {
    const number = value ?? Number.NaN;
    const own = LabelMap.of(valueLabels[refId] ?? {});
    const shown = { Labels: own, Value: number, toTemplateText: () => numberText(number) };
    return [refId, shown] as const;
  });
  return { Labels: LabelMap.of(labels), Values: new ValueMap(entries), Value: valueString };
}

const noValue = {
  Labels: LabelMap.of({}),
  Value: '[no value]',
  toTemplateText: () => '[no value]',
};

/** What was not computed, as when a query gave nothing, is said so; a text is more than its braces. */
class ValueMap extends Map<string, TemplateValue> {
  override has(_refId: string): boolean {
    return true;
  }

  override get(refId: string): TemplateValue {
    return super.get(refId) ?? noValue;
  }
}

/** As values stand in messages: never with an exponent that people must decode for plain counts. */
export function numberText(value: number | null): string {
  if (value === null) return 'null';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

const text = (value: TemplateValue): string => (typeof value === 'string' ? value : String(value));

function labelsIn(value: TemplateValue): Map<string, string> {
  if (value instanceof Map) return value as Map<string, string>;
  throw new Error('not a set of labels');
}

const filtered = (value: TemplateValue, keep: (name: string) => boolean): LabelMap =>
  new LabelMap([...labelsIn(value)].filter(([name]) => keep(name)));

/** The functions of Prometheus' templates with those that work on labels. Queries are not possible here. */
function functionsOf(scope: RuleTemplateScope): Readonly<Record<string, TemplateFunction>> {
  const own: Readonly<Record<string, TemplateFunction>> = {
    filterLabels: (labels, match) => filtered(labels, (name) => name === text(match)),
    filterLabelsRe: (labels, pattern) =>
      filtered(labels, (name) => findsMatch(text(pattern), name)),
    removeLabels: (labels, match) => filtered(labels, (name) => name !== text(match)),
    removeLabelsRe: (labels, pattern) =>
      filtered(labels, (name) => !findsMatch(text(pattern), name)),
    mergeLabelValues: (values) => mergedLabels(values),
    deduplicate: (list) => [...new Set(Array.isArray(list) ? list.map(text) : [])],
  };
  return { ...commonFunctions(scope), ...own };
}

const commonFunctions = ({
  externalUrl,
  nowMs,
}: RuleTemplateScope): Readonly<Record<string, TemplateFunction>> =>
  ruleTemplateFunctions({ labels: [], value: 0, externalLabels: {}, externalUrl, nowMs }, () => {
    throw new Error('query is not supported in templates of these rules');
  });

/** Labels of all values; different values of one name are joined by a comma. */
function mergedLabels(values: TemplateValue): LabelMap {
  const merged = new Map<string, Set<string>>();
  const all = values instanceof Map ? [...values.values()] : [];
  for (const one of all as readonly { readonly Labels?: TemplateValue }[]) {
    for (const [name, value] of labelsIn(one.Labels)) {
      merged.set(name, (merged.get(name) ?? new Set()).add(value));
    }
  }
  return new LabelMap([...merged].map(([name, all]) => [name, [...all].sort().join(', ')]));
}
