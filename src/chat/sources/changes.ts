/**
 * What has changed at a path such as `spec.template.spec.containers[*].image`, in the words of Botkube; undefined:
 * nothing.
 */
export function changeAt(path: string, before: unknown, after: unknown): string | undefined {
  const [old, now] = [valueAt(before, path), valueAt(after, path)];
  if (old === now) return undefined;
  return `${path}:\n\t-: ${old || '<none>'}\n\t+: ${now || '<none>'}\n`;
}

function valueAt(object: unknown, path: string): string {
  let found: unknown[] = [object];
  // A leading dot, or JSONPath's braces, mean the same; `\.` belongs to a key: metadata.labels.app\.io/name.
  const parts = path
    .replace(/^\{?\.?/, '')
    .replace(/\}$/, '')
    .split(/(?<!\\)\./)
    .map((part) => part.replaceAll('\\.', '.'));
  for (const part of parts) {
    const [, key = '', index] = /^([^[\]]+)(?:\[([^\]]*)\])?$/.exec(part) ?? [];
    found = found.flatMap((one) => {
      const value =
        typeof one === 'object' && one !== null ? (one as Record<string, unknown>)[key] : undefined;
      if (index === undefined || !Array.isArray(value)) return value === undefined ? [] : [value];
      return index === '*' ? value : value.slice(Number(index), Number(index) + 1);
    });
  }
  return found
    .map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))
    .join(', ');
}
