import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import {
  commands,
  functions,
  keywords,
  systemFields,
} from '../../../../../src/logs/insights/vocabulary.ts';
import type { WireField } from '../../../api/logs.ts';
import { commandsOf, fieldText } from '../query-text.ts';
import { helpOf } from './help-words.ts';

/** What the editor completes beyond the language's own words. */
export interface CompletionWords {
  readonly fields: readonly WireField[];
  readonly groups: readonly string[];
  /** `12% of events`, in the person's language. */
  readonly percent: (percent: number) => string;
  readonly language: Language;
}

type Language = 'en' | 'ko';

const commandOptions = perLanguage((language) =>
  commands.map((one) => ({
    label: one.name,
    type: 'keyword',
    detail: one.signature.startsWith(one.name) ? one.signature.slice(one.name.length).trim() : '',
    info: helpOf(one.name, one.help, language),
    boost: 2,
  })),
);

const functionOptions = perLanguage((language) =>
  functions.map((one) => ({
    label: one.name,
    type: 'function',
    detail: one.signature.slice(one.name.length),
    info: helpOf(`${one.name}()`, one.help, language),
    apply: (view, _completion, from, to) => {
      const isCalled = view.state.sliceDoc(to, to + 1) === '(';
      view.dispatch({
        changes: { from, to, insert: isCalled ? one.name : `${one.name}()` },
        selection: { anchor: from + one.name.length + (one.maxArgs === 0 && !isCalled ? 2 : 1) },
        userEvent: 'input.complete',
      });
    },
  })),
);

function perLanguage(
  make: (language: Language) => readonly Completion[],
): Readonly<Record<Language, readonly Completion[]>> {
  return { en: make('en'), ko: make('ko') };
}

const keywordOptions: readonly Completion[] = keywords.map((label) => ({
  label,
  type: 'operator',
  boost: -1,
}));

/** Commands at the start of a step, else functions, fields and keywords. */
export function completeInsights(
  context: CompletionContext,
  words: CompletionWords,
): CompletionResult | null {
  const before = context.matchBefore(/[@\p{L}_`][\p{L}\p{N}_@.`-]*/u);
  if (before === null && !context.explicit) {
    // Right after a pipe and a space the commands are what one looks for.
    if (!/\|\s+$/.test(context.state.sliceDoc(Math.max(0, context.pos - 4), context.pos)))
      return null;
  }
  const from = before?.from ?? context.pos;
  const head = context.state.sliceDoc(0, from);
  if (isInsideText(head)) return null;
  const isStart = /(?:^|\||\n\s*\n)\s*$/.test(head.replace(/#.*/g, ''));
  if (isStart) return { from, options: [...commandOptions[words.language]], validFor: /^\w*$/ };
  const known = new Set<string>();
  const fields: Completion[] = [];
  for (const { name, percent } of words.fields) {
    known.add(name);
    fields.push({
      label: name,
      apply: fieldText(name),
      type: 'variable',
      detail: words.percent(percent),
      boost: 1,
    });
  }
  for (const { name, help } of systemFields) {
    if (!known.has(name)) {
      const detail = helpOf(name, help, words.language);
      fields.push({ label: name, type: 'variable', detail, boost: 1 });
    }
  }
  for (const name of aliasesOf(head)) {
    if (!known.has(name)) fields.push({ label: name, type: 'variable', boost: 2 });
  }
  return {
    from,
    options: [...fields, ...functionOptions[words.language], ...keywordOptions],
    validFor: /^[@\p{L}_`][\p{L}\p{N}_@.`-]*$/u,
  };
}

/** Names that the query itself has made: `… as name`, `(?<name>…)`. */
function aliasesOf(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const match of text.matchAll(/\bas\s+([\p{L}_][\p{L}\p{N}_]*)|\(\?P?<(\w+)>/giu)) {
    names.add((match[1] ?? match[2]) as string);
  }
  return names;
}

/** True where the cursor stands in a string, a comment or a regular expression. */
function isInsideText(head: string): boolean {
  const line = head.slice(head.lastIndexOf('\n') + 1);
  const plain = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '');
  if (/["'#]/.test(plain)) return true;
  const last = commandsOf(`${head}\u0001`).at(-1);
  const text = last === undefined ? '' : head.slice(last.start);
  return /(?:like|=~|~=|^parse\s+\S+)\s+\/(?:[^/\\]|\\.)*$/i.test(text);
}

const sqlFunctions = [
  ['count(*)', 'count'],
  ['sum', 'sum'],
  ['avg', 'avg'],
  ['min', 'min'],
  ['max', 'max'],
  ['approx_count_distinct', 'approx_count_distinct'],
  ['quantile_cont', 'quantile_cont'],
  ['time_bucket', 'time_bucket'],
  ['date_trunc', 'date_trunc'],
  ['regexp_extract', 'regexp_extract'],
  ['regexp_matches', 'regexp_matches'],
  ['length', 'length'],
  ['lower', 'lower'],
  ['coalesce', 'coalesce'],
] as const;

const sqlOptions: readonly Completion[] = [
  ...'SELECT FROM WHERE GROUP BY|ORDER BY|LIMIT HAVING AS AND OR NOT IN LIKE ILIKE DESC ASC WITH'
    .split(/[ |](?!BY)/)
    .map((label) => ({ label, type: 'keyword' })),
  ...[
    'logs',
    'timestamp',
    'message',
    'log_group',
    'log_stream',
    'ingestion_time',
    'message_json',
  ].map((label) => ({ label, type: 'variable', boost: 1 })),
  ...sqlFunctions.map(([label]) => ({ label, type: 'function' })),
];

export function completeSql(
  context: CompletionContext,
  words: CompletionWords,
): CompletionResult | null {
  const before = context.matchBefore(/[\p{L}_"][\p{L}\p{N}_/."-]*/u);
  if (before === null && !context.explicit) return null;
  return {
    from: before?.from ?? context.pos,
    options: [
      ...sqlOptions,
      ...words.groups.map((name) => ({ label: `"${name}"`, type: 'class' })),
      ...words.fields
        .filter(({ name }) => !name.startsWith('@') && !name.includes('.'))
        .map(({ name, percent }) => ({
          label: name,
          apply: `message_json->>'${name.replaceAll("'", "''")}'`,
          type: 'variable',
          detail: words.percent(percent),
        })),
    ],
    validFor: /^[\p{L}_"][\p{L}\p{N}_/."-]*$/u,
  };
}
