import { describeError } from '#base';
import { Secret } from '#metrics/config';
import type { TemplateSet } from '../template/template-set.ts';

/** A configuration is no deeper than this, unless it contains itself. */
const maxDepth = 12;

/** What is wrong with the first text of a configuration that is no template, in words that name its key. */
export function templateProblem(config: object, templates: TemplateSet): string | undefined {
  return problemOf(config, templates, '', 0);
}

function problemOf(
  value: unknown,
  templates: TemplateSet,
  key: string,
  depth: number,
): string | undefined {
  if (typeof value === 'string') {
    try {
      templates.check(value);
      return undefined;
    } catch (error) {
      return `${key}: ${describeError(error)}`;
    }
  }
  if (typeof value !== 'object' || value === null || value instanceof Secret) return undefined;
  if (depth >= maxDepth) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const path = Array.isArray(value) ? `${key}[${name}]` : keyOf(key, name);
    const problem = problemOf(item, templates, path, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const keyOf = (parent: string, property: string): string => {
  const name = property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return parent === '' ? name : `${parent}.${name}`;
};
