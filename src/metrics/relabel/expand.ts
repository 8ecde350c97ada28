/**
 * Replaces `$1`, `${1}`, `$name` and `${name}` by the groups of a match, `$$` by `$`. The longest name
 * after a `$` counts, so `$1abc` means the group named `1abc`. A group that is not there is ''; a `$`
 * that begins no reference stays.
 *
 * Source: Go's `regexp.Expand`.
 */
export function expandTemplate(
  template: string,
  groups: readonly string[],
  names: readonly (string | undefined)[],
): string {
  if (!template.includes('$')) return template;
  return template.replace(
    /\$\$|\$(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (whole, braced: string | undefined, bare: string | undefined) => {
      if (whole === '$$') return '$';
      const name = (braced ?? bare)!;
      if (/^\d+$/.test(name)) {
        // 01 is a name and not a number; a number beyond what fits is no group.
        if (name.length === 1 || !name.startsWith('0')) return groups[Number(name)] ?? '';
      }
      // Of groups with one name the first that took part.
      let value = '';
      names.forEach((known, index) => {
        if (known === name && value === '') value = groups[index] ?? '';
      });
      return value;
    },
  );
}
