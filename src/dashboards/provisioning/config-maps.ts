import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import { uidOf } from '#dashboards/store';
import type { Provided, ProvisioningProblem } from './contract.ts';
import { parseDashboardText } from './json-text.ts';

export type DataKind = 'configmaps' | 'secrets';

/** What is kept of a ConfigMap or a Secret: its dashboards as text. */
export interface DataObject {
  readonly metadata: ObjectMeta | undefined;
  readonly texts: Readonly<Record<string, string>>;
}

/** One key each; more is no set of dashboards. */
const maxKeys = 200;

/** Keys `*.json` of the object, decoded. */
export function dataObjectOf(kind: DataKind, object: ConfigMap | Secret): DataObject {
  const { metadata, data = {} } = object;
  const binary = kind === 'secrets' ? data : ((object as ConfigMap).binaryData ?? {});
  const plain = kind === 'secrets' ? {} : data;
  const texts: Record<string, string> = {};
  for (const [key, text] of Object.entries(plain)) if (isDashboard(key)) texts[key] = text;
  for (const [key, text] of Object.entries(binary)) {
    if (isDashboard(key)) texts[key] = Buffer.from(text, 'base64').toString('utf8');
  }
  return { metadata, texts };
}

const isDashboard = (key: string): boolean => /\.json$/i.test(key);

/** The dashboards of an object, and what is wrong with its other keys. */
export function providedOf(
  kind: DataKind,
  { metadata, texts }: DataObject,
  options: { readonly folderAnnotation: string; readonly maxSizeBytes: number },
): {
  readonly provided: readonly Provided[];
  readonly problems: readonly ProvisioningProblem[];
  readonly unreadable: readonly string[];
} {
  const { namespace = '', name = '', annotations = {} } = metadata ?? {};
  const path = folderPath(annotations[options.folderAnnotation] ?? '');
  const provided: Provided[] = [];
  const problems: ProvisioningProblem[] = [];
  const unreadable: string[] = [];
  for (const [key, text] of Object.entries(texts).sort().slice(0, maxKeys)) {
    const externalId = `${kind}/${namespace}/${name}/${key}`;
    const parsed = parseDashboardText(text, options.maxSizeBytes);
    if ('problem' in parsed) {
      const { line, problem } = parsed;
      const place = line === undefined ? externalId : `${externalId}:${line}`;
      problems.push({ place, message: problem });
      unreadable.push(externalId);
      continue;
    }
    const { document, checksum } = parsed;
    const { uid } = document;
    provided.push({
      externalId,
      checksum,
      uid: typeof uid === 'string' && uid !== '' ? uid : uidOf(externalId),
      folder: { path },
      load: () => document,
    });
  }
  return { provided, problems, unreadable };
}

/**
 * Titles of folders out of an annotation. Sidecars take it for a path on their disk, which by custom
 * begins with `/tmp/dashboards`.
 */
export function folderPath(annotation: string): readonly string[] {
  return annotation
    .replace(/^\/tmp\/dashboards(?=\/|$)/, '')
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '.' && part !== '..');
}
