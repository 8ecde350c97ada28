/** Selectors as requests write them: `app=x,tier in (a, b),!legacy`. */
export class SelectorError extends Error {}

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const maxSelectorChars = 16_384;
/** A prefix of at most 253 characters and a slash, and a name of at most 63. */
const key = '[A-Za-z0-9](?:[-A-Za-z0-9_./]{0,315}[A-Za-z0-9])?';
const value = '(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?';
const valuePattern = new RegExp(`^${value}$`);
const setPattern = new RegExp(String.raw`^(${key})\s+(in|notin)\s*\(([^()]*)\)$`);
const equalityPattern = new RegExp(String.raw`^(${key})\s*(==|=|!=)\s*(${value})$`);
const existencePattern = new RegExp(String.raw`^(!?)\s*(${key})$`);

/** What a selector demands of one label. */
export interface LabelRequirement {
  readonly name: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent';
  readonly values: readonly string[];
}

/** @throws {SelectorError} with what is wrong */
export function parseLabelSelector(text: string): Requirement {
  const requirements = labelRequirements(text).map(predicateOf);
  return (labels) => requirements.every((fits) => fits(labels));
}

/** @throws {SelectorError} with what is wrong */
export function labelRequirements(text: string): readonly LabelRequirement[] {
  return splitParts(text).map(requirementOf);
}

function predicateOf({ name, operator, values }: LabelRequirement): Requirement {
  const wanted = new Set(values);
  switch (operator) {
    case 'in':
      return (labels) => labels[name] !== undefined && wanted.has(labels[name]);
    case 'notin':
      return (labels) => labels[name] === undefined || !wanted.has(labels[name]);
    case 'exists':
      return (labels) => labels[name] !== undefined;
    case 'absent':
      return (labels) => labels[name] === undefined;
  }
}

function requirementOf(part: string): LabelRequirement {
  const set = setPattern.exec(part);
  if (set !== null) {
    const [, name = '', operator, list = ''] = set;
    const values = list.split(',').map((each) => each.trim());
    const wrong = values.find((each) => !valuePattern.test(each));
    if (wrong !== undefined) throw new SelectorError(`"${wrong}" cannot be the value of a label`);
    return { name, operator: operator === 'in' ? 'in' : 'notin', values };
  }
  const equality = equalityPattern.exec(part);
  if (equality !== null) {
    const [, name = '', operator, wanted = ''] = equality;
    return { name, operator: operator === '!=' ? 'notin' : 'in', values: [wanted] };
  }
  const existence = existencePattern.exec(part);
  if (existence === null) throw new SelectorError(`unable to parse requirement: "${part}"`);
  const [, not = '', name = ''] = existence;
  return { name, operator: not === '' ? 'exists' : 'absent', values: [] };
}

/** At commas that are not between parentheses. */
function splitParts(text: string): string[] {
  if (text.length > maxSelectorChars) {
    throw new SelectorError(`a selector may have ${maxSelectorChars} characters`);
  }
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (at === text.length || (char === ',' && depth === 0)) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts.filter((part, index) => part !== '' || index < parts.length - 1);
}
