import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isMap, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { describeError } from '#base';
import type { DataSourceInput } from '../contract.ts';
import { readInput } from '../registry/input.ts';

/** What texts may refer to. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Only for who may read the server's files anyway: not for whoever may make a ConfigMap. */
  readonly mayReadFiles: boolean;
}

export interface ProvidedSource {
  readonly input: DataSourceInput;
  readonly isEditable: boolean;
}

/** What a file or an object says of data sources. */
export interface ProvidedSources {
  readonly sources: readonly ProvidedSource[];
  /** Names of those that must not be there. */
  readonly deleted: readonly string[];
  /** What is no longer in the file goes. */
  readonly prunes: boolean;
  /** `FILE:LINE: what is wrong`; what is right is taken all the same. */
  readonly problems: readonly string[];
  /** Changes with what is said, variables and files in it included. */
  readonly checksum: string;
}

const maxSources = 200;
/** A secret of a file is a password or a key. */
const maxSecretFileBytes = 64 * 1024;
const fileKeys = ['apiVersion', 'datasources', 'deleteDatasources', 'prune'];

/**
 * Reads a file of `provisioning/datasources`: YAML or JSON. `$VAR`, `${VAR}` and `$__env{VAR}` stand for
 * variables, `$__file{/path}` for what is in a file, `$$` for a dollar.
 */
export function readProvided(text: string, file: string, around: Surroundings): ProvidedSources {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const problems: string[] = [];
  const problem = (node: Node | null | undefined, message: string): void => {
    const offset = node?.range?.[0];
    const line = offset === undefined ? '' : `:${lines.linePos(offset).line}`;
    problems.push(`${file}${line}: ${message}`);
  };
  const nothing = { sources: [], deleted: [], prunes: false, problems, checksum: '' };
  for (const { linePos, message } of document.errors.slice(0, 5)) {
    const line = linePos === undefined ? '' : `:${linePos[0].line}`;
    problems.push(`${file}${line}: ${message.split('\n')[0]}`);
  }
  const { contents } = document;
  if (problems.length > 0 || contents === null) return nothing;
  if (!isMap(contents)) {
    problem(contents, 'expected a section with "datasources"');
    return nothing;
  }
  for (const { key } of contents.items) {
    if (fileKeys.includes(String(key))) continue;
    problem(key as Node, `unknown key "${String(key)}" (allowed: ${fileKeys.join(', ')})`);
  }
  const sources = itemsOf(contents, 'datasources', problem).flatMap((node) => {
    try {
      return sourceOf(node, around);
    } catch (error) {
      problem(node, describeError(error));
      return [];
    }
  });
  const deleted = itemsOf(contents, 'deleteDatasources', problem).map((node) =>
    expand(String((node.toJSON() as { name?: unknown } | null)?.name ?? ''), around),
  );
  const prunes = (contents.toJSON() as { readonly prune?: unknown }).prune === true;
  // The checksum is held in memory only: it is made of secrets too.
  const checksum = createHash('sha256')
    .update(JSON.stringify([sources, deleted, prunes, problems]))
    .digest('hex');
  return { sources, deleted, prunes, problems, checksum };
}

type Problem = (node: Node | null | undefined, message: string) => void;

function itemsOf(map: YAMLMap, key: string, problem: Problem): readonly Node[] {
  const list = map.get(key, true) as Node | undefined;
  if (list === undefined || list.toJSON() === null) return [];
  if (!isSeq(list)) {
    problem(list, `${key}: expected a list`);
    return [];
  }
  if (list.items.length > maxSources) problem(list, `${key}: more than ${maxSources}`);
  return (list.items as Node[]).slice(0, maxSources);
}

function sourceOf(node: Node, around: Surroundings): readonly ProvidedSource[] {
  const given = expandAll(node.toJSON(), around) as Readonly<Record<string, unknown>> | null;
  const orgId = given?.['orgId'];
  if (orgId !== undefined && orgId !== null && Number(orgId) > 1) {
    throw new TypeError(`orgId: is ${String(orgId)} (allowed: 1)`);
  }
  const { version: _, ...input } = readInput(normalized(given));
  return [{ input, isEditable: given?.['editable'] === true }];
}

/** Values out of variables are texts, whatever they stand for. */
function normalized(given: Readonly<Record<string, unknown>> | null): unknown {
  if (given === null || typeof given !== 'object') return given;
  const flags = ['isDefault', 'basicAuth', 'withCredentials'].flatMap((key) =>
    given[key] === 'true' || given[key] === 'false' ? [[key, given[key] === 'true'] as const] : [],
  );
  const texts = ['user', 'database', 'basicAuthUser', 'uid', 'name'].flatMap((key) =>
    typeof given[key] === 'number' ? [[key, String(given[key])] as const] : [],
  );
  const secrets = given['secureJsonData'];
  return {
    ...given,
    ...Object.fromEntries([...flags, ...texts]),
    ...(typeof secrets === 'object' && secrets !== null
      ? {
          secureJsonData: Object.fromEntries(
            Object.entries(secrets).map(([name, value]) => [
              name,
              typeof value === 'number' ? String(value) : value,
            ]),
          ),
        }
      : {}),
  };
}

function expandAll(value: unknown, around: Surroundings): unknown {
  if (typeof value === 'string') return expand(value, around);
  if (Array.isArray(value)) return value.map((one) => expandAll(one, around));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, expandAll(one, around)]),
  );
}

function expand(text: string, around: Surroundings): string {
  return text.replace(
    /\$\$|\$__env\{(\w+)\}|\$__file\{([^}]+)\}|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)/g,
    (whole, named?: string, file?: string, braced?: string, bare?: string) => {
      if (whole === '$$') return '$';
      if (file !== undefined) return readSecret(file, around);
      return around.env[named ?? braced ?? bare ?? ''] ?? '';
    },
  );
}

function readSecret(path: string, { mayReadFiles }: Surroundings): string {
  if (!mayReadFiles) throw new TypeError('$__file{} stands for nothing here (allowed: in files)');
  const text = readFileSync(path.trim(), 'utf8').trim();
  if (text.length <= maxSecretFileBytes) return text;
  throw new RangeError(`${path} is larger than ${maxSecretFileBytes} bytes`);
}
