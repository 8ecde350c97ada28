import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRuleFile, type RuleGroupConfig } from '#metrics/rules';

const folder = join(import.meta.dirname, 'files');
/** Before the name of a file that is part of the program, where people see it. */
const prefix = 'builtin/';

const files = { node: ['node.yaml'], kubernetes: ['kubernetes.yaml', 'apiserver.yaml'] } as const;

export interface BuiltinRulesOptions {
  /** Whether there is a cluster; without one only the rules over node-exporter's series are there. */
  readonly isKubernetes: boolean;
  /** Names of groups that are not wanted. */
  readonly disabledGroups: readonly string[];
}

/** Groups of rules that are part of the program. Their file is `builtin/NAME.yaml`. */
export function builtinRuleGroups(options: BuiltinRulesOptions): readonly RuleGroupConfig[] {
  const names = [...files.node, ...(options.isKubernetes ? files.kubernetes : [])];
  return names
    .flatMap((name) => parseRuleFile(`${prefix}${name}`, readFileSync(join(folder, name), 'utf8')))
    .filter((group) => !options.disabledGroups.includes(group.name));
}
