/** `name=value`, one a line, to an object; lines that are none are left out. */
export function pairsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    const name = line.slice(0, at).trim();
    return at < 0 || name === '' ? [] : [[name, line.slice(at + 1).trim()]];
  });
  return Object.fromEntries(pairs);
}
