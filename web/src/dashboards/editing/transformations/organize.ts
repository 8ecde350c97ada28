import { moved } from '../lists.ts';

type Options = Readonly<Record<string, unknown>>;

/** A field as a form of `organize` shows it. */
export interface FieldRow {
  readonly name: string;
  /** Empty: as it is. */
  readonly newName: string;
  readonly isHidden: boolean;
}

const recordAt = <T>(options: Options, key: string): Readonly<Record<string, T>> => {
  const value = options[key];
  return typeof value === 'object' && value !== null ? (value as Record<string, T>) : {};
};

const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

/** The fields of an answer in the order that the options give them; those without a place come last. */
export function fieldRows(columns: readonly string[], options: Options): readonly FieldRow[] {
  const places = recordAt<number>(options, 'indexByName');
  const names = recordAt<string>(options, 'renameByName');
  const hidden = recordAt<boolean>(options, 'excludeByName');
  const shown = recordAt<boolean>(options, 'includeByName');
  const hasShown = Object.values(shown).some(Boolean);
  return columns
    .toSorted((a, b) => (places[a] ?? Infinity) - (places[b] ?? Infinity) || 0)
    .map((name) => ({
      name,
      newName: names[name] ?? '',
      isHidden: hidden[name] === true || (hasShown && shown[name] !== true),
    }));
}

/** With one field in another place; places of fields that are not there now are kept behind. */
export function withMovedField(
  columns: readonly string[],
  options: Options,
  from: number,
  to: number,
): Options {
  const order = moved(
    fieldRows(columns, options).map(({ name }) => name),
    from,
    to - from,
  );
  const absent = Object.entries(recordAt<number>(options, 'indexByName'))
    .filter(([name]) => !order.includes(name))
    .sort(([, a], [, b]) => a - b)
    .map(([name]) => name);
  const indexByName = Object.fromEntries([...order, ...absent].map((name, index) => [name, index]));
  return { ...options, indexByName, orderByMode: 'manual' };
}

export function withHiddenField(options: Options, name: string, isHidden: boolean): Options {
  const hidden = without(recordAt<boolean>(options, 'excludeByName'), name);
  const shown = recordAt<boolean>(options, 'includeByName');
  const hasShown = Object.values(shown).some(Boolean);
  return {
    ...options,
    excludeByName: isHidden ? { ...hidden, [name]: true } : hidden,
    ...(hasShown && !isHidden ? { includeByName: { ...shown, [name]: true } } : {}),
  };
}

/** An empty name, or its own, gives the field its name back. */
export function withRenamedField(options: Options, name: string, newName: string): Options {
  const others = without(recordAt<string>(options, 'renameByName'), name);
  const isOwn = newName === '' || newName === name;
  return { ...options, renameByName: isOwn ? others : { ...others, [name]: newName } };
}
