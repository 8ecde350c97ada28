import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyPrometheusConfig } from '#metrics/config';
import { convert } from './convert.ts';
import type { Making, Section } from './job.ts';
import { podMonitorJobs, serviceMonitorJobs } from './monitors.ts';
import { probeJob } from './probe.ts';
import { InvalidObjectError, SpecReader } from './reader.ts';
import { PendingReferenceError, type ReferenceStore, References } from './references.ts';
import { scrapeConfigJob } from './scrape-config.ts';
import {
  type MonitorKind,
  type MonitorSettings,
  plainSettings,
  settingsOfPrometheus,
} from './settings.ts';

const all = { selector: {}, namespaceSelector: {} };
const settings = plainSettings('nunchi', {
  PodMonitor: all,
  ServiceMonitor: all,
  Probe: all,
  ScrapeConfig: all,
  PrometheusRule: all,
});

/** Secrets and ConfigMaps of the namespace `shop`. */
const stored: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'secrets auth': { user: 'u', password: 'p', token: 't', key: 'KEY' },
  'configmaps tls': { ca: 'CA', cert: 'CERT' },
};
const store: Pick<ReferenceStore, 'read'> = {
  read: (at, kind, namespace) => {
    const name = at.text('name') ?? '';
    if (name === 'slow') throw new PendingReferenceError('secret slow');
    const value = stored[`${kind} ${name}`]?.[at.text('key') ?? ''];
    if (value === undefined || namespace !== 'shop') throw at.error('', `${name} does not exist`);
    return { key: '', value };
  },
};

const making = (kind: MonitorKind, spec: object, own: MonitorSettings = settings): Making => ({
  kind,
  namespace: 'shop',
  name: 'web',
  spec: new SpecReader(spec, 'spec'),
  settings: own,
  references: new References(store, 'shop'),
});

const first = { source_labels: ['job'], target_label: '__tmp_prometheus_job_name' };
const running = {
  action: 'drop',
  source_labels: ['__meta_kubernetes_pod_phase'],
  regex: '(Failed|Succeeded)',
};
const copy = (from: string, to: string): object => ({
  source_labels: [`__meta_kubernetes_${from}`],
  target_label: to,
});
const copyPresent = (from: string, to: string): object => ({
  source_labels: [`__meta_kubernetes_${from}`],
  target_label: to,
  regex: '(.+)',
  replacement: '${1}',
});
const keep = (label: string, regex: string): object => ({
  action: 'keep',
  source_labels: [`__meta_kubernetes_${label}`],
  regex,
});
const selected = (word: string, key: string, regex: string, action = 'keep'): object => ({
  action,
  source_labels: [
    `__meta_kubernetes_${word}_label_${key}`,
    `__meta_kubernetes_${word}_labelpresent_${key}`,
  ],
  regex,
});
const set = (label: string, replacement: string): object => ({ target_label: label, replacement });

/** What both monitors make of this part of an endpoint. */
const endpoint = {
  interval: '15s',
  scrapeTimeout: '5s',
  path: '/m',
  scheme: 'HTTPS',
  params: { a: ['1', '2'] },
  honorLabels: true,
  honorTimestamps: false,
  trackTimestampsStaleness: true,
  followRedirects: false,
  enableHttp2: false,
  proxyUrl: 'http://proxy:1',
  tlsConfig: {
    ca: { configMap: { name: 'tls', key: 'ca' } },
    cert: { configMap: { name: 'tls', key: 'cert' } },
    keySecret: { name: 'auth', key: 'key' },
    serverName: 'web',
    insecureSkipVerify: true,
  },
  basicAuth: {
    username: { name: 'auth', key: 'user' },
    password: { name: 'auth', key: 'password' },
  },
  relabelings: [{ sourceLabels: ['a', 'b'], targetLabel: 'c', action: 'Replace', replacement: '' }],
  metricRelabelings: [{ regex: 'go_.*', sourceLabels: ['__name__'], action: 'drop' }],
};
const written = {
  honor_labels: true,
  honor_timestamps: false,
  track_timestamps_staleness: true,
  scrape_interval: '15s',
  scrape_timeout: '5s',
  metrics_path: '/m',
  params: { a: ['1', '2'] },
  scheme: 'https',
  follow_redirects: false,
  enable_http2: false,
  proxy_url: 'http://proxy:1',
  tls_config: {
    insecure_skip_verify: true,
    ca: 'CA',
    cert: 'CERT',
    key: 'KEY',
    server_name: 'web',
  },
  basic_auth: { username: 'u', password: 'p' },
  metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'go_.*', action: 'drop' }],
};
const ownRule = {
  source_labels: ['a', 'b'],
  replacement: '',
  target_label: 'c',
  action: 'replace',
};

describe('PodMonitor', () => {
  it('an endpoint with everything', () => {
    const [job] = podMonitorJobs(
      making('PodMonitor', {
        jobLabel: 'app.kubernetes.io/name',
        podTargetLabels: ['team-name'],
        sampleLimit: 10,
        bodySizeLimit: '1MB',
        fallbackScrapeProtocol: 'PrometheusText0.0.4',
        attachMetadata: { node: true },
        namespaceSelector: { matchNames: ['a', 'b'] },
        selector: {
          matchLabels: { 'k8s-app': 'aws-node', app: 'x' },
          matchExpressions: [
            { key: 'tier', operator: 'In', values: ['a', 'b'] },
            { key: 'old', operator: 'NotIn', values: ['1'] },
            { key: 'has', operator: 'Exists' },
            { key: 'has-not', operator: 'DoesNotExist' },
          ],
        },
        podMetricsEndpoints: [{ port: 'metrics', ...endpoint }],
      }),
    );
    assert.deepEqual(job, {
      job_name: 'podMonitor/shop/web/0',
      ...written,
      kubernetes_sd_configs: [
        { role: 'pod', namespaces: { names: ['a', 'b'] }, attach_metadata: { node: true } },
      ],
      relabel_configs: [
        first,
        running,
        selected('pod', 'app', '(x);true'),
        selected('pod', 'k8s_app', '(aws-node);true'),
        selected('pod', 'tier', '(a|b);true'),
        selected('pod', 'old', '(1);true', 'drop'),
        keep('pod_labelpresent_has', 'true'),
        { ...keep('pod_labelpresent_has_not', 'true'), action: 'drop' },
        keep('pod_container_port_name', 'metrics'),
        copy('namespace', 'namespace'),
        copy('pod_container_name', 'container'),
        copy('pod_name', 'pod'),
        copyPresent('pod_label_team_name', 'team_name'),
        set('job', 'shop/web'),
        copyPresent('pod_label_app_kubernetes_io_name', 'job'),
        set('endpoint', 'metrics'),
        ownRule,
      ],
      sample_limit: 10,
      fallback_scrape_protocol: 'PrometheusText0.0.4',
      body_size_limit: '1MB',
    });
  });

  const rulesOf = (spec: object, at = 0): object[] =>
    podMonitorJobs(making('PodMonitor', spec))[at]?.['relabel_configs'] as object[];

  for (const { given, wanted } of [
    { given: { portNumber: 9102 }, wanted: keep('pod_container_port_number', '9102') },
    { given: { targetPort: 9102 }, wanted: keep('pod_container_port_number', '9102') },
    { given: { targetPort: 'm' }, wanted: keep('pod_container_port_name', 'm') },
    {
      given: { port: 'a', portNumber: 1, targetPort: 2 },
      wanted: keep('pod_container_port_name', 'a'),
    },
  ]) {
    it(`port ${JSON.stringify(given)}`, () => {
      assert.deepEqual(
        rulesOf({ podMetricsEndpoints: [{ filterRunning: false, ...given }] })[1],
        wanted,
      );
    });
  }

  it('an endpoint is called after its port or target port, not after its number', () => {
    const endpoints = [{ portNumber: 1 }, { targetPort: 2 }];
    const names = [0, 1].map((at) =>
      rulesOf({ podMetricsEndpoints: endpoints }, at).filter(
        (rule) => (rule as Section)['target_label'] === 'endpoint',
      ),
    );
    assert.deepEqual(names, [[], [set('endpoint', '2')]]);
  });

  it('namespaces: its own, any, and a selector in the discovery', () => {
    const discovery = (spec: object): unknown =>
      podMonitorJobs(making('PodMonitor', { ...spec, podMetricsEndpoints: [{}] }))[0]?.[
        'kubernetes_sd_configs'
      ];
    assert.deepEqual(discovery({}), [{ role: 'pod', namespaces: { names: ['shop'] } }]);
    assert.deepEqual(discovery({ namespaceSelector: { any: true } }), [{ role: 'pod' }]);
    const selector = { matchLabels: { app: 'x' } };
    assert.deepEqual(discovery({ selector, selectorMechanism: 'RoleSelector' }), [
      {
        role: 'pod',
        namespaces: { names: ['shop'] },
        selectors: [{ role: 'pod', label: 'app=x' }],
      },
    ]);
  });
});

describe('ServiceMonitor', () => {
  const target = (word: string): string[] => [
    `__meta_kubernetes_${word}_address_target_kind`,
    `__meta_kubernetes_${word}_address_target_name`,
  ];
  const ofKind = (word: string, kind: string, label: string): object => ({
    source_labels: target(word),
    separator: ';',
    regex: `${kind};(.*)`,
    replacement: '${1}',
    target_label: label,
  });

  for (const [role, word] of [
    ['Endpoints', 'endpoint'],
    ['EndpointSlice', 'endpointslice'],
  ] as const) {
    it(`an endpoint with everything, by ${role}`, () => {
      const [job] = serviceMonitorJobs(
        making('ServiceMonitor', {
          serviceDiscoveryRole: role,
          jobLabel: 'k8s-app',
          targetLabels: ['t'],
          podTargetLabels: ['p'],
          selector: { matchLabels: { app: 'x' } },
          endpoints: [{ port: 'http', bearerTokenFile: '/t', ...endpoint }],
        }),
      );
      assert.deepEqual(job, {
        job_name: 'serviceMonitor/shop/web/0',
        ...written,
        bearer_token_file: '/t',
        kubernetes_sd_configs: [{ role: role.toLowerCase(), namespaces: { names: ['shop'] } }],
        relabel_configs: [
          first,
          selected('service', 'app', '(x);true'),
          keep(`${word}_port_name`, 'http'),
          ofKind(word, 'Node', 'node'),
          ofKind(word, 'Pod', 'pod'),
          copy('namespace', 'namespace'),
          copy('service_name', 'service'),
          copy('pod_name', 'pod'),
          copy('pod_container_name', 'container'),
          running,
          copyPresent('service_label_t', 't'),
          copyPresent('pod_label_p', 'p'),
          { ...copy('service_name', 'job'), replacement: '${1}' },
          copyPresent('service_label_k8s_app', 'job'),
          set('endpoint', 'http'),
          ownRule,
        ],
      });
    });
  }
});

describe('Probe', () => {
  const prober = { url: 'blackbox:9115', scheme: 'HTTP' };

  it('fixed targets', () => {
    const job = probeJob(
      making('Probe', {
        jobName: 'pages',
        prober,
        module: 'http_2xx',
        params: [
          { name: 'module', values: ['no'] },
          { name: 'hostname', values: ['h'] },
        ],
        targets: { staticConfig: { static: ['a.example'], labels: { env: 'e' } } },
      }),
    );
    assert.deepEqual(job, {
      job_name: 'probe/shop/web',
      honor_timestamps: true,
      metrics_path: '/probe',
      scheme: 'http',
      params: { module: ['http_2xx'], hostname: ['h'] },
      static_configs: [{ targets: ['a.example'], labels: { namespace: 'shop', env: 'e' } }],
      relabel_configs: [
        first,
        set('job', 'pages'),
        { source_labels: ['__address__'], target_label: '__param_target' },
        { source_labels: ['__param_target'], target_label: 'instance' },
        set('__address__', 'blackbox:9115'),
      ],
    });
  });

  it('ingresses', () => {
    const job = probeJob(
      making('Probe', {
        prober,
        targets: {
          ingress: { selector: { matchLabels: { a: 'b' } }, namespaceSelector: { any: true } },
        },
      }),
    );
    assert.deepEqual(job['kubernetes_sd_configs'], [{ role: 'ingress' }]);
    assert.deepEqual(
      (job['relabel_configs'] as Section[]).map((rule) => rule['target_label'] ?? rule['regex']),
      [
        '__tmp_prometheus_job_name',
        '(b);true',
        '__param_target',
        'namespace',
        'ingress',
        '__tmp_ingress_address',
        'instance',
        '__address__',
      ],
    );
  });

  it('refuses a prober that is no host', () => {
    const spec = { prober: { url: 'http://x/' }, targets: {} };
    assert.throws(() => probeJob(making('Probe', spec)), /"http:\/\/x\/" is neither a host nor/);
  });
});

describe('ScrapeConfig', () => {
  it('mirrors a job', () => {
    const job = scrapeConfigJob(
      making('ScrapeConfig', {
        jobName: 'j',
        metricsPath: '/m',
        scrapeInterval: '20s',
        staticConfigs: [{ targets: ['a:1'], labels: { l: 'v' } }],
        kubernetesSDConfigs: [
          { role: 'Node', namespaces: { names: ['a'] }, selectors: [{ role: 'Node', label: 'x' }] },
        ],
        httpSDConfigs: [
          { url: 'http://sd/', authorization: { credentials: { name: 'auth', key: 'token' } } },
        ],
        relabelings: [{ action: 'LabelDrop', regex: 'x' }],
      }),
    );
    assert.deepEqual(job, {
      job_name: 'scrapeConfig/shop/web',
      metrics_path: '/m',
      scrape_interval: '20s',
      static_configs: [{ targets: ['a:1'], labels: { l: 'v' } }],
      http_sd_configs: [{ url: 'http://sd/', authorization: { type: 'Bearer', credentials: 't' } }],
      kubernetes_sd_configs: [
        {
          role: 'node',
          namespaces: { names: ['a'], own_namespace: false },
          selectors: [{ role: 'node', label: 'x', field: '' }],
        },
      ],
      relabel_configs: [
        first,
        { target_label: 'job', action: 'replace', replacement: 'j' },
        { regex: 'x', action: 'labeldrop' },
      ],
    });
  });

  it('refuses what Nunchi does not discover', () => {
    const spec = { consulSDConfigs: [{ server: 'c:8500' }] };
    assert.throws(() => scrapeConfigJob(making('ScrapeConfig', spec)), InvalidObjectError);
  });
});

describe('settings of a Prometheus object', () => {
  const own = settingsOfPrometheus('monitoring', {
    podMonitorSelector: {},
    enforcedSampleLimit: 5,
    enforcedBodySizeLimit: '2KB',
    enforcedNamespaceLabel: 'ns',
    excludedFromEnforcement: [{ namespace: 'kube-system', resource: 'podmonitors' }],
    ignoreNamespaceSelectors: true,
    overrideHonorLabels: true,
    overrideHonorTimestamps: true,
    podTargetLabels: ['team'],
    arbitraryFSAccessThroughSMs: { deny: true },
    scrapeClasses: [
      {
        name: 'mesh',
        default: true,
        tlsConfig: { caFile: '/ca', certFile: '/cert', keyFile: '/key' },
        relabelings: [{ targetLabel: 'mesh', replacement: 'yes' }],
        metricRelabelings: [{ action: 'labeldrop', regex: 'm' }],
      },
    ],
  });

  it('what is not said selects nothing', () => {
    assert.deepEqual(own.choices.PodMonitor, {
      selector: { matchLabels: {} },
      namespaceSelector: undefined,
    });
    assert.equal(own.choices.ServiceMonitor.selector, undefined);
  });

  it('limits, overrides, classes and the namespace label', () => {
    const [job] = podMonitorJobs(
      making(
        'PodMonitor',
        {
          sampleLimit: 9,
          bodySizeLimit: '1MB',
          namespaceSelector: { any: true },
          podMetricsEndpoints: [{ honorLabels: true, honorTimestamps: true }],
        },
        own,
      ),
    );
    assert.deepEqual(job, {
      job_name: 'podMonitor/shop/web/0',
      honor_labels: false,
      honor_timestamps: false,
      kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: ['shop'] } }],
      scrape_interval: '30s',
      tls_config: { ca_file: '/ca', cert_file: '/cert', key_file: '/key' },
      relabel_configs: [
        first,
        running,
        copy('namespace', 'namespace'),
        copy('pod_container_name', 'container'),
        copy('pod_name', 'pod'),
        copyPresent('pod_label_team', 'team'),
        set('job', 'shop/web'),
        set('mesh', 'yes'),
        set('ns', 'shop'),
      ],
      sample_limit: 5,
      body_size_limit: '2KB',
      metric_relabel_configs: [{ regex: 'm', action: 'labeldrop' }, set('ns', 'shop')],
    });
    const files = making('ServiceMonitor', { endpoints: [{ bearerTokenFile: '/t' }] }, own);
    assert.throws(() => serviceMonitorJobs(files), /endpoints\[0\]\.bearerTokenFile: files/);
  });

  it('rules read and write one namespace', () => {
    const spec = {
      groups: [
        {
          name: 'g',
          rules: [{ record: 'r', expr: 'sum(up{ns="other",a="b"}) / sum(rate(x[5m]))' }],
        },
      ],
    };
    const object = { metadata: { namespace: 'shop', name: 'web' }, spec };
    const result = convert('PrometheusRule', object, {
      settings: own,
      global: emptyPrometheusConfig().global,
      references: store,
    });
    assert.ok(result.state === 'accepted', JSON.stringify(result));
    const [group] = result.groups;
    assert.equal(group?.intervalMs, 30_000);
    const [rule] = group?.rules ?? [];
    assert.deepEqual({ ...rule?.labels }, { ns: 'shop' });
    assert.match(rule?.expr ?? '', /^sum\(up\{.*\}\) \/ sum\(rate\(x\{ns="shop"\}\[5m\]\)\)$/);
    assert.match(rule?.expr ?? '', /ns="shop",a="b"|a="b",ns="shop"/);
    assert.doesNotMatch(rule?.expr ?? '', /other/);
  });
});

describe('convert()', () => {
  const { global } = emptyPrometheusConfig();
  const of = (kind: MonitorKind, spec: unknown): ReturnType<typeof convert> =>
    convert(
      kind,
      { metadata: { namespace: 'shop', name: 'web' }, spec },
      {
        settings,
        global,
        references: store,
      },
    );

  it('takes a Probe of URLs', () => {
    const targets = { staticConfig: { static: ['https://shop.example/login'] } };
    const converted = of('Probe', { prober: { url: 'blackbox:9115' }, targets });
    assert.equal(converted.state, 'accepted');
  });

  for (const { what, kind, spec, reason } of [
    {
      what: 'a time-out over the interval',
      kind: 'PodMonitor',
      spec: { podMetricsEndpoints: [{ interval: '1s', scrapeTimeout: '2s' }] },
      reason: /^scrape timeout greater than scrape interval/,
    },
    {
      what: 'a wrong rule of the second endpoint',
      kind: 'ServiceMonitor',
      spec: { endpoints: [{}, { relabelings: [{ regex: '(' }] }] },
      reason: /^endpoint 1: relabel_configs\[\d+\]: .*missing/,
    },
    {
      what: 'a secret that is not there',
      kind: 'ServiceMonitor',
      spec: { endpoints: [{ bearerTokenSecret: { name: 'no', key: 'k' } }] },
      reason: /bearerTokenSecret.*no does not exist/,
    },
    {
      what: 'a value of another kind',
      kind: 'PodMonitor',
      spec: { podMetricsEndpoints: [{ port: 1 }] },
      reason: /^spec\.podMetricsEndpoints\[0\]\.port: expected text$/,
    },
    {
      what: 'a selector that is none',
      kind: 'PodMonitor',
      spec: { selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      reason: /^spec\.selector\.matchExpressions\[0\]\.values: In needs values$/,
    },
    {
      what: 'a scrape class that is not there',
      kind: 'PodMonitor',
      spec: { scrapeClass: 'x', podMetricsEndpoints: [{}] },
      reason: /^spec\.scrapeClass: "x" is not in the scrapeClasses/,
    },
    {
      what: 'an expression that is none',
      kind: 'PrometheusRule',
      spec: { groups: [{ name: 'g', rules: [{ record: 'r', expr: 'sum(' }] }] },
      reason: /^group "g", rule 1, "r": .*/,
    },
  ] as const) {
    it(`refuses ${what}`, () => {
      const result = of(kind, spec);
      assert.equal(result.state, 'rejected');
      assert.match('reason' in result ? result.reason : '', reason);
    });
  }

  it('waits for a secret that is on its way', () => {
    const result = of('PodMonitor', {
      podMetricsEndpoints: [{ bearerTokenSecret: { name: 'slow', key: 'k' } }],
    });
    assert.equal(result.state, 'pending');
    assert.deepEqual([...result.references], ['secrets shop slow']);
  });

  it('rules become groups under the name of their object', () => {
    const result = of('PrometheusRule', {
      groups: [
        {
          name: 'g',
          interval: '',
          partial_response_strategy: 'warn',
          labels: { team: 'a' },
          rules: [{ alert: 'A', expr: 1, for: '', labels: { severity: 'x' } }],
        },
      ],
    });
    assert.ok(result.state === 'accepted', JSON.stringify(result));
    const [group] = result.groups;
    assert.equal(group?.file, 'prometheusRule/shop/web');
    assert.equal(group?.rules[0]?.expr, '1');
    assert.deepEqual({ ...group?.labels }, { team: 'a' });
  });
});
