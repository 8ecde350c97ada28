import { isMap, type Node } from 'yaml';
import type { RelabelRule } from '#metrics/relabel';
import {
  choice,
  count,
  duration,
  type Field,
  type Fields,
  flag,
  httpUrl,
  list,
  optional,
  path,
  record,
  section,
  text,
} from './fields.ts';
import {
  checkHttpClient,
  defaultHttpClient,
  type HttpClientConfig,
  httpClientFields,
} from './http-fields.ts';
import { configKey } from './secret.ts';

export interface StaticConfig {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface FileSdConfig {
  /** Absolute, or relative to the working directory where the configuration has no file. */
  readonly files: readonly string[];
  readonly refreshIntervalMs: number;
}

export interface HttpSdConfig extends HttpClientConfig {
  readonly url: string;
  readonly refreshIntervalMs: number;
}

export type DnsRecordType = 'SRV' | 'A' | 'AAAA' | 'MX' | 'NS';

export interface DnsSdConfig {
  readonly names: readonly string[];
  readonly type: DnsRecordType;
  readonly port: number;
  readonly refreshIntervalMs: number;
}

export type KubernetesRole = 'node' | 'pod' | 'service' | 'endpoints' | 'endpointslice' | 'ingress';

export interface KubernetesSdConfig extends HttpClientConfig {
  readonly role: KubernetesRole;
  readonly apiServer: string | undefined;
  readonly kubeconfigFile: string | undefined;
  readonly namespaces: { readonly ownNamespace: boolean; readonly names: readonly string[] };
  readonly selectors: readonly {
    readonly role: KubernetesRole;
    readonly label: string;
    readonly field: string;
  }[];
  readonly attachMetadata: {
    readonly node: boolean;
    readonly namespace: boolean;
    readonly deployment: boolean;
    readonly job: boolean;
    readonly cronjob: boolean;
  };
  /** Only for jobs of our own: targets are there once their host answers on this port. */
  readonly reachablePort?: number;
}

/** Where targets come from. */
export interface DiscoveryConfig {
  readonly staticConfigs: readonly StaticConfig[];
  readonly fileSdConfigs: readonly FileSdConfig[];
  readonly httpSdConfigs: readonly HttpSdConfig[];
  readonly dnsSdConfigs: readonly DnsSdConfig[];
  readonly kubernetesSdConfigs: readonly KubernetesSdConfig[];
}

const staticConfig = section<StaticConfig>({
  targets: list(text()),
  labels: record(text(), (name) => (name === '' ? '"" is not a valid label name' : undefined)),
});

const filePattern: Field<string> = {
  absent: path.absent,
  read: (node, reader, at) => {
    const value = path.read(node, reader, at);
    // A star in a folder would make us watch no one knows what.
    if (!/^[^*]*(?:\*[^/]*)?\.(?:json|yml|yaml|JSON|YML|YAML)$/.test(value)) {
      reader.problem(node, at, {
        message: `path name "${value}" is not valid for file discovery`,
        allowed: '*.json, *.yml, *.yaml; a star only in the last part of the path',
      });
    }
    return value;
  },
};

const fileSd = section<FileSdConfig>(
  { files: list(filePattern), refreshIntervalMs: duration(300_000) },
  ({ files }) =>
    files.length === 0
      ? 'file service discovery config must contain at least one path name'
      : undefined,
);

const httpSd = section<HttpSdConfig>(
  { url: httpUrl, refreshIntervalMs: duration(60_000), ...httpClientFields(true) },
  (value) => {
    if (value.url === '') return 'URL is missing';
    return checkHttpClient(value);
  },
);

const dnsSd = section<DnsSdConfig>(
  {
    names: list(text()),
    type: choice(['SRV', 'A', 'AAAA', 'MX', 'NS'], 'SRV'),
    port: count(0),
    refreshIntervalMs: duration(30_000),
  },
  ({ names, type, port }) => {
    if (names.length === 0) return 'DNS-SD config must contain at least one SRV record name';
    return type !== 'SRV' && port === 0
      ? 'a port is required in DNS-SD configs for all record types except SRV'
      : undefined;
  },
);

const roles = ['node', 'pod', 'service', 'endpoints', 'endpointslice', 'ingress'] as const;

/** Roles whose objects may be chosen by a selector, by the role of the config. */
const selectorRoles: Readonly<Record<KubernetesRole, readonly KubernetesRole[]>> = {
  pod: ['pod', 'node'],
  service: ['service'],
  endpoints: ['pod', 'service', 'endpoints'],
  endpointslice: ['pod', 'service', 'endpointslice'],
  node: ['node'],
  ingress: ['ingress'],
};

/** Whether requests are made in any other way than by default. */
function hasHttpClient(config: KubernetesSdConfig): boolean {
  const names = Object.keys(defaultHttpClient) as (keyof HttpClientConfig)[];
  return names.some((name) => configKey(config[name]) !== configKey(defaultHttpClient[name]));
}

const kubernetesSd = section<KubernetesSdConfig>(
  {
    role: choice(roles, 'pod'),
    apiServer: optional(httpUrl),
    kubeconfigFile: optional(path),
    namespaces: section<KubernetesSdConfig['namespaces']>({
      ownNamespace: flag(false),
      names: list(text()),
    }),
    selectors: list(
      section<KubernetesSdConfig['selectors'][number]>({
        role: choice(roles, 'pod'),
        label: text(),
        field: text(),
      }),
    ),
    attachMetadata: section<KubernetesSdConfig['attachMetadata']>({
      node: flag(false),
      namespace: flag(false),
      deployment: flag(false),
      job: flag(false),
      cronjob: flag(false),
    }),
    ...httpClientFields(true),
  },
  (value, given) => {
    if (!given.has('role')) {
      return 'role missing (one of: pod, service, endpoints, endpointslice, node, ingress)';
    }
    if (value.apiServer !== undefined && value.kubeconfigFile !== undefined) {
      return "cannot use 'kubeconfig_file' and 'api_server' simultaneously";
    }
    if (value.apiServer === undefined && hasHttpClient(value)) {
      return value.kubeconfigFile === undefined
        ? "to use custom HTTP client configuration please provide the 'api_server' URL explicitly"
        : "cannot use a custom HTTP client configuration together with 'kubeconfig_file'";
    }
    const where = value.apiServer === undefined ? 'kubeconfig_file' : 'api_server';
    if ((value.apiServer ?? value.kubeconfigFile) !== undefined && value.namespaces.ownNamespace) {
      return `cannot use '${where}' and 'namespaces.own_namespace' simultaneously`;
    }
    const selected = value.selectors.map(({ role }) => role);
    const twice = selected.find((role, index) => selected.indexOf(role) < index);
    if (twice !== undefined) return `duplicated selector role: ${twice}`;
    const wrong = value.selectors.find(({ role }) => !selectorRoles[value.role].includes(role));
    if (wrong !== undefined) {
      return `${value.role} role supports only ${selectorRoles[value.role].join(', ')} selectors`;
    }
    return checkHttpClient(value);
  },
);

export const discoveryFields: Fields<DiscoveryConfig> = {
  staticConfigs: list(staticConfig),
  fileSdConfigs: list(fileSd),
  httpSdConfigs: list(httpSd),
  dnsSdConfigs: list(dnsSd),
  kubernetesSdConfigs: list(kubernetesSd),
};

/** Mechanisms of the reference that a file may name and that give no targets here. */
export const otherMechanisms: readonly string[] = [
  'aws',
  'azure',
  'consul',
  'digitalocean',
  'docker',
  'dockerswarm',
  'ec2',
  'eureka',
  'gce',
  'hetzner',
  'ionos',
  'kuma',
  'lightsail',
  'linode',
  'marathon',
  'nerve',
  'nomad',
  'openstack',
  'ovhcloud',
  'puppetdb',
  'scaleway',
  'serverset',
  'stackit',
  'triton',
  'uyuni',
  'vultr',
];

/**
 * Refuses URLs among static targets, as they are no addresses. With rules they may be anything: those
 * make an address of them, as where a prober is asked about URLs.
 */
export function withAddresses<
  T extends DiscoveryConfig & { readonly relabelConfigs: readonly RelabelRule[] },
>(field: Field<T>): Field<T> {
  return {
    absent: field.absent,
    read: (node, reader, at) => {
      const value = field.read(node, reader, at);
      if (value.relabelConfigs.length > 0) return value;
      for (const [index, { targets }] of value.staticConfigs.entries()) {
        for (const [place, target] of targets.entries()) {
          if (!target.includes('/')) continue;
          const path = ['static_configs', index, 'targets', place];
          const found = isMap(node) ? (node.getIn(path, true) as Node | undefined) : undefined;
          reader.problem(found ?? node, `${at}.static_configs[${index}].targets[${place}]`, {
            message: `"${target}" is not a valid hostname`,
            value: target,
            allowed: 'host:port; anything where relabel_configs make that of it',
          });
        }
      }
      return value;
    },
  };
}
