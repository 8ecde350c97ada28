const mask = '••••';
const secretKind = /kind\\?["']?:\s{0,3}\\?["']?Secret\b/;

/**
 * Values of Secrets out of manifests that a program printed, such as those of `helm install --dry-run`. Where
 * there is a Secret, all that is called `data` is taken for one: rather too much than too little.
 */
export function maskSecretObjects(text: string): string {
  if (!secretKind.test(text)) return text;
  return maskYaml(maskJson(text));
}

/** `"data": {"key": "value"}`, with quotes escaped too. */
const maskJson = (text: string): string =>
  text.replace(
    /("(?:data|stringData)\\?"\s{0,3}:\s{0,3}\{)([^{}]{0,100000})(\})/g,
    (_whole, start: string, inner: string, end: string) =>
      `${start}${inner.replace(/(:\s{0,3})(?:\\"[^"\\]*\\"|"(?:[^"\\]|\\.)*")/g, `$1"${mask}"`)}${end}`,
  );

function maskYaml(text: string): string {
  /** How far the `data` that we are in stands to the right, and its keys; undefined: in none. */
  let within: { readonly indent: number; key: number | undefined } | undefined;
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const indent = line.search(/\S/);
    if (within !== undefined && indent >= 0) {
      if (indent <= within.indent) within = undefined;
      else {
        within.key ??= indent;
        // Further lines of a value of several.
        if (indent > within.key) continue;
        lines.push(line.replace(/^(\s*(?:"[^"]*"|'[^']*'|[^:]+):)(\s.*)?$/, `$1 ${mask}`));
        continue;
      }
    }
    if (within !== undefined) continue;
    if (/^\s*(?:- )?(?:data|stringData):\s*$/.test(line)) {
      within = { indent: line.replace('- ', '  ').search(/\S/), key: undefined };
    }
    lines.push(line);
  }
  return lines.join('\n');
}

/** Texts that must not be said, such as the tokens that the bot itself has. */
export function withoutTexts(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets.filter((secret) => secret.length >= 6);
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, mask), text);
}
