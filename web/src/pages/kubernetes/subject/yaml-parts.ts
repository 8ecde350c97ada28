/** A piece of YAML with what it is; plain text has no part. */
export interface YamlPiece {
  readonly part: 'key' | 'string' | 'number' | 'comment' | 'punctuation' | undefined;
  readonly text: string;
}

const numberPattern = /^(?:[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|~)$/;
const keyPattern = /^(\s*(?:- )*)((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:"'][^:#]*?))(:)(?=\s|$)/;

/**
 * The pieces of each line, for colours. Block scalars stay as they are: what is in them is no YAML.
 * Joined, the pieces are the text again.
 */
export function yamlLines(text: string): readonly (readonly YamlPiece[])[] {
  let blockIndent = -1;
  return text.split('\n').map((line) => {
    const indent = line.length - line.trimStart().length;
    if (blockIndent >= 0) {
      if (line.trim() === '' || indent > blockIndent) return [piece('string', line)];
      blockIndent = -1;
    }
    if (/[|>][-+0-9]*\s*$/.test(line) && /(?::|-)\s+[|>][-+0-9]*\s*$/.test(line)) {
      blockIndent = indent;
    }
    return linePieces(line);
  });
}

function linePieces(line: string): YamlPiece[] {
  if (/^\s*#/.test(line)) return [piece('comment', line)];
  const match = keyPattern.exec(line);
  if (match === null) {
    const [, lead = '', value = ''] = /^(\s*(?:- )*)(.*)$/.exec(line) ?? [];
    return [piece('punctuation', lead), ...valuePieces(value)];
  }
  const [whole, lead = '', key = '', colon = ''] = match;
  return [
    piece('punctuation', lead),
    piece('key', key),
    piece('punctuation', colon),
    ...valuePieces(line.slice(whole.length)),
  ].filter(({ text }) => text !== '');
}

function valuePieces(text: string): YamlPiece[] {
  const [, space = '', value = ''] = /^(\s*)(.*)$/.exec(text) ?? [];
  if (value === '') return [piece(undefined, text)];
  return [piece(undefined, space), piece(numberPattern.test(value) ? 'number' : 'string', value)];
}

const piece = (part: YamlPiece['part'], text: string): YamlPiece => ({ part, text });
