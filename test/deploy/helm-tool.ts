import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';

export const chart: string = fileURLToPath(new URL('../../deploy/helm/nunchi', import.meta.url));

/** For the `skip` of a suite: false, or why there is no helm. */
export function withoutHelm(): string | false {
  const { status } = spawnSync('helm', ['version', '--short'], { stdio: 'ignore' });
  return status === 0 ? false : 'helm is not installed';
}

/** An object as a chart renders it: what is looked at differs by kind. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: a manifest of any kind
  readonly [key: string]: any;
}

/** @throws what helm says, with its exit status */
export async function helm(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('helm', args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

export async function render(...args: readonly string[]): Promise<Rendered[]> {
  const text = await helm('template', 'nunchi', chart, '--namespace', 'nunchi', ...args);
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}
