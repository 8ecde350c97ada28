/** A page's state in its link: plain parameters, a list repeats its key. Nothing is JSON. */
export type Search = Readonly<Record<string, string | readonly string[] | undefined>>;

export function parseSearch(text: string): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const known = search[key];
    if (known === undefined) search[key] = value;
    else if (typeof known === 'string') search[key] = [known, value];
    else known.push(value);
  }
  return search;
}

/** With `?` in front when not empty. Empty values are left out: they mean the default. */
export function stringifySearch(search: Search): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(search)) {
    for (const item of typeof value === 'string' ? [value] : (value ?? [])) {
      if (item !== '') parts.push(`${escapeParameter(key)}=${escapeParameter(item)}`);
    }
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** Slashes, colons and commas may stand in a query as they are: group names stay readable. */
function escapeParameter(text: string): string {
  return encodeURIComponent(text).replace(/%2F|%3A|%2C|%40/gi, (code) => decodeURIComponent(code));
}

export function textOf(value: Search[string]): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

export function listOf(value: Search[string]): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}
