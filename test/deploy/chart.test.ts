import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readBotkubeConfig } from '#chat';
import { loadConfig } from '#config';
import { chart, helm, type Rendered, render, withoutHelm } from './helm-tool.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-chart-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const stack = join(chart, 'ci', 'kube-prometheus-stack.yaml');
/** What the pod has in its environment. */
const env = { NUNCHI_ADMIN_USER: 'admin', NUNCHI_ADMIN_PASSWORD: 'correct horse' };

function one(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = objects.filter((each) => each.kind === kind && each.metadata.name === name);
  assert.equal(found.length, 1, `${kind} ${name}`);
  return found[0]!;
}

/** The nunchi.yaml of a ConfigMap, read as the program reads it. */
function configOf(objects: readonly Rendered[], name: string) {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, one(objects, 'ConfigMap', name)['data']['nunchi.yaml']);
  return loadConfig(path, env, {});
}

describe('the chart', { skip: withoutHelm() }, () => {
  it('passes helm lint', async () => {
    assert.match(await helm('lint', chart), /0 chart\(s\) failed/);
  });

  it('makes configurations that the program takes', async () => {
    const objects = await render('--set', 'clusterName=demo');
    const server = configOf(objects, 'nunchi');
    assert.equal(server.server.clusterName, 'demo');
    assert.equal(server.server.listen, '0.0.0.0:7600');
    assert.equal(server.kubernetes.enabled, 'on');
    assert.equal(server.auth.initialAdmin.password, 'correct horse');
    assert.deepEqual(server.auth.agentServiceAccounts, ['nunchi:nunchi-agent']);
    const agent = configOf(objects, 'nunchi-agent');
    assert.equal(agent.agent.server.url, 'http://nunchi.nunchi.svc:7600');
    assert.equal(agent.agent.kubernetes, 'on');
    assert.equal(agent.agent.kubelet.enabled, 'on');
    assert.equal(agent.agent.kubelet.insecureTls, true);
  });

  it('registers custom and external metrics where they are wanted', async () => {
    const services = (objects: readonly Rendered[]) =>
      objects.filter(({ kind }) => kind === 'APIService').map(({ metadata: { name } }) => name);
    assert.deepEqual(services(await render()), ['v1beta1.metrics.k8s.io']);
    const rules = 'metricsApi.rules.externalRules[0]';
    const objects = await render(
      ...['--set', 'metricsApi.custom=true', '--set', 'metricsApi.external=true'],
      ...['--set', `${rules}.seriesQuery=up`, '--set', `${rules}.metricsQuery=sum(up)`],
    );
    assert.deepEqual(services(objects).sort(), [
      'v1beta1.custom.metrics.k8s.io',
      'v1beta1.external.metrics.k8s.io',
      'v1beta1.metrics.k8s.io',
      'v1beta2.custom.metrics.k8s.io',
    ]);
    one(objects, 'ClusterRoleBinding', 'nunchi-nunchi-autoscaler');
    const { adapter } = configOf(objects, 'nunchi').kubernetes.metricsApi;
    assert.match(adapter?.text ?? '', /seriesQuery: up/);
  });

  it('lays configuration of the user over its own', async () => {
    const objects = await render(
      ...['--set', 'server.config.logs.store.minFreeDisk=2GiB'],
      ...['--set', 'agent.config.exclude={/var/log/noise.log}'],
    );
    assert.equal(configOf(objects, 'nunchi').logs.store.minFreeDiskBytes, 2 ** 31);
    assert.equal(configOf(objects, 'nunchi').logs.store.retentionDays, 30);
    assert.deepEqual(configOf(objects, 'nunchi-agent').agent.exclude, ['/var/log/noise.log']);
  });

  it('takes the values of kube-prometheus-stack from their places', async () => {
    const objects = await render('--values', stack);
    const config = configOf(objects, 'nunchi');
    const day = 24 * 3600 * 1000;
    assert.equal(config.metrics.store.retentionMs, 5 * day);
    assert.equal(config.metrics.store.retentionSizeBytes, 10 * 2 ** 30);
    assert.equal(config.server.timeZone, 'Asia/Seoul');
    assert.equal(config.server.publicUrl, 'https://grafana.example.com');
    const [claim] = one(objects, 'StatefulSet', 'nunchi')['spec'].volumeClaimTemplates;
    assert.equal(claim.spec.resources.requests.storage, '30Gi');
    assert.equal(claim.spec.storageClassName, 'gp3');
    const ingress = one(objects, 'Ingress', 'nunchi');
    assert.equal(ingress['spec'].ingressClassName, 'alb');
    assert.equal(ingress['spec'].rules[0].host, 'grafana.example.com');
    assert.equal(ingress.metadata.annotations?.['alb.ingress.kubernetes.io/group.name'], 'study');
    const secret = one(objects, 'Secret', 'nunchi-admin');
    assert.equal(secret['stringData']['admin-password'], 'prom-operator');
    const prometheus = one(objects, 'ConfigMap', 'nunchi')['data']['nunchi.yaml'];
    assert.match(prometheus, /scrape_interval: 15s/);
  });

  it('takes what is set for Botkube below its own configuration, and gives the chat its group', async () => {
    const below = 'server.config.chat.botkube';
    const slack = `${below}.communications.default-group.socketSlack`;
    const tools = `${below}.executors.k8s-default-tools`;
    const values = join(folder, 'botkube.yaml');
    const actions = {
      'describe-created-resource': { enabled: true },
      'show-logs-on-error': { enabled: true },
    };
    writeFileSync(
      values,
      JSON.stringify({ server: { config: { chat: { botkube: { actions } } } } }),
    );
    const objects = await render(
      ...['--set', `${slack}.enabled=true`],
      ...['--set', `${slack}.channels.default.name=알림`],
      ...['--set', `${slack}.appToken=xapp-1`],
      ...['--set', `${slack}.botToken=xoxb-1`],
      ...['--set', `${below}.settings.clusterName=myeks`],
      ...['--set', `${tools}.botkube/kubectl.enabled=true`],
      ...['--set', `${tools}.botkube/helm.enabled=true`],
      ...['--set', 'rbac.chat.enabled=true'],
      ...['--set', 'rbac.chat.users={slack:U1}', '--set', 'rbac.chat.groups={alerts}'],
      ...['-f', values],
    );
    const impersonated = one(objects, 'ClusterRole', 'nunchi-nunchi')
      ['rules'].filter(({ verbs }: { verbs: string[] }) => verbs.includes('impersonate'))
      .map((rule: { resources: string[]; resourceNames: string[] }) => [
        ...rule.resources,
        ...rule.resourceNames,
      ]);
    assert.deepEqual(impersonated, [
      ['users', 'botkube-internal-static-user', 'slack:U1'],
      ['groups', 'botkube-plugins-default', 'alerts'],
    ]);
    const { botkube } = configOf(objects, 'nunchi').chat;
    assert.ok(botkube);
    const chat = readBotkubeConfig([{ file: botkube.source, text: botkube.text }]);
    assert.deepEqual(chat.problems, []);
    assert.equal(chat.clusterName, 'myeks');
    const [platform] = chat.platforms;
    assert.ok(platform?.kind === 'socketSlack');
    assert.equal(platform.appToken, 'xapp-1');
    assert.deepEqual(
      platform.channels.map(({ name }) => name),
      ['알림'],
    );
    const [executor] = chat.executors;
    assert.equal(executor?.kubectl?.enabled, true);
    assert.equal(executor?.helm?.enabled, true);
    assert.deepEqual(
      chat.actions.map(({ name, enabled }) => [name, enabled]),
      [
        ['describe-created-resource', true],
        ['show-logs-on-error', true],
      ],
    );
    const bindings = objects.filter(
      ({ kind, subjects = [] }) =>
        kind === 'ClusterRoleBinding' &&
        subjects.some((subject: { name: string }) => subject.name === 'botkube-plugins-default'),
    );
    assert.deepEqual(bindings.map(({ roleRef }) => roleRef.name).sort(), [
      'nunchi-nunchi-chat',
      'view',
    ]);
  });

  it('opens the port that Microsoft Teams comes to', async () => {
    const objects = await render(
      '--set-json',
      'server.extraPorts=[{"name":"teams","port":3978}]',
      ...['--set', 'networkPolicy.enabled=true'],
    );
    const teams = one(objects, 'Service', 'nunchi')['spec']['ports'].at(-1);
    assert.deepEqual(teams, { name: 'teams', port: 3978, targetPort: 'teams', protocol: 'TCP' });
    const [container] = one(objects, 'StatefulSet', 'nunchi')['spec']['template']['spec'][
      'containers'
    ];
    assert.deepEqual(container.ports.at(-1), {
      name: 'teams',
      containerPort: 3978,
      protocol: 'TCP',
    });
    const [rule] = one(objects, 'NetworkPolicy', 'nunchi')['spec']['ingress'];
    assert.deepEqual(rule.ports.at(-1), { port: 'teams' });
  });

  it('finds dashboards where the sidecar would', async () => {
    const dashboardsOf = async (...args: string[]) =>
      configOf(await render(...args), 'nunchi').dashboards.kubernetes;
    const byDefault = await dashboardsOf();
    assert.deepEqual(
      [byDefault.enabled, byDefault.label, byDefault.labelValue, byDefault.folderAnnotation],
      [true, 'grafana_dashboard', undefined, 'grafana_folder'],
    );
    assert.deepEqual(byDefault.resources, ['configmaps', 'grafanadashboards', 'secrets']);
    const sidecar = {
      label: 'board',
      labelValue: '1',
      folderAnnotation: '',
      searchNamespace: 'a,b',
    };
    const stacked = await dashboardsOf(
      ...['--set-json', `grafana.sidecar.dashboards=${JSON.stringify(sidecar)}`],
      ...['--set', 'rbac.monitorSecrets=false'],
    );
    assert.deepEqual(
      [stacked.label, stacked.labelValue, stacked.folderAnnotation, stacked.namespaces],
      ['board', '1', 'grafana_folder', ['a', 'b']],
    );
    assert.deepEqual(stacked.resources, ['configmaps', 'grafanadashboards']);
    const everywhere = await dashboardsOf(
      '--set',
      'grafana.sidecar.dashboards.searchNamespace=ALL',
    );
    assert.deepEqual(everywhere.namespaces, []);
    const off = await dashboardsOf('--set', 'grafana.sidecar.dashboards.enabled=false');
    assert.equal(off.enabled, false);
  });

  it('selects monitors as the operator would', async () => {
    const monitorsOf = async (...args: string[]) =>
      configOf(await render(...args), 'nunchi').kubernetes.monitors;
    const byDefault = await monitorsOf();
    assert.equal(byDefault.enabled, true);
    assert.equal(byDefault.podMonitorSelector, undefined);
    const stacked = await monitorsOf('--values', stack);
    assert.equal(stacked.podMonitorSelector, undefined);
    assert.match(stacked.serviceMonitorSelector?.text ?? '', /matchLabels:\s+release: nunchi\s*$/);
    const chosen = await monitorsOf('--set', 'monitors.ruleSelector.matchLabels.team=a');
    assert.match(chosen.ruleSelector?.text ?? '', /matchLabels:\s+team: a\s*$/);
  });

  for (const [set, message] of [
    ['server.retenton=3d', /server.*retenton.*not allowed/],
    ['server.retention=often', /server\/retention/],
    ['adminPassword=short', /adminPassword/],
    ['ingress.pathType=Prefiks', /pathType/],
  ] as const) {
    it(`refuses --set ${set}`, async () => {
      await assert.rejects(render('--set', set), (error: Error) => message.test(error.message));
    });
  }

  it('hands allow lists of kube-state-metrics and the switch of default rules on', async () => {
    const { kubernetes, metrics } = configOf(
      await render(
        ...['--set', 'defaultRules.create=false', '--set', 'server.scrapeInterval=20s'],
        ...['--set-json', 'kube-state-metrics={"metricLabelsAllowlist":["pods=[app,team]"]}'],
        ...['--set-json', 'kube-state-metrics.metricAnnotationsAllowList=["nodes=[*]"]'],
      ),
      'nunchi',
    );
    assert.equal(kubernetes.stateMetrics.intervalMs, 20_000);
    assert.deepEqual(kubernetes.stateMetrics.metricLabelsAllowlist, ['pods=[app,team]']);
    assert.deepEqual(kubernetes.stateMetrics.metricAnnotationsAllowlist, ['nodes=[*]']);
    assert.equal(metrics.builtinRules.enabled, 'off');
    assert.equal(configOf(await render(), 'nunchi').metrics.builtinRules.enabled, 'auto');
  });

  it('gives every pod its bounds, and no more rights than it needs', async () => {
    const objects = await render();
    for (const [kind, name] of [
      ['StatefulSet', 'nunchi'],
      ['DaemonSet', 'nunchi-agent'],
    ] as const) {
      const { spec, metadata } = one(objects, kind, name)['spec'].template;
      const selector = one(objects, kind, name)['spec'].selector.matchLabels;
      for (const [key, value] of Object.entries(selector))
        assert.equal(metadata.labels[key], value);
      for (const container of spec.containers) {
        assert.ok(container.resources.limits.memory, `${name} has no limit`);
        assert.equal(container.securityContext.readOnlyRootFilesystem, true);
        assert.equal(container.securityContext.allowPrivilegeEscalation, false);
        assert.deepEqual(container.securityContext.capabilities.drop, ['ALL']);
      }
    }
    // Only what Nunchi brought is written to.
    const writes = objects
      .filter(({ kind }) => kind === 'ClusterRole')
      .flatMap((role) => role['rules'] as { resources?: string[]; verbs: string[] }[])
      .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
      .flatMap(({ resources }) => resources ?? []);
    assert.deepEqual(writes.sort(), ['apiservices', 'events']);
  });

  it('keeps everything of a namespace in its namespace', async () => {
    const clusterWide = /^(ClusterRole|ClusterRoleBinding|APIService|CustomResourceDefinition)$/;
    for (const object of await render()) {
      if (clusterWide.test(object.kind)) continue;
      const isElsewhere = object.metadata.name.endsWith('-auth-reader');
      assert.equal(object.metadata.namespace, isElsewhere ? 'kube-system' : 'nunchi', object.kind);
    }
  });

  it('leaves out what is turned off', async () => {
    const kinds = (objects: readonly Rendered[]): Set<string> =>
      new Set(objects.map(({ kind }) => kind));
    const all = kinds(await render('--set', 'networkPolicy.enabled=true'));
    for (const kind of ['APIService', 'DaemonSet', 'NetworkPolicy', 'PodDisruptionBudget']) {
      assert.ok(all.has(kind), kind);
    }
    const few = kinds(
      await render(
        ...['--set', 'metricsApi.enabled=false,agent.enabled=false,rbac.create=false'],
        ...['--set', 'podDisruptionBudget.enabled=false,existingSecret=mine'],
      ),
    );
    assert.deepEqual([...few].sort(), ['ConfigMap', 'Service', 'ServiceAccount', 'StatefulSet']);
  });

  it('has plain manifests beside it that are what it renders', async () => {
    const { renderManifests } = await import('../../scripts/manifests.ts');
    const path = join(chart, '..', '..', 'manifests', 'nunchi.yaml');
    assert.equal(
      await renderManifests(),
      readFileSync(path, 'utf8'),
      'run `node scripts/manifests.ts`',
    );
  });
});
