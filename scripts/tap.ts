/** What a report of node:test in TAP says about failures and time. */

export interface Failure {
  /** Names from the outermost suite to the test. */
  readonly path: string;
  /** Where it stands, and the error with what was expected, as far as a few lines go. */
  readonly details: readonly string[];
}

const maxDetailLines = 30;
const maxLineLength = 400;

/** Failed tests; a suite that failed only by its tests is left out, and so is what is known (TODO). */
export function failuresOf(tap: string): readonly Failure[] {
  const lines = tap.split('\n');
  const failures: Failure[] = [];
  const names: string[] = [];
  lines.forEach((line, at) => {
    const subtest = /^( *)# Subtest: (.*)$/.exec(line);
    if (subtest !== null) {
      const depth = (subtest[1] ?? '').length / 4;
      names.length = Math.min(names.length, depth);
      names[depth] = subtest[2] ?? '';
    }
    const failed = /^( *)not ok \d+ - (.*)$/.exec(line);
    if (failed === null || line.includes(' # TODO')) return;
    const indent = failed[1] ?? '';
    const block = blockAfter(lines, at + 1, `${indent}  `);
    if (block.some((text) => text === "failureType: 'subtestsFailed'")) return;
    const outer = names.slice(0, indent.length / 4);
    failures.push({
      path: [...outer, failed[2] ?? ''].filter((name) => name !== '').join(' > '),
      details: block
        .filter((text) => !/^(duration_ms|type|code|name|failureType): /.test(text))
        .slice(0, maxDetailLines)
        .map((text) => text.slice(0, maxLineLength)),
    });
  });
  return failures;
}

/** Suites and tests of the outermost level that took longest. */
export function slowestOf(
  tap: string,
  count: number,
): readonly { readonly name: string; readonly durationMs: number }[] {
  return [...tap.matchAll(/^(?:not )?ok \d+ - (.*)\n {2}---\n {2}duration_ms: ([0-9.]+)$/gm)]
    .map(([, name = '', durationMs]) => ({ name, durationMs: Number(durationMs) }))
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, count);
}

/** The lines of the YAML block that starts here, without its fence and its indent. */
function blockAfter(lines: readonly string[], start: number, indent: string): readonly string[] {
  if (lines[start] !== `${indent}---`) return [];
  const end = lines.indexOf(`${indent}...`, start);
  return lines
    .slice(start + 1, end === -1 ? undefined : end)
    .map((line) => line.slice(indent.length));
}
