import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { Rig } from '../faults/rig.ts';
import { accountKubeconfig, type Rule, removeAccount } from './account.ts';
import { Cluster, withoutCluster } from './cluster.ts';

/** So soon a dashboard must follow its object. */
const followMs = 60_000;
/** The server hears of the cluster within seconds; the machine may be busy. */
const soonMs = 90_000;
const namespace = `dashboards-${process.pid}`;
const other = `${namespace}-other`;

/** As the chart has it. */
const rules: readonly Rule[] = [
  { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'list', 'watch'] },
  {
    apiGroups: ['apiextensions.k8s.io'],
    resources: ['customresourcedefinitions'],
    verbs: ['get', 'list', 'watch'],
  },
];

interface Answer {
  readonly dashboard?: { readonly title: string };
  readonly meta?: {
    readonly folderTitle: string;
    readonly provisioned: boolean;
    readonly provisionedExternalId: string;
  };
}

interface Sources {
  readonly sources: readonly {
    readonly source: string;
    readonly problems: readonly { readonly place: string; readonly message: string }[];
  }[];
}

const configMap = (
  name: string,
  data: Readonly<Record<string, string>>,
  more: { readonly label?: string; readonly folder?: string; readonly at?: string } = {},
): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    namespace: more.at ?? namespace,
    name,
    labels: { [more.label ?? 'grafana_dashboard']: '1' },
    annotations: more.folder === undefined ? {} : { grafana_folder: more.folder },
  },
  data,
});

const board = (uid: string, title: string): string => JSON.stringify({ uid, title, panels: [] });

describe('dashboards in ConfigMaps and Secrets', { skip: withoutCluster() }, () => {
  let cluster: Cluster;
  let rig: Rig;

  const get = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${rig.url}${path}`)).json()) as T;
  const dashboard = (uid: string): Promise<Answer> => get(`/api/dashboards/uid/${uid}`);
  const becomes = (uid: string, title: string | undefined): Promise<true> =>
    eventually(
      async () => ((await dashboard(uid)).dashboard?.title === title ? true : undefined),
      followMs,
      () => rig.server.log,
    );
  const ready = (): Promise<boolean> =>
    eventually(
      async () => ((await fetch(`${rig.url}/-/ready`)).ok ? true : undefined),
      soonMs,
      () => rig.server.log,
    );

  before(async () => {
    cluster = await Cluster.up();
    await cluster.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: other } },
    );
    const text = await accountKubeconfig(cluster, { namespace, name: 'nunchi', rules });
    rig = await Rig.open({
      serverEnv: (folder) => ({ KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder }),
      serverConfig: {},
    });
    writeFileSync(join(rig.folder, 'kubeconfig'), text);
    await cluster.apply(configMap('first', { 'first.json': board('first', 'First') }));
    rig.server.start();
    await ready();
    await eventually(
      async () => ((await dashboard('first')).dashboard === undefined ? undefined : true),
      soonMs,
      () => rig.server.log,
    );
  });

  after(async () => {
    await rig?.[Symbol.asyncDispose]();
    if (cluster === undefined) return;
    await cluster.kubectl('delete', 'namespace', namespace, other, '--wait=false');
    await removeAccount(cluster, namespace, 'nunchi');
    await cluster[Symbol.asyncDispose]();
  });

  it('come, change and go with their object, in any namespace', async () => {
    const keys = (title: string) => ({ 'a.json': board('a', title), 'notes.txt': 'none' });
    await cluster.apply(configMap('boards', keys('One'), { folder: 'Team/App', at: other }));
    await becomes('a', 'One');
    const { meta } = await dashboard('a');
    assert.deepEqual(
      [meta?.provisioned, meta?.folderTitle, meta?.provisionedExternalId],
      [true, 'App', `configmaps/${other}/boards/a.json`],
    );
    await cluster.apply(configMap('boards', keys('Two'), { folder: 'Team/App', at: other }));
    await becomes('a', 'Two');
    const saved = await fetch(`${rig.url}/api/dashboards/db`, {
      method: 'POST',
      body: JSON.stringify({ dashboard: { uid: 'a', title: 'Mine' }, overwrite: true }),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(saved.status, 400);
    await cluster.kubectl('delete', 'configmap', '-n', other, 'boards');
    await becomes('a', undefined);
  });

  it('of Secrets too; without the label nothing is read', async () => {
    const data = { 's.json': Buffer.from(board('s', 'Secret')).toString('base64') };
    const object = configMap('sealed', data);
    await cluster.apply({ ...object, kind: 'Secret' });
    await becomes('s', 'Secret');
    await cluster.apply(
      configMap('unlabelled', { 'u.json': board('u', 'U') }, { label: 'other' }),
      configMap('last', { 'l.json': board('l', 'L') }),
    );
    await becomes('l', 'L');
    assert.equal((await dashboard('u')).dashboard, undefined);
  });

  it('a broken key is named with its line and keeps what it was; the others go on', async () => {
    await cluster.apply(configMap('mixed', { 'm.json': board('m', 'Good') }));
    await becomes('m', 'Good');
    await cluster.apply(
      configMap('mixed', { 'm.json': '{\n"title": oops}', 'n.json': board('n', 'New') }),
    );
    await becomes('n', 'New');
    assert.equal((await dashboard('m')).dashboard?.title, 'Good');
    const { sources } = await get<Sources>('/nunchi/dashboards/provisioning');
    const { problems = [] } =
      sources.find(({ source }) => source === 'kubernetes/configmaps') ?? {};
    assert.deepEqual(
      problems.filter(({ place }) => place.includes(namespace)),
      [
        {
          place: `configmaps/${namespace}/mixed/m.json:2`,
          message: "is not JSON: Unexpected token 'o'",
        },
      ],
    );
  });

  it('are there after a restart, and follow what happened meanwhile', async () => {
    await rig.server.stop();
    await cluster.kubectl('delete', 'configmap', '-n', namespace, 'last');
    await cluster.apply(configMap('first', { 'first.json': board('first', 'Changed') }));
    rig.server.start();
    await ready();
    await becomes('first', 'Changed');
    await becomes('l', undefined);
  });
});
