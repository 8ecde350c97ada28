import { gunzipSync } from 'node:zlib';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { Catalogue } from '#dashboards/catalogue';
import { uidOf } from '#dashboards/store';
import type { FolderChoice, Provided } from './contract.ts';
import { checksumOf, parseDashboardText } from './json-text.ts';

/** `GrafanaDashboard` of `grafana.integreatly.org/v1beta1`. */
export interface GrafanaDashboard {
  readonly metadata?: ObjectMeta;
  readonly spec?: {
    readonly json?: string;
    /** Base64. */
    readonly gzipJson?: string;
    readonly url?: string;
    readonly jsonnet?: string;
    readonly configMapRef?: { readonly name?: string; readonly key?: string };
    readonly grafanaCom?: { readonly id?: number; readonly revision?: number };
    readonly folder?: string;
    readonly folderUID?: string;
    readonly uid?: string;
    readonly datasources?: readonly {
      readonly inputName?: string;
      readonly datasourceName?: string;
    }[];
  };
}

export interface GrafanaDashboardDeps {
  readonly catalogue: Catalogue;
  readonly maxSizeBytes: number;
  /** A key of a ConfigMap. @throws when it cannot be read */
  readonly configMapKey: (namespace: string, name: string, key: string) => Promise<string>;
  readonly signal: AbortSignal;
}

export const externalIdOf = ({ metadata }: GrafanaDashboard): string =>
  `grafanadashboards/${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

/** The dashboard of an object. @throws {Error} with the reason why there is none now */
export async function providedBy(
  object: GrafanaDashboard,
  deps: GrafanaDashboardDeps,
): Promise<Provided> {
  const spec = object.spec ?? {};
  const text = withInputs(await textOf(object, deps), spec.datasources ?? []);
  const parsed = parseDashboardText(text, deps.maxSizeBytes);
  if ('problem' in parsed) {
    throw new Error(
      parsed.line === undefined ? parsed.problem : `line ${parsed.line}: ${parsed.problem}`,
    );
  }
  const { document } = parsed;
  const externalId = externalIdOf(object);
  const given = spec.uid ?? document['uid'];
  const uid = typeof given === 'string' && given !== '' ? given : uidOf(externalId);
  return {
    externalId,
    checksum: checksumOf(`${uid}\n${text}`),
    uid,
    folder: folderOf(spec),
    load: () => ({ ...document, uid }),
  };
}

function folderOf({
  folder = '',
  folderUID = '',
}: NonNullable<GrafanaDashboard['spec']>): FolderChoice {
  if (folderUID !== '') return { uid: folderUID, title: folder || folderUID };
  return { path: folder === '' ? [] : [folder] };
}

async function textOf(
  { metadata, spec = {} }: GrafanaDashboard,
  { catalogue, configMapKey, maxSizeBytes, signal }: GrafanaDashboardDeps,
): Promise<string> {
  const { json, gzipJson, configMapRef, grafanaCom } = spec;
  if (json !== undefined) return json;
  if (gzipJson !== undefined) {
    const bytes = Buffer.from(gzipJson, 'base64');
    return gunzipSync(bytes, { maxOutputLength: maxSizeBytes }).toString('utf8');
  }
  if (configMapRef !== undefined) {
    const { name = '', key = '' } = configMapRef;
    return configMapKey(metadata?.namespace ?? '', name, key);
  }
  if (grafanaCom?.id !== undefined) {
    const { id, revision = 'latest' } = grafanaCom;
    return JSON.stringify(await catalogue.revision(id, revision, signal));
  }
  const other = ['url', 'jsonnet'].find((key) => key in spec);
  // Anybody who may write such an object could have the server ask any address.
  if (other !== undefined) {
    throw new Error(
      `spec.${other} is not supported (allowed: json, gzipJson, configMapRef, grafanaCom)`,
    );
  }
  throw new Error('spec has no dashboard (allowed: json, gzipJson, configMapRef, grafanaCom)');
}

/** As the operator does it: the placeholder, wherever it stands. */
function withInputs(
  text: string,
  inputs: NonNullable<NonNullable<GrafanaDashboard['spec']>['datasources']>,
): string {
  let result = text;
  for (const { inputName = '', datasourceName = '' } of inputs) {
    if (inputName === '') continue;
    const escaped = JSON.stringify(datasourceName).slice(1, -1);
    result = result.replaceAll(`\${${inputName}}`, () => escaped);
  }
  return result;
}
