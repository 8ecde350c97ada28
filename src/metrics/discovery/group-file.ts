import { parse } from 'yaml';

export interface WrittenGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A list of `{targets, labels}`, JSON or YAML, as files and HTTP servers give it.
 * @throws {TypeError} with what is wrong and where
 */
export function parseGroups(text: string, isYaml: boolean): WrittenGroup[] {
  // Aliases cannot blow a small file up: the parser bounds them.
  const value: unknown = isYaml ? parse(text, { merge: true }) : JSON.parse(text);
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new TypeError('expected a list of groups');
  return value.map((group: unknown, index) => readGroup(group, `[${index}]`));
}

function readGroup(group: unknown, at: string): WrittenGroup {
  if (typeof group !== 'object' || group === null || Array.isArray(group)) {
    throw new TypeError(`${at}: expected a group with targets and labels`);
  }
  const { targets = [], labels = {}, ...others } = group as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`${at}: unknown key "${unknown}"`);
  if (!Array.isArray(targets) || targets.some((target) => typeof target !== 'string')) {
    throw new TypeError(`${at}.targets: expected a list of host:port`);
  }
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    throw new TypeError(`${at}.labels: expected names and values`);
  }
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (value !== null && typeof value === 'object') {
      throw new TypeError(`${at}.labels.${name}: expected a text`);
    }
    return [name, value === null ? '' : String(value)] as const;
  });
  return { targets: targets as string[], labels: Object.fromEntries(pairs) };
}
