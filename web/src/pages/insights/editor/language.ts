import {
  HighlightStyle,
  StreamLanguage,
  type StreamParser,
  syntaxHighlighting,
} from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';
import { commands, functions, keywords } from '../../../../../src/logs/insights/vocabulary.ts';

const commandNames = new Set(commands.map((one) => one.name.toLowerCase()));
const functionNames = new Set(functions.map((one) => one.name.toLowerCase()));
const keywordNames = new Set(keywords);
const operandWords = new Set(['like', 'in', 'and', 'or', 'not', 'by', 'filter', 'where', 'parse']);

interface QueryState {
  /** The next word is a command. */
  start: boolean;
  /** A slash here opens a regular expression. */
  operand: boolean;
  inParse: boolean;
}

const insightsParser: StreamParser<QueryState> = {
  name: 'insights',
  startState: () => ({ start: true, operand: true, inParse: false }),
  token: (stream, state) => {
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return 'comment';
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) {
      state.operand = false;
      return 'string';
    }
    if (stream.match(/^`[^`]*`?/)) {
      state.operand = false;
      return 'variableName';
    }
    if (stream.peek() === '/' && (state.operand || state.inParse)) {
      stream.match(/^\/(?:[^/\\]|\\.)*\/?[a-z]*/);
      state.operand = false;
      return 'regexp';
    }
    if (stream.match(/^\d+(?:\.\d+)?(?:ms|mo|[smhdwqy])?\b/)) {
      state.operand = false;
      return 'number';
    }
    if (stream.eat('|')) {
      state.start = true;
      state.operand = true;
      state.inParse = false;
      return 'separator';
    }
    const word = stream.match(/^[@\p{L}_][\p{L}\p{N}_@]*(?:\.[\p{L}\p{N}_@]+)*/u);
    if (word !== null && word !== true && word !== false) {
      const text = word[0].toLowerCase();
      const isStart = state.start;
      state.start = false;
      state.operand = operandWords.has(text);
      if (isStart && commandNames.has(text)) {
        state.inParse = text === 'parse';
        return 'keyword';
      }
      if (/^\s*\(/.test(stream.string.slice(stream.pos)) && functionNames.has(text))
        return 'function';
      if (keywordNames.has(text)) return 'operatorKeyword';
      return text.startsWith('@') ? 'system' : 'variableName';
    }
    const char = stream.next();
    state.operand = char !== ')' && char !== ']';
    return '=!<>~+-*%^'.includes(char ?? ' ') ? 'operator' : 'punctuation';
  },
  tokenTable: {
    function: tags.function(tags.variableName),
    system: tags.special(tags.variableName),
  },
  languageData: {
    commentTokens: { line: '#' },
    closeBrackets: { brackets: ['(', '[', '{', '"', '`'] },
  },
};

const sqlWords = new Set(
  'select from where group by order having limit offset as and or not in like ilike is null between case when then else end with join left right inner outer on union all distinct over partition asc desc cast filter using exists interval true false'.split(
    ' ',
  ),
);

const sqlParser: StreamParser<object> = {
  name: 'sql',
  startState: () => ({}),
  token: (stream) => {
    if (stream.eatSpace()) return null;
    if (stream.match(/^--.*/)) return 'comment';
    if (stream.match(/^'(?:[^']|'')*'?/)) return 'string';
    if (stream.match(/^"(?:[^"]|"")*"?/)) return 'variableName';
    if (stream.match(/^\d+(?:\.\d+)?/)) return 'number';
    const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u);
    if (word !== null && word !== true && word !== false) {
      if (sqlWords.has(word[0].toLowerCase())) return 'keyword';
      return /^\s*\(/.test(stream.string.slice(stream.pos)) ? 'function' : 'variableName';
    }
    stream.next();
    return 'operator';
  },
  tokenTable: { function: tags.function(tags.variableName) },
  languageData: { commentTokens: { line: '--' } },
};

const style = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent-text)', fontWeight: '600' },
  { tag: tags.operatorKeyword, color: 'var(--accent-text)' },
  { tag: tags.function(tags.variableName), color: 'var(--info)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: tags.regexp, color: 'var(--warning)' },
  { tag: tags.number, color: 'var(--warning)' },
  { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: tags.variableName, color: 'var(--text)' },
  { tag: tags.special(tags.variableName), color: 'var(--text-2)' },
  { tag: [tags.operator, tags.separator, tags.punctuation], color: 'var(--text-3)' },
]);

const insights = StreamLanguage.define(insightsParser);
const sql = StreamLanguage.define(sqlParser);

/** Colours of the two query languages. */
export function queryLanguage(language: 'CWLI' | 'SQL'): Extension {
  return [language === 'SQL' ? sql : insights, syntaxHighlighting(style)];
}
