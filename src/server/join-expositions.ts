/** Appends the metric families of `other` that `text` does not have; both in the text format. */
export function joinExpositions(text: string, other: string): string {
  if (other === '') return text;
  const known = new Set(text.matchAll(/^# TYPE (\S+) /gm).map((match) => match[1]));
  const added = other.split(/^(?=# HELP )/m).filter((family) => {
    const name = /^# HELP (\S+) /.exec(family)?.[1];
    return name !== undefined && !known.has(name);
  });
  return text + added.join('');
}
