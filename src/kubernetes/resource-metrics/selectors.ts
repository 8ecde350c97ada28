import { SelectorError } from '#kubernetes/cluster';

/** Only names and namespaces can be selected by field here, as everywhere in this API. */
export function parseFieldSelector(
  text: string,
): (object: { readonly name: string; readonly namespace?: string }) => boolean {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const found = /^(metadata\.(name|namespace))\s*(==|=|!=)\s*(\S*)$/.exec(part);
      if (found === null) {
        const field = part.split(/[=!]/, 1)[0] ?? part;
        throw new SelectorError(`field label not supported: ${field}`);
      }
      return {
        field: found[2] as 'name' | 'namespace',
        isWanted: found[3] !== '!=',
        value: found[4] ?? '',
      };
    });
  return (object) =>
    parts.every(({ field, isWanted, value: wanted }) => (object[field] === wanted) === isWanted);
}
