import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBotkubeConfig } from './botkube.ts';
import type { ChatConfig } from './contract.ts';

const read = (values: object, env: Record<string, string> = {}): ChatConfig =>
  readBotkubeConfig([{ file: 'values.yaml', text: JSON.stringify(values) }], env);

const slack = (more: object = {}): object => ({
  communications: {
    'default-group': {
      socketSlack: {
        enabled: true,
        appToken: 'xapp-1',
        botToken: 'xoxb-1',
        channels: { default: { name: 'alerts', ...more } },
      },
    },
  },
});
const channelOf = ({ platforms }: ChatConfig) => platforms[0]?.channels[0];

describe('values of the chart of Botkube', () => {
  it('what it ships is there by name', () => {
    const config = read({});
    assert.equal(config.clusterName, 'not-configured');
    assert.deepEqual(
      config.sources.map(({ name, displayName }) => `${name}: ${displayName}`),
      [
        'k8s-recommendation-events: Kubernetes Recommendations',
        'k8s-all-events: Kubernetes Info',
        'k8s-err-events: Kubernetes Errors',
        'k8s-err-with-logs-events: Kubernetes Errors for resources with logs',
        'k8s-create-events: Kubernetes Resource Created Events',
      ],
    );
    assert.deepEqual(
      config.actions.map(({ name, enabled }) => [name, enabled]),
      [
        ['describe-created-resource', false],
        ['show-logs-on-error', false],
      ],
    );
    assert.deepEqual(
      config.aliases.map(({ name, command }) => [name, command]),
      [
        ['kc', 'kubectl'],
        ['k', 'kubectl'],
      ],
    );
    const [tools] = config.executors;
    assert.equal(tools?.kubectl?.enabled, false);
    assert.equal(tools?.kubectl?.defaultNamespace, 'default');
    assert.equal(tools?.helm?.helmDriver, 'secret');
    assert.deepEqual(tools?.kubectl?.rbac?.group, {
      type: 'Static',
      prefix: '',
      values: ['botkube-plugins-default'],
    });
    assert.deepEqual([config.platforms, config.sinks, config.problems], [[], [], []]);
  });

  it('later files lie over earlier ones, and the environment over all: maps by keys, lists whole', () => {
    const { sources, clusterName, platforms } = readBotkubeConfig(
      [
        { file: 'a', text: JSON.stringify({ settings: { clusterName: 'a' }, ...slack() }) },
        {
          file: 'b',
          text: 'settings: {clusterName: b}\nsources: {k8s-err-events: {botkube/kubernetes: {config: {namespaces: {include: [x]}}}}}',
        },
        { file: 'empty', text: '# nothing\n' },
      ],
      {
        BOTKUBE_SETTINGS_CLUSTER__NAME: 'c',
        'BOTKUBE_COMMUNICATIONS_DEFAULT-GROUP_SOCKET__SLACK_BOT__TOKEN': 'xoxb-2',
        'BOTKUBE_COMMUNICATIONS_DEFAULT-GROUP_SOCKET__SLACK_CHANNELS_DEFAULT_NAME': 'other',
        'BOTKUBE_COMMUNICATIONS_DEFAULT-GROUP_SOCKET__SLACK_CHANNELS_DEFAULT_BINDINGS_SOURCES':
          'k8s-all-events, k8s-err-events',
        'BOTKUBE_EXECUTORS_K8S-DEFAULT-TOOLS_BOTKUBE/KUBECTL_ENABLED': 'true',
        // Of a Service called botkube, and what would change prototypes.
        BOTKUBE_SERVICE_HOST: '10.0.0.1',
        BOTKUBE_PORT: 'tcp://10.0.0.1:2113',
        BOTKUBE_____PROTO____: 'x',
      },
    );
    assert.equal(clusterName, 'c');
    const errors = sources.find(({ name }) => name === 'k8s-err-events')?.kubernetes;
    assert.deepEqual(errors?.namespaces.include, ['x']);
    assert.ok((errors?.resources.length ?? 0) > 10);
    const [one] = platforms;
    assert.equal(one?.kind === 'socketSlack' && one.botToken, 'xoxb-2');
    assert.equal(one?.channels[0]?.name, 'other');
    assert.deepEqual(one?.channels[0]?.bindings.sources, ['k8s-all-events', 'k8s-err-events']);
  });

  it('the environment finds names however people wrote them', () => {
    const { platforms } = read(
      {
        communications: {
          'Ops-Team': {
            socketSlack: {
              enabled: true,
              appToken: 'xapp-1',
              channels: { MyAlias: { name: 'a' } },
            },
          },
        },
      },
      {
        'BOTKUBE_COMMUNICATIONS_OPS-TEAM_SOCKET__SLACK_BOT__TOKEN': 'xoxb-9',
        'BOTKUBE_COMMUNICATIONS_OPS-TEAM_SOCKET__SLACK_CHANNELS_MYALIAS_NAME': 'b',
      },
    );
    assert.deepEqual(
      platforms[0]?.channels.map(({ alias, name }) => [alias, name]),
      [['MyAlias', 'b']],
    );
  });

  it('channels have the bindings of the chart unless they name others', () => {
    assert.deepEqual(channelOf(read(slack({ name: ' #알림 ' })))?.name, '알림');
    assert.deepEqual(channelOf(read(slack()))?.bindings, {
      executors: ['k8s-default-tools'],
      sources: ['k8s-err-events', 'k8s-recommendation-events'],
    });
    assert.deepEqual(channelOf(read(slack({ bindings: { sources: [] } })))?.bindings, {
      executors: ['k8s-default-tools'],
      sources: [],
    });
    assert.equal(
      channelOf(read(slack({ notification: { disabled: 'true' } })))?.notificationsDisabled,
      true,
    );
  });

  const wrong: readonly (readonly [values: object, problem: RegExp])[] = [
    [slack({ bindings: { sources: ['x'] } }), /^'x' binding not defined in sources/],
    [slack({ bindings: { executors: ['x'] } }), /^'x' binding not defined in executors/],
    [
      { actions: { a: { enabled: true, command: 'c', bindings: { sources: ['x'] } } } },
      /'x' binding not defined/,
    ],
    [{ actions: { a: { enabled: true } } }, /actions\.a\.command: is missing/],
    [
      { sources: { s: { 'botkube/kubernetes': { config: { event: { types: ['x'] } } } } } },
      /"x" is not one of create, update/,
    ],
    [
      { sources: { s: { 'botkube/kubernetes': { config: { namespaces: { include: ['('] } } } } } },
      /"\(" is no regular expression/,
    ],
    [
      { sources: { s: { 'botkube/kubernetes': { config: { resources: [{ type: 'pods' }] } } } } },
      /"pods" is no version\/plural/,
    ],
    [
      { sources: { s: { 'botkube/prometheus': { config: { url: 'localhost' } } } } },
      /"localhost" is no http or https URL/,
    ],
    [
      { sources: { s: { 'botkube/prometheus': { config: { alertStates: ['x'] } } } } },
      /"x" is not one of firing, pending, inactive/,
    ],
    [
      {
        executors: {
          e: {
            'botkube/kubectl': { enabled: true, context: { rbac: { group: { type: 'Other' } } } },
          },
        },
      },
      /is neither Static with values nor ChannelName nor UserID/,
    ],
    [
      { executors: { e: { 'botkube/helm': { config: { helmDriver: 'sql' } } } } },
      /"sql" is neither secret nor configmap/,
    ],
    [
      { communications: { g: { webhook: { enabled: true, url: 'x' } } } },
      /webhook\.url: is no http or https URL/,
    ],
    [
      { communications: { g: { pagerDuty: { enabled: true } } } },
      /pagerDuty: needs integrationKey/,
    ],
    [
      { communications: { g: { elasticsearch: { enabled: true, server: 'http://e' } } } },
      /indices: needs one at least/,
    ],
    [{ communications: { g: { slack: { enabled: true } } } }, /there is no such platform here/],
    [
      {
        ...slack({ bindings: { executors: ['k8s-default-tools', 'e'] } }),
        executors: {
          'k8s-default-tools': { 'botkube/kubectl': { enabled: true } },
          e: {
            'botkube/kubectl': {
              enabled: true,
              context: {
                rbac: { group: { type: 'Static', static: { values: ['system:masters'] } } },
              },
            },
          },
        },
      },
      /Binding is referencing plugins of same kind with different RBAC\. 'k8s-default-tools' and 'e' bindings must be identical/,
    ],
  ];
  for (const [values, problem] of wrong) {
    it(`names ${problem.source}`, () => {
      const { problems } = read(values);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', problem);
    });
  }

  it('knows both prefixes and versions of plugins, and says which have no effect', () => {
    const { executors, sources, warnings } = read({
      executors: {
        e: {
          'botkubeExtra/helm@v1': { enabled: true },
          'botkube/kubectl@v1.0.0': { enabled: true },
        },
        f: { 'botkube/exec': { enabled: true }, displayName: 'F' },
      },
      sources: {
        p: { 'botkubeExtra/prometheus': { enabled: true, config: { url: 'http://p:9090' } } },
      },
    });
    const mine = executors.find(({ name }) => name === 'e');
    assert.equal(mine?.helm?.enabled, true);
    assert.equal(mine?.kubectl?.enabled, true);
    assert.match(warnings[0] ?? '', /executors\.f\.botkube\/exec: there is no such executor/);
    assert.deepEqual(sources.find(({ name }) => name === 'p')?.prometheus, {
      url: 'http://p:9090',
      ignoreOldAlerts: true,
      alertStates: ['firing', 'pending', 'inactive'],
    });
  });

  it('sinks have bindings of their own, and no secret of theirs is shown', () => {
    const config = read({
      existingCommunicationsSecretName: 'comm',
      communications: {
        g: {
          webhook: {
            enabled: true,
            url: 'https://h/s3cret',
            bindings: { sources: ['k8s-all-events'] },
          },
          pagerDuty: { enabled: true, integrationKey: 's3cret' },
          elasticsearch: {
            enabled: true,
            ...{ server: 'https://e/', username: 'u', password: 's3cret' },
            awsSigning: { enabled: true, roleArn: 'arn' },
            indices: { default: { name: 'i', shards: '3' } },
          },
        },
      },
    });
    assert.equal(config.communicationsSecret, 'comm');
    const [webhook, pagerDuty, elastic] = config.sinks;
    assert.deepEqual(webhook?.sources, ['k8s-all-events']);
    assert.deepEqual(pagerDuty?.sources, ['k8s-err-events', 'k8s-recommendation-events']);
    assert.deepEqual(
      elastic?.kind === 'elasticsearch' && [elastic.server, elastic.awsSigning, elastic.indices[0]],
      [
        'https://e',
        { region: 'us-east-1', roleArn: 'arn' },
        {
          name: 'i',
          shards: 3,
          replicas: 0,
          sources: ['k8s-err-events', 'k8s-recommendation-events'],
        },
      ],
    );
    assert.doesNotMatch(JSON.stringify(config.written), /s3cret/);
  });

  it('sources of other plugins are told by others', () => {
    const { sources, warnings, problems } = read({
      sources: {
        argo: { 'botkube/argocd': { enabled: true } },
        mine: { 'nunchi/webhook': { enabled: true } },
        off: { 'botkube/keptn': { enabled: false } },
      },
    });
    const incoming = sources.filter(({ isIncoming }) => isIncoming).map(({ name }) => name);
    assert.deepEqual(incoming, ['argo', 'mine']);
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings, [
      'sources.argo.botkube/argocd: is not asked from here; it is told by whoever posts to /sources/v1/argo',
    ]);
  });

  it('what is no mapping is refused whole', () => {
    for (const text of ['- a', 'a: [', 'x'])
      assert.throws(() => readBotkubeConfig([{ file: 'f.yaml', text }]), /f\.yaml/);
  });
});
