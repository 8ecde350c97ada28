import type { NumberedDataSource } from './contract.ts';

/**
 * What a reference means: a uid, else a name (old files), `default` or nothing for the default one.
 * Where that is not there, a type alone means the default one of that type, and a placeholder of a
 * file that was never imported (`${DS_PROMETHEUS}`) too.
 */
export function readReference(
  sources: readonly NumberedDataSource[],
  { uid, type }: { readonly uid?: string | undefined; readonly type?: string | undefined },
): NumberedDataSource | undefined {
  const named = uid ?? '';
  const fallback = sources.find(({ isDefault }) => isDefault);
  if (named !== '' && named !== 'default') {
    const found =
      sources.find((source) => source.uid === named) ??
      sources.find((source) => source.name === named);
    if (found !== undefined) return found;
    const placeholder = /^\$\{(?:DS_|VAR_)?([\w-]+)\}$/.exec(named);
    if (placeholder === null) return undefined;
    const wanted = type ?? typeOfPlaceholder(placeholder[1]!);
    return ofType(sources, wanted) ?? fallback;
  }
  return type === undefined || type === '' ? fallback : (ofType(sources, type) ?? fallback);
}

function ofType(
  sources: readonly NumberedDataSource[],
  type: string,
): NumberedDataSource | undefined {
  const all = sources.filter((source) => sameType(source.type, type));
  return all.find(({ isDefault }) => isDefault) ?? all.find(({ isBuiltIn }) => isBuiltIn) ?? all[0];
}

/** Types that go by two names. */
const aliases: Readonly<Record<string, string>> = { postgres: 'grafana-postgresql-datasource' };
const sameType = (a: string, b: string): boolean => (aliases[a] ?? a) === (aliases[b] ?? b);

function typeOfPlaceholder(name: string): string {
  const word = name.toLowerCase();
  if (word.includes('postgres')) return 'grafana-postgresql-datasource';
  return word.includes('cloudwatch') ? 'cloudwatch' : 'prometheus';
}
