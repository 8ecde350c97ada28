/** How values are shown as words, in Grafana's form. */
export type MappingKind = 'value' | 'range' | 'regex' | 'special';

export interface MappingResult {
  readonly text?: string;
  readonly color?: string;
  readonly [key: string]: unknown;
}

/** One mapping as a form has it; a `value` mapping of the document may be several of them. */
export interface MappingRow {
  readonly kind: MappingKind;
  /** `value`, `regex`, `special`: what is compared; `range`: from where. */
  readonly match: string;
  /** `range` only. */
  readonly to: string;
  readonly result: MappingResult;
}

interface WireMapping {
  readonly type?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : String(value);

export function mappingRows(mappings: unknown): readonly MappingRow[] {
  if (!Array.isArray(mappings)) return [];
  return (mappings as readonly WireMapping[]).flatMap(({ type, options = {} }): MappingRow[] => {
    const result = (options['result'] ?? {}) as MappingResult;
    switch (type) {
      case 'range':
        return [{ kind: type, match: textOf(options['from']), to: textOf(options['to']), result }];
      case 'regex':
        return [{ kind: type, match: textOf(options['pattern']), to: '', result }];
      case 'special':
        return [{ kind: type, match: textOf(options['match']), to: '', result }];
      case 'value':
        return Object.entries(options).map(([match, one]) => ({
          kind: type,
          match,
          to: '',
          result: (one ?? {}) as MappingResult,
        }));
      default:
        return [];
    }
  });
}

const numberOf = (text: string): number | null => {
  const number = Number(text);
  return text.trim() === '' || !Number.isFinite(number) ? null : number;
};

/** In the order of the form: the first that fits is the one that holds. */
export const mappingsOf = (rows: readonly MappingRow[]): readonly unknown[] =>
  rows.map((row, index) => ({ type: row.kind, options: optionsOf(row, index) }));

function optionsOf({ kind, match, to, result: given }: MappingRow, index: number): object {
  const result = { ...given, index };
  switch (kind) {
    case 'value':
      return { [match]: result };
    case 'range':
      return { from: numberOf(match), to: numberOf(to), result };
    case 'regex':
      return { pattern: match, result };
    case 'special':
      return { match, result };
  }
}
