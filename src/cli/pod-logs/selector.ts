import { AppError } from '#base';
import { type LabelRequirement, labelRequirements, SelectorError } from '#kubernetes/cluster';

/** Which pods' logs are asked for. */
export interface PodSelection {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly labels: readonly LabelRequirement[];
}

/** What the agent knows of a line's container; the `kubernetes` object of a record. */
export interface PodOfRecord {
  readonly pod_name?: unknown;
  readonly namespace_name?: unknown;
  readonly container_name?: unknown;
  readonly docker_id?: unknown;
  readonly labels?: Readonly<Record<string, unknown>>;
}

/** `app=web,tier in (a, b),!canary`. @throws {AppError} SELECTOR_INVALID */
export function selectLabels(text: string): readonly LabelRequirement[] {
  try {
    const requirements = labelRequirements(text);
    if (requirements.length > 0) return requirements;
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
  }
  throw new AppError('SELECTOR_INVALID', `"${text}" is not a label selector`, {
    hint: 'Write key=value, key!=value, key in (a, b), key notin (a), key or !key',
  });
}

const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Names go into a query: nothing but a name may. @throws {AppError} NAME_INVALID */
export function objectNameOf(text: string, what: string): string {
  if (objectName.test(text)) return text;
  throw new AppError('NAME_INVALID', `"${text}" cannot be the name of a ${what}`);
}

/** The condition of a Logs Insights query for the pods; undefined: all. */
export function conditionOf({ namespace, pod, labels }: PodSelection): string {
  return [
    ...(namespace === undefined ? [] : [`kubernetes.namespace_name = "${namespace}"`]),
    pod === undefined ? 'ispresent(kubernetes.pod_name)' : `kubernetes.pod_name = "${pod}"`,
    ...labels.map(labelCondition),
  ].join(' and ');
}

function labelCondition({ name, operator, values }: LabelRequirement): string {
  const field = `\`kubernetes.labels.${name}\``;
  if (operator === 'exists') return `ispresent(${field})`;
  if (operator === 'absent') return `not ispresent(${field})`;
  const list = values.map((value) => `"${value}"`).join(', ');
  if (operator === 'in') return `${field} in [${list}]`;
  return `(not ispresent(${field}) or ${field} not in [${list}])`;
}

/** The same for a record that is at hand. */
export function isSelected(selection: PodSelection, record: PodOfRecord): boolean {
  const { namespace, pod, labels } = selection;
  if (record.pod_name === undefined) return false;
  if (namespace !== undefined && record.namespace_name !== namespace) return false;
  if (pod !== undefined && record.pod_name !== pod) return false;
  return labels.every(({ name, operator, values }) => {
    const value = record.labels?.[name];
    if (operator === 'exists') return value !== undefined;
    if (operator === 'absent') return value === undefined;
    const isOne = value !== undefined && values.includes(String(value));
    return operator === 'in' ? isOne : !isOne;
  });
}
