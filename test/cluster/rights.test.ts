import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createLogger, MetricsRegistry, systemClock } from '#base';
import {
  findAccess,
  type KubernetesAccess,
  type ResourceName,
  resources,
} from '#kubernetes/client';
import { Cluster as Mirrors } from '#kubernetes/cluster';
import { type Rendered, render, withoutHelm } from '../deploy/helm-tool.ts';
import { eventually } from '../eventually.ts';
import { Cluster, withoutCluster } from './cluster.ts';

const namespace = `rights-${process.pid}`;
const settleMs = 60_000;

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** What the chart's server watches: everything that there is a mirror for. */
const names = Object.keys(resources) as ResourceName[];

/** The rights that the chart gives the server: enough, and each of them named when it is missing. */
describe("the server's rights in the chart", {
  skip: withoutCluster() || withoutHelm(),
  timeout: 600_000,
}, () => {
  let cluster: Cluster;
  let access: KubernetesAccess;
  let role: Rendered;

  const grant = (rules: readonly Rule[]): Promise<void> =>
    cluster.apply({ ...role, metadata: { name: namespace }, rules });

  /** Mirrors all there is, as a server that has just started. */
  const look = async (): Promise<{
    readonly forbidden: readonly string[];
    readonly synced: readonly string[];
    readonly warnings: string;
  }> => {
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', write: (line) => void lines.push(line) });
    const deps = { clock: systemClock, log, metrics: new MetricsRegistry(), env: {} };
    await using mirrors = new Mirrors({ access }, deps).start();
    const shares = names.map((name) => mirrors.use(name));
    await Promise.all(shares.map(({ settled }) => settled));
    await eventually(
      async () =>
        mirrors.status().resources.every(({ state }) => state !== 'syncing') ? true : undefined,
      settleMs,
      () => JSON.stringify(mirrors.status()),
    );
    const stateOf = (wanted: string): string[] =>
      mirrors
        .status()
        .resources.filter(({ state }) => state === wanted)
        .map(({ resource }) => resource)
        .sort();
    return {
      forbidden: stateOf('forbidden'),
      synced: stateOf('synced'),
      warnings: lines.join(''),
    };
  };

  before(async () => {
    cluster = await Cluster.up();
    const kubeconfig = join(cluster.folder, 'admin.kubeconfig');
    const admin = (await findAccess({ kubeconfig, env: {} })) ?? assert.fail();
    const objects = await render('--namespace', namespace);
    role = objects.find(
      ({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === `${namespace}-nunchi`,
    )!;
    assert.ok(role, 'the chart renders a role for the server');
    await cluster.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: namespace },
        subjects: [{ kind: 'User', name: namespace, apiGroup: 'rbac.authorization.k8s.io' }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: namespace },
      },
    );
    // The administrator speaks for somebody who has these rights and no others.
    access = { ...admin, impersonate: { user: namespace, groups: [], extra: {} } };
  });

  after(async () => {
    if (cluster === undefined) return;
    await cluster.kubectl('delete', 'clusterrole,clusterrolebinding', namespace).catch(() => {});
    await cluster.kubectl('delete', 'namespace', namespace, '--wait=false').catch(() => {});
    await cluster[Symbol.asyncDispose]();
  });

  it('are enough for everything that is mirrored', async () => {
    await grant(role['rules']);
    assert.deepEqual((await look()).forbidden, []);
  });

  it('are missed one by one, and the rest works', async () => {
    const rules = role['rules'] as readonly Rule[];
    const reading = rules.filter(({ verbs }) => verbs.includes('watch'));
    assert.ok(reading.length > 8);
    for (const [index, rule] of reading.entries()) {
      await grant(rules.filter((other) => other !== rule));
      const { forbidden, synced, warnings } = await look();
      const lost = names.filter(
        (name) =>
          rule.resources?.includes(name) === true &&
          rule.apiGroups?.includes(resources[name][0].group) === true,
      );
      const kept = forbidden.filter((name) => !lost.includes(name as ResourceName));
      assert.deepEqual(kept, [], `rule ${index} takes nothing else away`);
      for (const name of lost) {
        // Events have two homes: core and events.k8s.io.
        assert.ok(!synced.includes(name), `${name} is told as missing`);
        if (forbidden.includes(name))
          assert.match(warnings, new RegExp(`resource \\\\"${name}\\\\"`));
      }
      assert.ok(synced.length > 10, 'the rest is mirrored');
    }
  });
});
