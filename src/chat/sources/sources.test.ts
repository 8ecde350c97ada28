import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { Ingress } from 'kubernetes-types/networking/v1.d.ts';
import { ManualClock, silentLogger } from '#base';
import { commandTemplateOf } from '../actions.ts';
import { readBotkubeConfig } from '../config/botkube.ts';
import type { KubernetesSource } from '../config/contract.ts';
import { changeAt } from './changes.ts';
import type { SourceEvent } from './contract.ts';
import { incomingEvent } from './incoming.ts';
import { resourceOf, watchedKind } from './kinds.ts';
import { type ChatEvent, eventData, eventMessage, layoutOf } from './layout.ts';
import { followPrometheus, type PrometheusAlert } from './prometheus.ts';
import { ingressRecommendations, podRecommendations } from './recommendations.ts';
import { type EventObject, sourceTest } from './rules.ts';

const base: ChatEvent = {
  ...{ apiVersion: 'v1', kind: 'Pod', resource: 'v1/pods', name: 'web-1', namespace: 'shop' },
  ...{ type: 'error', reason: 'BackOff', action: '', timeMs: 0, count: 1 },
  messages: ['Back-off restarting'],
  recommendations: [],
};
const bare: EventObject = { labels: {}, annotations: {} };

function sourceOf(config: object): KubernetesSource {
  const { sources, problems } = readBotkubeConfig([
    {
      file: 'v.yaml',
      text: JSON.stringify({ sources: { mine: { 'botkube/kubernetes': { config } } } }),
    },
  ]);
  assert.deepEqual(problems, []);
  return sources.find(({ name }) => name === 'mine')!.kubernetes!;
}

describe('which events a source tells', () => {
  const pods = [{ type: 'v1/pods' }];
  const cases: readonly (readonly [
    why: string,
    config: object,
    event: Partial<ChatEvent>,
    told: boolean,
    object?: Partial<EventObject>,
  ])[] = [
    ['errors by default', { resources: pods }, {}, true],
    ['no information', { resources: pods }, { type: 'info' }, false],
    ['of other kinds nothing', { resources: pods }, { resource: 'v1/nodes' }, false],
    ['all types', { event: { types: ['all'] }, resources: pods }, { type: 'delete' }, true],
    ['warning is error', { event: { types: ['warning'] }, resources: pods }, {}, true],
    ['normal is info', { event: { types: ['normal'] }, resources: pods }, { type: 'info' }, true],
    ['namespaces, unanchored', { namespaces: { include: ['sho'] }, resources: pods }, {}, true],
    ['an empty include fits nothing', { namespaces: { include: [] }, resources: pods }, {}, false],
    [
      'exclude goes first',
      { namespaces: { include: ['.*'], exclude: ['shop'] }, resources: pods },
      {},
      false,
    ],
    [
      'objects of no namespace',
      { namespaces: { include: ['x'] }, resources: [{ type: 'v1/nodes' }] },
      { resource: 'v1/nodes', namespace: '' },
      true,
    ],
    [
      'a kind has namespaces of its own',
      {
        namespaces: { include: ['x'] },
        resources: [{ type: 'v1/pods', namespaces: { include: ['shop'] } }],
      },
      {},
      true,
    ],
    [
      'a kind has types of its own',
      { resources: [{ type: 'v1/pods', event: { types: ['create'] } }] },
      {},
      false,
    ],
    [
      'reasons',
      { event: { types: ['error'], reason: { include: ['Back.*'] } }, resources: pods },
      {},
      true,
    ],
    [
      'other reasons',
      { event: { types: ['error'], reason: { exclude: ['BackOff'] } }, resources: pods },
      {},
      false,
    ],
    [
      'messages',
      { event: { types: ['error'], message: { include: ['^Back-off'] } }, resources: pods },
      {},
      true,
    ],
    [
      'other messages',
      { event: { types: ['error'], message: { exclude: ['restarting'] } }, resources: pods },
      {},
      false,
    ],
    [
      'names',
      { resources: [{ type: 'v1/pods', name: { include: ['web-.*'], exclude: ['web-2'] } }] },
      {},
      true,
    ],
    ['other names', { resources: [{ type: 'v1/pods', name: { exclude: ['web-1'] } }] }, {}, false],
    [
      'labels, all of them',
      { labels: { a: 'b', c: 'd' }, resources: pods },
      {},
      false,
      { labels: { a: 'b' } },
    ],
    ['labels', { labels: { a: 'b' }, resources: pods }, {}, true, { labels: { a: 'b', c: 'd' } }],
    [
      'labels of a kind',
      { labels: { x: 'y' }, resources: [{ type: 'v1/pods', labels: { a: 'b' } }] },
      {},
      true,
      { labels: { a: 'b' } },
    ],
    ['annotations', { annotations: { a: 'b' }, resources: pods }, {}, false],
    [
      'muted objects',
      { resources: pods },
      {},
      false,
      { annotations: { 'botkube.io/disable': 'true' } },
    ],
    [
      'muted objects where that is off',
      { filters: { objectAnnotationChecker: false }, resources: pods },
      {},
      true,
      { annotations: { 'botkube.io/disable': 'true' } },
    ],
    [
      'of nodes what is not ready',
      { resources: [{ type: 'v1/nodes' }] },
      { kind: 'Node', resource: 'v1/nodes', namespace: '', reason: 'NodeNotReady' },
      true,
    ],
    [
      'of nodes nothing else',
      { resources: [{ type: 'v1/nodes' }] },
      { kind: 'Node', resource: 'v1/nodes', namespace: '', reason: 'Rebooted' },
      false,
    ],
    [
      'of nodes everything where that is off',
      { filters: { nodeEventsChecker: false }, resources: [{ type: 'v1/nodes' }] },
      { kind: 'Node', resource: 'v1/nodes', namespace: '', reason: 'Rebooted' },
      true,
    ],
    [
      'recommendations alone',
      { event: { types: ['create'] }, recommendations: { pod: { labelsSet: true } } },
      { type: 'create' },
      false,
    ],
    [
      'recommendations',
      { event: { types: ['create'] }, recommendations: { pod: { labelsSet: true } } },
      { type: 'create', recommendations: ['x'] },
      true,
    ],
    [
      'every update where no field is named',
      { event: { types: ['update'] }, resources: pods },
      { type: 'update' },
      true,
      { change: [{ a: 1 }, { a: 2 }] },
    ],
    [
      'no update of other fields',
      {
        event: { types: ['update'] },
        resources: [{ type: 'v1/pods', updateSetting: { fields: ['b'] } }],
      },
      { type: 'update' },
      false,
      { change: [{ a: 1 }, { a: 2 }] },
    ],
    [
      'custom resources',
      { resources: [{ type: 'example.com/v1/things' }] },
      { resource: 'example.com/v1/things' },
      true,
    ],
  ];
  for (const [why, config, event, told, object] of cases) {
    it(why, () => {
      const found = sourceTest(sourceOf(config))({ ...base, ...event }, { ...bare, ...object });
      assert.equal(found !== undefined, told);
    });
  }

  it('says what has changed where the source wants to know', () => {
    const of = (includeDiff: boolean) =>
      sourceTest(
        sourceOf({
          event: { types: ['update'] },
          resources: [
            {
              type: 'apps/v1/deployments',
              updateSetting: { includeDiff, fields: ['spec.containers[*].image', 'status.ready'] },
            },
          ],
        }),
      )(
        { ...base, type: 'update', resource: 'apps/v1/deployments', messages: [] },
        {
          ...bare,
          change: [
            { spec: { containers: [{ image: 'a:1' }, { image: 'b' }] } },
            { spec: { containers: [{ image: 'a:2' }, { image: 'b' }] } },
          ],
        },
      )?.messages;
    assert.deepEqual(of(true), ['spec.containers[*].image:\n\t-: a:1, b\n\t+: a:2, b\n']);
    assert.deepEqual(of(false), []);
  });
});

describe('changeAt()', () => {
  const cases: readonly (readonly [
    path: string,
    before: unknown,
    after: unknown,
    change: string | undefined,
  ])[] = [
    ['a.b', { a: { b: 1 } }, { a: { b: 2 } }, 'a.b:\n\t-: 1\n\t+: 2\n'],
    ['a.b', { a: {} }, { a: { b: 2 } }, 'a.b:\n\t-: <none>\n\t+: 2\n'],
    ['a.b', { a: { b: 1 } }, {}, 'a.b:\n\t-: 1\n\t+: <none>\n'],
    ['a.b', { a: { b: 1 } }, { a: { b: 1 } }, undefined],
    ['{.a}', { a: [1] }, { a: [2] }, '{.a}:\n\t-: [1]\n\t+: [2]\n'],
    ['a[1]', { a: [1, 2] }, { a: [1, 3] }, 'a[1]:\n\t-: 2\n\t+: 3\n'],
    [
      'a[*].t',
      { a: [{ t: 'x' }] },
      { a: [{ t: 'x' }, { t: 'y' }] },
      'a[*].t:\n\t-: x\n\t+: x, y\n',
    ],
    ['m.app\\.io/n', { m: { 'app.io/n': 1 } }, { m: {} }, 'm.app\\.io/n:\n\t-: 1\n\t+: <none>\n'],
  ];
  for (const [path, before, after, change] of cases)
    it(`${path}: ${JSON.stringify(before)}`, () =>
      assert.equal(changeAt(path, before, after), change));
});

describe('recommendations', () => {
  const all = {
    noLatestImageTag: true,
    labelsSet: true,
    backendServiceValid: true,
    tlsSecretValid: true,
  };
  const none = {
    noLatestImageTag: false,
    labelsSet: false,
    backendServiceValid: false,
    tlsSecretValid: false,
  };
  const pod = {
    metadata: { name: 'n', namespace: 'ns' },
    spec: {
      containers: [
        ...[
          { name: 'a', image: 'img' },
          { name: 'b', image: 'r:5000/img' },
        ],
        ...[
          { name: 'c', image: 'img:latest' },
          { name: 'd', image: 'img:1' },
        ],
        { name: 'e', image: 'img@sha256:aa' },
      ],
    },
  };

  it('of pods', () => {
    assert.deepEqual(podRecommendations(pod, all), [
      "Pod 'ns/n' created without labels. Consider defining them, to be able to use them as a selector e.g. in Service.",
      "The 'latest' tag used in 'img' image of Pod 'ns/n' container 'a' should be avoided.",
      "The 'latest' tag used in 'r:5000/img' image of Pod 'ns/n' container 'b' should be avoided.",
      "The 'latest' tag used in 'img:latest' image of Pod 'ns/n' container 'c' should be avoided.",
    ]);
    assert.deepEqual(podRecommendations(pod, none), []);
  });

  it('of Ingresses: services, their ports, certificates', () => {
    const path = (name: string, port: object) => ({
      pathType: 'Prefix',
      backend: { service: { name, port } },
    });
    const ingress = {
      metadata: { name: 'n', namespace: 'ns' },
      spec: {
        defaultBackend: { service: { name: 'gone', port: { number: 80 } } },
        rules: [
          { http: { paths: [path('web', { number: 80 }), path('web', { name: 'http' })] } },
          { http: { paths: [path('web', { number: 81 }), path('web', { name: 'x' })] } },
          { host: 'no paths' },
        ],
        tls: [{ secretName: 'there' }, { secretName: 'missing' }, {}],
      },
    } as Ingress;
    const referred = {
      service: (_namespace: string, name: string) =>
        name === 'web' ? { spec: { ports: [{ port: 80, name: 'http' }] } } : undefined,
      hasSecret: (_namespace: string, name: string) => name === 'there',
      ...{ knowsServices: true, knowsSecrets: true },
    };
    assert.deepEqual(ingressRecommendations(ingress, all, referred), [
      "Service 'gone' referred in Ingress 'ns/n' spec does not exist.",
      "Service 'web' referred in Ingress 'ns/n' spec does not expose port '81'.",
      "Service 'web' referred in Ingress 'ns/n' spec does not expose port 'x'.",
      "TLS secret 'missing' referred in Ingress 'ns/n' does not exist.",
    ]);
    const blind = { ...referred, knowsServices: false, knowsSecrets: false };
    assert.deepEqual(ingressRecommendations(ingress, all, blind), []);
    assert.deepEqual(ingressRecommendations(ingress, none, referred), []);
  });
});

describe('how an event looks', () => {
  const layout = (config: object = {}) =>
    layoutOf('mine', sourceOf(config), { clusterName: 'c1', log: silentLogger });

  it('with facts, messages, commands', () => {
    const { title, fields, lists, commands } = eventMessage(base, layout());
    assert.equal(title, '❗ v1/pods error');
    assert.deepEqual(fields, [
      ...[
        ['Kind', 'Pod'],
        ['Name', 'web-1'],
        ['Namespace', 'shop'],
      ],
      ...[
        ['Reason', 'BackOff'],
        ['Cluster', 'c1'],
      ],
    ]);
    assert.deepEqual(lists, [{ title: 'Messages', items: ['Back-off restarting'] }]);
    assert.deepEqual(
      commands?.map(({ command }) => command),
      [
        'kubectl describe pods web-1 --namespace shop',
        'kubectl get pods web-1 --namespace shop',
        'kubectl logs pods/web-1 --namespace shop',
        'kubectl top pods web-1 --namespace shop',
      ],
    );
    const titles = (['create', 'update', 'delete', 'info'] as const).map(
      (type) => eventMessage({ ...base, type }, layout()).title,
    );
    assert.deepEqual(titles, [
      ...['🟢 v1/pods created', '💡 v1/pods updated', '❗ v1/pods deleted', '💡 v1/pods info'],
    ]);
    assert.deepEqual(eventMessage({ ...base, type: 'delete' }, layout()).commands, []);
  });

  it('with the commands that the source offers, and buttons of its own', () => {
    const config = {
      commands: { verbs: ['logs', 'get'], resources: ['pods'] },
      extraButtons: [
        {
          enabled: true,
          trigger: { type: ['error'] },
          button: {
            displayName: 'Events',
            commandTpl: 'events {{ .Name }} -n {{ .Event.Namespace }}',
          },
        },
        {
          enabled: true,
          trigger: { type: ['create'] },
          button: { displayName: 'x', commandTpl: 'x' },
        },
        { enabled: false },
      ],
    };
    const { commands, buttons } = eventMessage(base, layout(config));
    assert.deepEqual(
      commands?.map(({ text }) => text),
      ['get', 'logs'],
    );
    assert.deepEqual(buttons, [{ text: 'Events', command: 'events web-1 -n shop' }]);
    const node = { ...base, kind: 'Node', resource: 'v1/nodes' };
    assert.deepEqual(eventMessage(node, layout(config)).commands, []);
  });

  it('templates of commands take both spellings, and functions of sprig', () => {
    const cases: readonly (readonly [template: string, command: string | undefined])[] = [
      [
        'kubectl describe {{ .Event.Kind | lower }}{{ if .Event.Namespace }} -n {{ .Event.Namespace }}{{ end }} {{ .Event.Name }}',
        'kubectl describe pod -n shop web-1',
      ],
      ['{{ .Event.TypeMeta.Kind | lower }}/{{ .Event.ObjectMeta.Name }}', 'pod/web-1'],
      ['{{ .Event.Kind | upper | trunc 2 }}-{{ .Event.Action | default "none" }}', 'PO-none'],
      ['{{ index .Event.Messages 0 | quote }}', '"Back-off restarting"'],
      ['{{ if hasPrefix "web" .Event.Name }}{{ trimSuffix "-1" .Event.Name }}{{ end }}', 'web'],
      ['{{ join "," .Event.Messages | replace "-" "_" }}', 'Back_off restarting'],
      [
        '{{ .Event.Count }} {{ .Event.Level }} {{ .Event.Type }} {{ .Event.Reason }}',
        '1 error error BackOff',
      ],
      ['{{ if eq .Event.Kind "Node" }}x{{ end }}', undefined],
    ];
    for (const [template, command] of cases) {
      const made = commandTemplateOf('t', template, silentLogger);
      assert.equal(made?.({ Event: eventData(base, 'c1') }), command, template);
    }
    assert.equal(commandTemplateOf('t', '{{ .Event', silentLogger), undefined);
  });

  it('kinds are known by their names in configurations', () => {
    assert.equal(watchedKind('v1/pods')?.kind, 'Pod');
    assert.equal(watchedKind('v1/pods')?.known, 'pods');
    assert.equal(watchedKind('rbac.authorization.k8s.io/v1/roles')?.kind, 'Role');
    assert.equal(watchedKind('example.com/v1/pods')?.known, undefined);
    for (const wrong of ['pods', '/v1/pods', 'a/b/c/d', '', 'v1/'])
      assert.equal(watchedKind(wrong), undefined);
    assert.equal(resourceOf('networking.k8s.io/v1', 'Ingress'), 'networking.k8s.io/v1/ingresses');
    assert.equal(
      resourceOf('networking.k8s.io/v1', 'NetworkPolicy'),
      'networking.k8s.io/v1/networkpolicies',
    );
    assert.equal(resourceOf('', 'Pod'), 'v1/pods');
  });
});

describe('what others post', () => {
  const told = (payload: Record<string, unknown>) =>
    incomingEvent({ name: 'argo', displayName: 'Argo CD' }, payload, {
      clusterName: 'c1',
      timeMs: 5,
    });

  it('has a title, a text, and what is short beside it', () => {
    const { message, data } = told({
      ...{ title: 'Out of sync', message: 'web is out of sync', app: 'web', revision: 7 },
      ...{ nested: { a: 1 }, empty: '' },
    });
    assert.equal(message.title, '💡 Out of sync');
    assert.equal(message.text, 'web is out of sync');
    assert.deepEqual(message.fields, [
      ['app', 'web'],
      ['revision', '7'],
      ['Cluster', 'c1'],
    ]);
    assert.deepEqual(data['nested'], { a: 1 });
    assert.equal(data['Source'], 'argo');
  });

  it('is called by its source where it has no title, and is cut', () => {
    assert.equal(told({}).message.title, '💡 Argo CD');
    assert.equal(told({ text: 'x'.repeat(9000) }).message.text?.length, 3000);
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, at]));
    assert.equal(told(many).message.fields?.length, 10);
  });
});

describe('alerts of a Prometheus', () => {
  const alert = (name: string, more: Partial<PrometheusAlert> = {}): PrometheusAlert => ({
    labels: { alertname: name, namespace: 'shop', pod: 'web-1' },
    annotations: { summary: 'it is slow' },
    state: 'firing',
    activeAt: new Date(2000).toISOString(),
    ...more,
  });

  /** Looks as often as there are answers. */
  async function follow(
    answers: readonly (readonly PrometheusAlert[])[],
    source: Partial<Parameters<typeof followPrometheus>[1]> = {},
  ): Promise<SourceEvent[]> {
    const stopping = new AbortController();
    const told: SourceEvent[] = [];
    let at = 0;
    const clock = new ManualClock(1000);
    const running = followPrometheus(
      'alerts',
      { url: undefined, ignoreOldAlerts: true, alertStates: ['firing', 'pending'], ...source },
      {
        ...{ clock, log: silentLogger, clusterName: 'c1', stopping: stopping.signal },
        isUsed: () => true,
        ownAlerts: () => {
          const answer = answers[at++];
          if (answer === undefined) stopping.abort();
          return answer ?? [];
        },
      },
      (events) => told.push(events.get('alerts')!),
    );
    while (!stopping.signal.aborted) {
      clock.advance(5000);
      await new Promise(setImmediate);
    }
    await running;
    return told;
  }

  it('are told when they are new or have another state, and once', async () => {
    const told = await follow([
      [alert('Slow', { state: 'pending' })],
      [alert('Slow')],
      [alert('Slow'), alert('Down')],
      [],
      [alert('Slow')],
    ]);
    assert.deepEqual(
      told
        .map(({ data }) => [data['State'], data['Labels']])
        .map(([state, labels]) => [state, (labels as Record<string, string>)['alertname']]),
      [
        ...[
          ['pending', 'Slow'],
          ['firing', 'Slow'],
          ['firing', 'Down'],
          ['firing', 'Slow'],
        ],
      ],
    );
    const { message, data } = told[1]!;
    assert.equal(message.title, '❗ Prometheus alert firing');
    assert.deepEqual(message.fields?.[0], ['Alert Name', 'Slow']);
    assert.deepEqual(message.lists?.[0], { title: 'Annotations', items: ['summary: it is slow'] });
    assert.equal(data['Name'], 'web-1');
  });

  it('not those that were there before, and not of other states', async () => {
    const old = alert('Old', { activeAt: new Date(500).toISOString() });
    const inactive = alert('Idle', { state: 'inactive' });
    assert.equal((await follow([[old, inactive]])).length, 0);
    assert.equal((await follow([[old]], { ignoreOldAlerts: false })).length, 1);
    assert.equal((await follow([[inactive]], { alertStates: ['inactive'] })).length, 1);
  });

  it('are asked of a server over HTTP, which may be away', async () => {
    let count = 0;
    const server = createServer((request, response) => {
      assert.equal(request.url, '/prom/api/v1/alerts');
      count += 1;
      response.writeHead(count === 1 ? 503 : 200);
      response.end(JSON.stringify({ status: 'success', data: { alerts: [alert('Slow')] } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const stopping = new AbortController();
    const clock = new ManualClock(1000);
    const told: SourceEvent[] = [];
    const running = followPrometheus(
      'alerts',
      { url: `http://127.0.0.1:${port}/prom/`, ignoreOldAlerts: true, alertStates: ['firing'] },
      {
        ...{ clock, log: silentLogger, clusterName: 'c1', stopping: stopping.signal },
        ...{ isUsed: () => true, ownAlerts: () => [] },
      },
      (events) => {
        told.push(events.get('alerts')!);
        stopping.abort();
      },
    );
    while (!stopping.signal.aborted) {
      clock.advance(5000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await running;
    server.closeAllConnections();
    server.close();
    assert.equal(told.length, 1);
  });
});
