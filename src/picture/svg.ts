/** A piece of SVG. Only `element`, `textElement` and `join` make one, so that no value stands in it unescaped. */
export interface Markup {
  readonly svg: string;
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Also without what XML has no way to write: control characters, halves of surrogate pairs. */
const escaped = (text: string): string =>
  text
    .replace(/[^\P{Cc}\t\n\r]|\p{Noncharacter_Code_Point}/gu, ' ')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/[&<>"]/g, (char) => escapes[char] as string);

/** At most two decimals: finer than a pixel, and the same on every machine. */
const written = (value: string | number): string =>
  typeof value === 'string' ? escaped(value) : String(Math.round(value * 100) / 100);

export function element(
  name: string,
  attributes: Attributes,
  children: readonly Markup[] = [],
): Markup {
  const list = attributeText(attributes);
  if (children.length === 0) return { svg: `<${name}${list}/>` };
  return { svg: `<${name}${list}>${join(children).svg}</${name}>` };
}

export function textElement(attributes: Attributes, text: string): Markup {
  return { svg: `<text${attributeText(attributes)}>${escaped(text)}</text>` };
}

export const join = (parts: readonly Markup[]): Markup => ({
  svg: parts.map(({ svg }) => svg).join('\n'),
});

function attributeText(attributes: Attributes): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${written(value as string | number)}"`)
    .join('');
}

/** A document of this module at a place in another. */
export const nested = (document: string, left: number, top: number): Markup => ({
  svg: `<g transform="translate(${written(left)} ${written(top)})">${document}</g>`,
});
