import type { HclBody, HclResource } from './export.ts';
import type { Json } from './http.ts';

/** Resources as Terraform's configuration language has them. */
export const hclText = (resources: readonly HclResource[]): string =>
  `${resources.map(resourceText).join('\n')}`;

const resourceText = ({ type, name, body }: HclResource): string =>
  `resource "${type}" "${name}" {\n${bodyText(body, 1)}}\n`;

function bodyText({ attributes, blocks = [] }: HclBody, depth: number): string {
  const indent = '  '.repeat(depth);
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  const lines = entries.map(
    ([name, value]) => `${indent}${name.padEnd(width)} = ${valueText(value, depth)}\n`,
  );
  const inner = blocks.map(
    ([name, body]) => `\n${indent}${name} {\n${bodyText(body, depth + 1)}${indent}}\n`,
  );
  return [...lines, ...inner].join('');
}

function valueText(value: unknown, depth: number): string {
  if (typeof value === 'string') return textLiteral(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map((one) => valueText(one, depth)).join(', ')}]`;
  const indent = '  '.repeat(depth + 1);
  const entries = Object.entries(value as Json).map(
    ([name, inner]) => `${indent}${keyText(name)} = ${valueText(inner, depth + 1)}\n`,
  );
  return entries.length === 0 ? '{}' : `{\n${entries.join('')}${'  '.repeat(depth)}}`;
}

const keyText = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : textLiteral(name));

/** `${` and `%{` begin templates: they are doubled to stand for themselves. */
const textLiteral = (text: string): string =>
  JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{');

/** A name that the language allows, the same for the same text. */
export const resourceName = (kind: string, text: string): string => {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${kind}_${hash.toString(16).padStart(8, '0')}`;
};
