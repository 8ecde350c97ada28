import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { nearestWord } from '#base';
import type { ProvisioningProblem } from './contract.ts';

/** A folder of dashboards, as a file of `provisioning/dashboards` names it. */
export interface Provider {
  readonly name: string;
  /** Title of the folder of all of its dashboards; empty: none. */
  readonly folder: string;
  readonly folderUid: string;
  readonly disableDeletion: boolean;
  readonly allowUiUpdates: boolean;
  readonly intervalMs: number;
  /** Absolute. */
  readonly path: string;
  readonly foldersFromFilesStructure: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const maxProviders = 200;
/** Grafana waits for 10 s; ours is shorter so that a change is there within them. */
const defaultIntervalMs = 5000;
const minIntervalMs = 1000;

const providerKeys = [
  'name',
  'orgId',
  'orgName',
  'type',
  'folder',
  'folderUid',
  'disableDeletion',
  'editable',
  'allowUiUpdates',
  'updateIntervalSeconds',
  'options',
] as const;
const optionKeys = ['path', 'folder', 'foldersFromFilesStructure'] as const;

/**
 * Reads a file of providers. What is wrong is said with its line; the rest is taken.
 * @param file as problems name it; paths in it are relative to its folder
 */
export function readProviders(
  text: string,
  file: string,
  env: Environment,
): { readonly providers: readonly Provider[]; readonly problems: readonly ProvisioningProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems: ProvisioningProblem[] = [];
  const problem = (node: Node | null | undefined, message: string): void => {
    const offset = node?.range?.[0];
    const line = offset === undefined ? '' : `:${lines.linePos(offset).line}`;
    problems.push({ place: `${file}${line}`, message });
  };
  if (document.errors.length > 0) {
    for (const { linePos, message } of document.errors.slice(0, 5)) {
      const place = linePos === undefined ? file : `${file}:${linePos[0].line}`;
      const words = message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
      problems.push({ place, message: words });
    }
    return { providers: [], problems };
  }
  const { contents } = document;
  // The oldest form of the file is the list alone.
  const list = isMap(contents) ? contents.get('providers', true) : contents;
  if (contents === null || list === undefined) return { providers: [], problems };
  if (!isSeq(list)) {
    problem(contents, 'expected "providers", a list');
    return { providers: [], problems };
  }
  const providers: Provider[] = [];
  for (const item of list.items.slice(0, maxProviders)) {
    if (!isMap(item)) {
      problem(item as Node, 'expected a provider with "name" and "options"');
      continue;
    }
    const provider = readProvider(item, { file, env, problem });
    if (provider !== undefined) providers.push(provider);
  }
  if (list.items.length > maxProviders) problem(list, `more than ${maxProviders} providers`);
  return { providers, problems };
}

interface Reading {
  readonly file: string;
  readonly env: Environment;
  readonly problem: (node: Node | null | undefined, message: string) => void;
}

function readProvider(map: YAMLMap, reading: Reading): Provider | undefined {
  const { file, env, problem } = reading;
  checkKeys(map, providerKeys, problem);
  const text = (key: string, from: YAMLMap = map): string => {
    const node = from.get(key, true);
    if (node === undefined || (isScalar(node) && node.value === null)) return '';
    if (isScalar(node)) {
      // As written, so that a name of digits stays one.
      const written = node.type === 'PLAIN' ? (node.source ?? node.value) : node.value;
      return expand(String(written), env);
    }
    problem(node as Node, `${key}: expected one value`);
    return '';
  };
  const flag = (key: string, from: YAMLMap = map): boolean => {
    const value = text(key, from);
    if (value !== '' && value !== 'true' && value !== 'false') {
      problem(from.get(key, true) as Node, `${key}: "${value}" is not true or false`);
    }
    return value === 'true';
  };
  const type = text('type') || 'file';
  if (type !== 'file') {
    problem(map.get('type', true) as Node, `type: "${type}" is not known (allowed: file)`);
    return undefined;
  }
  const options = map.get('options', true);
  if (!isMap(options)) {
    problem(map, 'options: expected a section with "path"');
    return undefined;
  }
  checkKeys(options, optionKeys, problem);
  const path = text('path', options) || text('folder', options);
  if (path === '') {
    problem(options, 'options.path: the folder of the dashboards is missing');
    return undefined;
  }
  const foldersFromFilesStructure = flag('foldersFromFilesStructure', options);
  const folder = text('folder');
  const folderUid = text('folderUid');
  if (foldersFromFilesStructure && (folder !== '' || folderUid !== '')) {
    problem(map, 'folder and folderUid have no meaning beside foldersFromFilesStructure');
  }
  return {
    name: text('name') || `default-${createHash('sha256').update(path).digest('hex').slice(0, 8)}`,
    folder: foldersFromFilesStructure ? '' : folder,
    folderUid: foldersFromFilesStructure ? '' : folderUid,
    disableDeletion: flag('disableDeletion'),
    allowUiUpdates: flag('allowUiUpdates') || flag('editable'),
    intervalMs: intervalMs(text('updateIntervalSeconds'), (message) =>
      problem(map.get('updateIntervalSeconds', true) as Node, message),
    ),
    path: resolve(dirname(file), path),
    foldersFromFilesStructure,
  };
}

function checkKeys(map: YAMLMap, known: readonly string[], problem: Reading['problem']): void {
  for (const { key } of map.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (known.includes(name)) continue;
    const nearest = nearestWord(name, known);
    const hint = nearest === undefined ? '' : `, did you mean "${nearest}"?`;
    problem(key as Node, `unknown key "${name}"${hint}`);
  }
}

function intervalMs(text: string, problem: (message: string) => void): number {
  if (text === '') return defaultIntervalMs;
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 86_400) {
    problem(`updateIntervalSeconds: "${text}" is not a number of seconds from 0 to 86400`);
    return defaultIntervalMs;
  }
  return Math.max(minIntervalMs, seconds * 1000);
}

/** `$NAME` and `${NAME}`; `$$` is a dollar sign, and what is not set is empty. */
export function expand(text: string, env: Environment): string {
  return text.replace(
    /\$\$|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)/g,
    (whole, braced: string | undefined, bare: string | undefined) =>
      whole === '$$' ? '$' : (env[braced ?? bare ?? ''] ?? ''),
  );
}
