import { createHash } from 'node:crypto';
import { AppError, isAppError } from '#base';
import { type DashboardDocument, type StoredDashboard, storeError } from '#dashboards/store';
import type { DashboardsApiDeps } from './contract.ts';
import { folderUidOf, timeText } from './dashboard-json.ts';
import { classicOf } from './dashboard-routes.ts';
import { statusOf } from './errors.ts';
import { type AddRoute, type Call, isObject, type Json, numberOf, textIn } from './http.ts';

const group = 'dashboard.grafana.app';
/** Those whose `spec` is the classic document. */
const classicVersions = ['v0alpha1', 'v1alpha1', 'v1beta1', 'v1'] as const;
const preferredVersion = 'v1beta1';
const maxPage = 500;

/** Kubernetes-style objects have other codes for some refusals. */
export function resourceStatusOf(error: unknown): number {
  const code = isAppError(error) ? error.code : '';
  if (code === 'DASHBOARD_EXISTS' || code === 'DASHBOARD_CHANGED') return 409;
  if (code === 'DASHBOARD_PROVISIONED' || code === 'DASHBOARD_PROVISIONED_DELETE') return 403;
  if (code === 'RESOURCE_VERSION_UNSUPPORTED') return 406;
  return statusOf(error);
}

/** Dashboards as objects of `dashboard.grafana.app`. */
export function registerResourceRoutes(route: AddRoute, { store }: DashboardsApiDeps): void {
  const { dashboards } = store;
  const base = `/apis/${group}`;
  const collection = `${base}/:version/namespaces/:namespace/dashboards`;

  route('GET', '/apis', () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: [groupJson] }));
  route('GET', base, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...groupJson }));
  route('GET', `${base}/:version`, (call) => ({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${group}/${versionOf(call)}`,
    resources: [
      {
        name: 'dashboards',
        singularName: 'dashboard',
        namespaced: true,
        kind: 'Dashboard',
        verbs: ['create', 'delete', 'get', 'list', 'update'],
      },
    ],
  }));

  route('GET', collection, async (call) => {
    const version = versionOf(call);
    const limit = numberOf(call.query, 'limit', maxPage, { min: 0, max: 10_000 }) || maxPage;
    const after = call.query.get('continue') ?? '';
    const uids = [...dashboards.entries()]
      .map(({ uid }) => uid)
      .filter((uid) => uid > after)
      .sort();
    const page = uids.slice(0, Math.min(limit, maxPage));
    const items = await Promise.all(page.map((uid) => dashboards.get(uid)));
    return {
      kind: 'DashboardList',
      apiVersion: `${group}/${version}`,
      metadata: {
        resourceVersion: '0',
        // Uids are their own order: the last one says where the next page begins.
        ...(page.length < uids.length ? { continue: page.at(-1) } : {}),
      },
      items: items.filter((found) => found !== undefined).map((found) => objectJson(found, call)),
    };
  });

  route('GET', `${collection}/:name`, async (call) => {
    versionOf(call);
    const found = await dashboards.get(call.params['name']!);
    if (found === undefined) throw storeError('DASHBOARD_NOT_FOUND');
    return objectJson(found, call);
  });

  route('POST', collection, async (call) => {
    versionOf(call);
    const { document, folderUid, message } = given(call, undefined);
    const saved = await dashboards.save({
      document,
      folderUid,
      message,
      overwrite: false,
      only: 'create',
      by: call.principal.name,
    });
    void call.reply.code(201);
    return objectJson(saved, call);
  });

  route('PUT', `${collection}/:name`, async (call) => {
    versionOf(call);
    const name = call.params['name']!;
    const { document, folderUid, message, resourceVersion } = given(call, name);
    const saved = await dashboards.save({
      // Without a version the caller means whatever is there.
      document: { ...document, version: Number(resourceVersion) },
      folderUid,
      message,
      overwrite: resourceVersion === undefined,
      only: 'update',
      by: call.principal.name,
    });
    return objectJson(saved, call);
  });

  route('DELETE', `${collection}/:name`, async (call) => {
    versionOf(call);
    const { uid } = await store.removeDashboard(call.params['name']!);
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: uid, group, kind: 'dashboards', uid: objectUid(uid) },
    };
  });
}

const groupJson: Json = {
  name: group,
  versions: classicVersions.map((version) => ({ groupVersion: `${group}/${version}`, version })),
  preferredVersion: { groupVersion: `${group}/${preferredVersion}`, version: preferredVersion },
};

/** @throws {AppError} RESOURCE_VERSION_UNSUPPORTED, NAMESPACE_NOT_FOUND */
function versionOf({ params }: Call): string {
  const { version = '', namespace = 'default' } = params;
  if (!(classicVersions as readonly string[]).includes(version)) {
    throw new AppError(
      'RESOURCE_VERSION_UNSUPPORTED',
      `${group}/${version} is not served (allowed: ${classicVersions.join(', ')})`,
    );
  }
  if (namespace !== 'default' && namespace !== 'org-1') {
    throw new AppError(
      'NAMESPACE_NOT_FOUND',
      `namespace "${namespace}" not found (allowed: default)`,
    );
  }
  return version;
}

interface Given {
  readonly document: DashboardDocument;
  readonly folderUid: string;
  readonly message: string | undefined;
  readonly resourceVersion: string | undefined;
}

function given({ body }: Call, name: string | undefined): Given {
  const { metadata, spec } = body();
  if (!isObject(spec)) throw new AppError('BAD_REQUEST_DATA', 'spec: expected an object');
  const meta = isObject(metadata) ? metadata : {};
  const annotations = isObject(meta['annotations']) ? meta['annotations'] : {};
  const uid = name ?? (textIn(meta, 'name') || undefined);
  if (name !== undefined && (textIn(meta, 'name') ?? name) !== name) {
    throw new AppError('BAD_REQUEST_DATA', `metadata.name: must be "${name}" as in the address`);
  }
  const { uid: _uid, id: _id, version: _version, ...document } = classicOf(spec);
  return {
    document: uid === undefined ? document : { ...document, uid },
    folderUid: folderUidOf(textIn(annotations, 'grafana.app/folder') ?? ''),
    message: textIn(annotations, 'grafana.app/message'),
    resourceVersion: textIn(meta, 'resourceVersion') || undefined,
  };
}

function objectJson({ entry, document }: StoredDashboard, { params }: Call): Json {
  const { uid: _uid, version: _version, ...spec } = document;
  return {
    kind: 'Dashboard',
    apiVersion: `${group}/${params['version']}`,
    metadata: {
      name: entry.uid,
      namespace: params['namespace'],
      uid: objectUid(entry.uid),
      resourceVersion: String(entry.version),
      generation: entry.version,
      creationTimestamp: timeText(entry.createdMs).replace(/\.\d+Z$/, 'Z'),
      labels: { 'grafana.app/deprecatedInternalID': String(entry.id) },
      annotations: {
        'grafana.app/createdBy': entry.createdBy,
        'grafana.app/updatedBy': entry.updatedBy,
        'grafana.app/updatedTimestamp': timeText(entry.updatedMs).replace(/\.\d+Z$/, 'Z'),
        ...(entry.folderUid === '' ? {} : { 'grafana.app/folder': entry.folderUid }),
        ...(entry.provisioned === undefined
          ? {}
          : {
              'grafana.app/managedBy': 'classic-file-provisioning',
              'grafana.app/managerId': entry.provisioned.source,
              'grafana.app/sourcePath': entry.provisioned.externalId,
            }),
      },
    },
    spec,
    status: {},
  };
}

/** In the form that clients parse, and always the same. */
function objectUid(uid: string): string {
  const hex = createHash('sha256').update(`dashboard\0${uid}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
