import { RE2JS } from 're2js';
import { bounded } from '#go-template';
import { expandTemplate } from '#metrics/relabel';

/** Patterns in templates are few; beyond this they are compiled again. */
const maxCompiled = 200;
const compiled = new Map<string, RE2JS>();

function compile(pattern: string): RE2JS {
  let engine = compiled.get(pattern);
  if (engine === undefined) {
    engine = RE2JS.compile(pattern);
    if (compiled.size >= maxCompiled) compiled.clear();
    compiled.set(pattern, engine);
  }
  return engine;
}

/** Whether a pattern in RE2's syntax matches anywhere. @throws {Error} when it is no pattern */
export function findsMatch(pattern: string, input: string): boolean {
  return compile(pattern).matcher(input).find();
}

/** Every match replaced, `$1` and `${name}` for its groups. @throws {Error} */
export function replaceMatches(pattern: string, replacement: string, input: string): string {
  const engine = compile(pattern);
  const names: (string | undefined)[] = new Array(engine.groupCount() + 1).fill(undefined);
  for (const [name, at] of Object.entries(engine.namedGroups())) names[Number(at)] = name;
  const matcher = engine.matcher(input);
  let out = '';
  let last = 0;
  while (matcher.find()) {
    const groups = names.map((_, at) => matcher.group(at) ?? '');
    const made = expandTemplate(replacement, groups, names);
    out = bounded(out + input.slice(last, matcher.start()) + made);
    last = matcher.end();
  }
  return out + input.slice(last);
}
