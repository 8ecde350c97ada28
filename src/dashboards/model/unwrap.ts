/** The document inside what people paste, upload and post. */
import { DashboardError } from './errors.ts';
import { isObject, type JsonObject } from './json.ts';

export interface Unwrapped {
  readonly document: JsonObject;
  readonly isV2: boolean;
  /** The name of a Kubernetes-style resource, which is the dashboard's uid. */
  readonly uid?: string;
}

/** More wrappings than this are no wrappings. */
const maxWrappings = 4;

const looksClassic = (value: JsonObject): boolean =>
  Array.isArray(value['panels']) || Array.isArray(value['rows']) || 'schemaVersion' in value;

const looksV2 = (value: JsonObject): boolean =>
  isObject(value['elements']) && isObject(value['layout']);

/**
 * Takes off `{dashboard: …}` of Grafana's API, `{json: …}` of its catalogue, and Kubernetes-style
 * resources around either kind of document.
 *
 * @throws {DashboardError} `DASHBOARD_INVALID` when nothing inside is a dashboard
 */
export function unwrap(input: unknown): Unwrapped {
  let value = input;
  let path = '';
  let uid: string | undefined;
  for (let count = 0; count <= maxWrappings; count++) {
    if (!isObject(value)) {
      const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
      throw new DashboardError(
        'DASHBOARD_INVALID',
        path,
        `a dashboard must be an object, with "panels" or "elements": found ${found}`,
      );
    }
    const withUid = uid === undefined ? {} : { uid };
    if (looksV2(value)) return { document: value, isV2: true, ...withUid };
    const metadata = value['metadata'];
    if (isObject(value['spec']) && (isObject(metadata) || value['kind'] === 'Dashboard')) {
      if (isObject(metadata) && typeof metadata['name'] === 'string') uid = metadata['name'];
      value = value['spec'];
      path = path === '' ? 'spec' : `${path}.spec`;
      continue;
    }
    if (looksClassic(value)) return { document: value, isV2: false, ...withUid };
    const key = ['dashboard', 'json'].find((name) => isObject((value as JsonObject)[name]));
    // A document with a title alone is a dashboard without panels.
    if (key === undefined) return { document: value, isV2: false, ...withUid };
    value = value[key];
    path = path === '' ? key : `${path}.${key}`;
  }
  throw new DashboardError('DASHBOARD_INVALID', path, 'there is no dashboard in these wrappings');
}
