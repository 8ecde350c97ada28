import type { AgentEvent, Filter, RecordMap, RecordValue, TextParser } from '../../contract.ts';
import type { FilterPlugin, PluginScope } from '../../fluentbit/plugin.ts';
import { option, type Settings } from '../../fluentbit/settings.ts';
import { compileRegex, type Regex } from '../../regex/compile.ts';
import { podWishesOf } from './annotations.ts';
import { AccountFiles, KubeApi } from './api.ts';
import { PodAssociations } from './associations.ts';
import { type MergeLogOptions, mergeLog } from './merge-log.ts';
import { type ContainerKey, type ContainerMetadata, PodSource } from './pods.ts';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const unused = option.noEffect('metadata is kept by container id and asked for when it is missing');

/** Adds what Kubernetes knows about the container that a tag names, and opens JSON messages. */
export const kubernetesFilter: FilterPlugin = {
  name: 'kubernetes',
  options: {
    kube_url: option.text,
    kube_ca_file: option.text,
    kube_ca_path: option.noEffect('give the certificate by kube_ca_file'),
    kube_token_file: option.text,
    kube_namespace_file: option.noEffect('the agent does not need to know its own namespace'),
    kube_tag_prefix: option.text,
    kube_token_ttl: option.time,
    kube_meta_cache_ttl: option.time,
    kube_meta_namespace_cache_ttl: option.time,
    kube_meta_preload_cache_dir: unused,
    kube_token_command: option.noEffect('the token is read from kube_token_file'),
    buffer_size: option.size,
    labels: option.bool,
    annotations: option.bool,
    owner_references: option.bool,
    namespace_labels: option.bool,
    namespace_annotations: option.bool,
    namespace_metadata_only: option.bool,
    use_kubelet: option.bool,
    kubelet_host: option.text,
    kubelet_port: option.integer,
    'tls.verify': option.bool,
    'tls.verify_hostname': option.bool,
    'tls.vhost': option.text,
    'tls.debug': option.text,
    dns_retries: option.noEffect(
      'failed look-ups are tried again later, without holding events back',
    ),
    dns_wait_time: option.noEffect(
      'failed look-ups are tried again later, without holding events back',
    ),
    merge_log: option.bool,
    merge_log_key: option.text,
    merge_log_trim: option.bool,
    merge_parser: option.text,
    keep_log: option.bool,
    'k8s-logging.parser': option.bool,
    'k8s-logging.exclude': option.bool,
    cache_use_docker_id: unused,
    use_tag_for_meta: option.bool,
    use_journal: option.bool,
    dummy_meta: option.bool,
    regex_parser: option.text,
    use_pod_association: option.bool,
    aws_use_pod_association: option.bool,
    aws_pod_association_host: option.text,
    aws_pod_association_port: option.integer,
    aws_pod_association_endpoint: option.text,
    aws_pod_association_host_server_ca_file: option.text,
    aws_pod_association_host_client_cert_file: option.text,
    aws_pod_association_host_client_key_file: option.text,
    aws_pod_association_host_tls_verify: option.bool,
  },
  create: (settings, scope) => new KubernetesFilter(settings, scope),
};

const tagPattern = /^([a-z0-9][-a-z0-9.]*)_([^_]+)_(.+)-([a-z0-9]{64})\.log$/;
const maxTags = 4096;

class KubernetesFilter implements Filter {
  readonly name: string;
  readonly #settings: Settings;
  readonly #scope: PluginScope;
  readonly #prefixLength: number;
  readonly #regex: Regex | undefined;
  readonly #pods: PodSource | undefined;
  readonly #associations: PodAssociations | undefined;
  readonly #merge: MergeLogOptions | undefined;
  readonly #mergeParser: TextParser | undefined;
  readonly #keys = new Map<string, ContainerKey | undefined>();
  readonly #warned = new Set<string>();

  constructor(settings: Settings, scope: PluginScope) {
    this.name = settings.name;
    this.#settings = settings;
    this.#scope = scope;
    this.#prefixLength = settings.text('kube_tag_prefix', 'kube.var.log.containers.').length;
    this.#regex = tagRegexOf(settings, scope);
    const onlyTag = settings.bool('use_tag_for_meta', false) || settings.bool('dummy_meta', false);
    this.#pods = onlyTag ? undefined : podSourceOf(settings, scope);
    this.#associations = associationsOf(settings, scope);
    const contentKey = settings.bool('use_journal', false) ? 'MESSAGE' : 'log';
    this.#merge = settings.bool('merge_log', false)
      ? {
          contentKey,
          underKey: settings.text('merge_log_key'),
          trim: settings.bool('merge_log_trim', true),
          keepLog: settings.bool('keep_log', true),
        }
      : undefined;
    const parserName = settings.text('merge_parser');
    this.#mergeParser = parserName === undefined ? undefined : scope.parsers.parser(parserName);
    if (parserName !== undefined && this.#mergeParser === undefined) {
      throw settings.problem(
        `kubernetes: parser '${parserName}' is not registered`,
        'merge_parser',
      );
    }
  }

  async apply(tag: string, events: AgentEvent[]): Promise<AgentEvent[]> {
    const key = this.#keyOf(tag);
    let metadata: ContainerMetadata | undefined;
    if (key !== undefined && this.#pods !== undefined) {
      const { metadata: known, ask } = this.#pods.lookUp(key);
      metadata = known;
      if (ask !== undefined) {
        await ask;
        metadata = this.#pods.lookUp(key).metadata;
      }
    }
    const kubernetes = key === undefined ? undefined : this.#map(key, metadata);
    const namespace = key === undefined ? undefined : await this.#namespaceMap(key.namespace);
    const kept: AgentEvent[] = [];
    for (const event of events) {
      const { record } = event;
      const wishes =
        key === undefined || metadata === undefined
          ? undefined
          : podWishesOf(
              metadata.pod.annotations,
              key.container,
              String(record.get('stream') ?? ''),
            );
      if (wishes?.exclude === true && this.#isAllowed('k8s-logging.exclude', 'exclude', key!))
        continue;
      if (this.#merge !== undefined) {
        const wished =
          wishes?.parser !== undefined && this.#isAllowed('k8s-logging.parser', 'parser', key!)
            ? this.#wishedParser(wishes.parser, key!)
            : undefined;
        mergeLog(event, this.#merge, wished ?? this.#mergeParser);
      }
      if (kubernetes !== undefined) {
        record.delete('kubernetes');
        record.set('kubernetes', kubernetes);
      }
      if (namespace !== undefined) record.set('kubernetes_namespace', namespace);
      kept.push(event);
    }
    return kept;
  }

  #keyOf(tag: string): ContainerKey | undefined {
    if (this.#keys.has(tag)) return this.#keys.get(tag);
    const key = this.#readTag(tag.slice(this.#prefixLength));
    if (key === undefined) {
      this.#warnOnce(`tag ${tag}`, 'A tag names no container, its events go on as they are', {
        tag,
      });
    }
    if (this.#keys.size >= maxTags) this.#keys.clear();
    this.#keys.set(tag, key);
    return key;
  }

  #readTag(rest: string): ContainerKey | undefined {
    if (this.#regex === undefined) {
      const match = tagPattern.exec(rest);
      if (match === null) return undefined;
      return { pod: match[1]!, namespace: match[2]!, container: match[3]!, id: match[4]! };
    }
    const match = this.#regex.exec(rest);
    const group = (name: string): string | undefined => {
      const index = this.#regex?.names.get(name)?.at(-1);
      return index === undefined ? undefined : match?.[index];
    };
    const pod = group('pod_name');
    const namespace = group('namespace_name');
    if (pod === undefined || namespace === undefined) return undefined;
    const container = group('container_name') ?? '';
    return {
      pod,
      namespace,
      container,
      id: group('docker_id') ?? `${namespace}/${pod}/${container}`,
    };
  }

  #map(key: ContainerKey, metadata: ContainerMetadata | undefined): RecordMap {
    const settings = this.#settings;
    const map: RecordMap = new Map<string, RecordValue>([
      ['pod_name', key.pod],
      ['namespace_name', key.namespace],
    ]);
    const put = (name: string, value: RecordValue | undefined): void => {
      if (value !== undefined && value !== '') map.set(name, value);
    };
    if (this.#associations !== undefined) this.#putEntity(key, metadata, put);
    if (metadata !== undefined) {
      const { pod } = metadata;
      put('pod_id', pod.uid);
      if (settings.bool('labels', true)) put('labels', textMap(pod.labels));
      if (settings.bool('annotations', true)) put('annotations', textMap(pod.annotations));
      if (settings.bool('owner_references', false) && pod.owners.length > 0) {
        put('ownerReferences', pod.owners.map(plainMap));
      }
      put('host', pod.node);
      put('pod_ip', pod.ip);
    }
    put('container_name', key.container);
    if (/^[a-z0-9]{64}$/.test(key.id)) put('docker_id', key.id);
    put('container_hash', metadata?.container?.imageId);
    put('container_image', metadata?.container?.image);
    return map;
  }

  #putEntity(
    key: ContainerKey,
    metadata: ContainerMetadata | undefined,
    put: (name: string, value: RecordValue | undefined) => void,
  ): void {
    const association = this.#associations?.of(key.pod);
    put('aws_entity_service_name', association?.service);
    put('aws_entity_environment', association?.environment);
    put('aws_entity_name_source', association?.nameSource);
    put('aws_entity_platform', 'eks');
    put('aws_entity_cluster', this.#scope.env['CLUSTER_NAME']);
    put('aws_entity_workload', workloadOf(metadata) ?? key.pod);
  }

  async #namespaceMap(name: string): Promise<RecordMap | undefined> {
    const wantsLabels = this.#settings.bool('namespace_labels', false);
    const wantsAnnotations = this.#settings.bool('namespace_annotations', false);
    if ((!wantsLabels && !wantsAnnotations) || this.#pods === undefined) return undefined;
    const info = await this.#pods.namespace(name);
    const map: RecordMap = new Map([['name', name]]);
    if (info === undefined) return map;
    if (wantsLabels) map.set('labels', textMap(info.labels) ?? new Map());
    if (wantsAnnotations) map.set('annotations', textMap(info.annotations) ?? new Map());
    return map;
  }

  #isAllowed(optionName: string, annotation: string, key: ContainerKey): boolean {
    if (this.#settings.bool(optionName, false)) return true;
    const message = `annotation 'fluentbit.io/${annotation}' not allowed (ns='${key.namespace}' pod_name='${key.pod}')`;
    this.#warnOnce(message, message, {});
    return false;
  }

  #wishedParser(name: string, key: ContainerKey): TextParser | undefined {
    const parser = this.#scope.parsers.parser(name);
    if (parser === undefined) {
      this.#warnOnce(`parser ${name}`, 'A pod asks for a parser that is not registered', {
        parser: name,
        pod: key.pod,
        namespace: key.namespace,
      });
    }
    return parser;
  }

  #warnOnce(what: string, message: string, fields: Record<string, unknown>): void {
    if (this.#warned.has(what)) return;
    if (this.#warned.size >= maxTags) this.#warned.clear();
    this.#warned.add(what);
    this.#scope.log.warn(message, { filter: this.name, ...fields });
  }
}

function tagRegexOf(settings: Settings, scope: PluginScope): Regex | undefined {
  const name = settings.text('regex_parser');
  if (name === undefined) return undefined;
  const pattern = scope.parsers.pattern(name);
  if (pattern === undefined) {
    throw settings.problem(`kubernetes: regex parser '${name}' is not registered`, 'regex_parser');
  }
  return compileRegex(pattern);
}

function podSourceOf(settings: Settings, scope: PluginScope): PodSource {
  const api = new KubeApi({
    identity: new AccountFiles({
      caFile: settings.text('kube_ca_file', `${account}/ca.crt`),
      tokenFile: settings.text('kube_token_file', `${account}/token`),
      tokenTtlMs: settings.timeMs('kube_token_ttl', 600_000),
    }),
    verify: settings.bool('tls.verify', true),
    verifyHostname: settings.bool('tls.verify_hostname', false),
    timeoutMs: 5000,
  });
  const host = settings.text('kubelet_host', '127.0.0.1');
  const port = settings.number('kubelet_port', 10250);
  const origin = host.startsWith('http://') ? host : `https://${host}`;
  return new PodSource(
    api,
    {
      apiUrl: settings.text('kube_url', 'https://kubernetes.default.svc').replace(/\/$/, ''),
      ...(settings.bool('use_kubelet', false) && { kubeletUrl: `${origin}:${port}` }),
      ttlMs: settings.timeMs('kube_meta_cache_ttl', 0),
      namespaceTtlMs: settings.timeMs('kube_meta_namespace_cache_ttl', 900_000),
    },
    scope.clock,
    scope.log,
  );
}

function associationsOf(settings: Settings, scope: PluginScope): PodAssociations | undefined {
  const wanted = settings.bool(
    'use_pod_association',
    settings.bool('aws_use_pod_association', false),
  );
  if (!wanted) return undefined;
  const secrets = '/etc/amazon-cloudwatch-observability-agent';
  const prefix = 'aws_pod_association_host';
  const api = new KubeApi({
    identity: new AccountFiles({
      caFile: settings.text(`${prefix}_server_ca_file`, `${secrets}-server-cert/tls-ca.crt`),
      certFile: settings.text(`${prefix}_client_cert_file`, `${secrets}-client-cert/client.crt`),
      keyFile: settings.text(`${prefix}_client_key_file`, `${secrets}-client-cert/client.key`),
    }),
    verify: settings.bool(`${prefix}_tls_verify`, true),
    verifyHostname: false,
    timeoutMs: 5000,
  });
  const host = settings.text(prefix, 'cloudwatch-agent.amazon-cloudwatch');
  const port = settings.number('aws_pod_association_port', 4311);
  const path = settings.text('aws_pod_association_endpoint', '/kubernetes/pod-to-service-env-map');
  const origin = host.startsWith('http://') ? host : `https://${host}`;
  return new PodAssociations(api, `${origin}:${port}${path}`, scope.clock, scope.log);
}

/** The owner of a pod by name; a ReplicaSet's hash and a Job's run are cut off. */
function workloadOf(metadata: ContainerMetadata | undefined): string | undefined {
  const owner = metadata?.pod.owners[0];
  const name = owner?.['name'];
  if (typeof name !== 'string') return undefined;
  return owner?.['kind'] === 'ReplicaSet' ? name.replace(/-[a-z0-9]{6,10}$/, '') : name;
}

function textMap(texts: Readonly<Record<string, string>>): RecordMap | undefined {
  const map: RecordMap = new Map(Object.entries(texts));
  return map.size === 0 ? undefined : map;
}

function plainMap(value: Readonly<Record<string, unknown>>): RecordMap {
  const map: RecordMap = new Map();
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'string' || typeof item === 'boolean' || typeof item === 'number')
      map.set(key, item);
  }
  return map;
}
