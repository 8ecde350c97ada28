import type { RecordMap } from '../../contract.ts';
import { textOf } from '../../records/accessor.ts';

const prefix = 'aws_entity_';

/** True when a filter left words for the entity in the record. */
function hasEntityKeys(record: RecordMap): boolean {
  for (const key of record.keys()) if (key.startsWith(prefix)) return true;
  return false;
}

const stripped = new WeakMap<RecordMap, RecordMap>();

/** The record without what filters left for the entity; itself where nothing is to be taken out. */
export function withoutEntityKeys(record: RecordMap): RecordMap {
  const kubernetes = record.get('kubernetes');
  const own = hasEntityKeys(record);
  const inside = kubernetes instanceof Map && hasEntityKeys(kubernetes);
  if (!own && !inside) return record;
  const copy: RecordMap = new Map();
  for (const [key, value] of record) {
    if (key.startsWith(prefix)) continue;
    if (key !== 'kubernetes' || !inside) {
      copy.set(key, value);
      continue;
    }
    // Events of a container share this map, so it is cleaned once.
    let clean = stripped.get(kubernetes as RecordMap);
    if (clean === undefined) {
      clean = new Map([...(kubernetes as RecordMap)].filter(([name]) => !name.startsWith(prefix)));
      stripped.set(kubernetes as RecordMap, clean);
    }
    copy.set(key, clean);
  }
  return copy;
}

const platforms: Readonly<Record<string, string>> = { eks: 'AWS::EKS', k8s: 'K8s' };

/** The `entity` of PutLogEvents: which service the events are of; undefined where that is not known. */
export function entityOf(record: RecordMap): RecordMap | undefined {
  const kubernetes = record.get('kubernetes');
  if (!(kubernetes instanceof Map)) return undefined;
  const own = (key: string): string | undefined => optionalText(record.get(key));
  const pod = (key: string): string | undefined => optionalText(kubernetes.get(key));
  const workload = pod('aws_entity_workload');
  const service = pod('aws_entity_service_name') ?? workload;
  if (service === undefined) return undefined;
  const cluster = pod('aws_entity_cluster');
  const namespace = pod('namespace_name');
  const platform = pod('aws_entity_platform') ?? 'eks';
  const source =
    pod('aws_entity_name_source') ??
    (pod('aws_entity_service_name') === undefined ? 'K8sWorkload' : undefined);
  const environment =
    pod('aws_entity_environment') ??
    (cluster === undefined || namespace === undefined
      ? undefined
      : `${platform}:${cluster}/${namespace}`);
  const keyAttributes = textMap([
    ['Type', 'Service'],
    ['Name', service],
    ['Environment', environment],
    ['AwsAccountId', own('aws_entity_account_id')],
  ]);
  const attributes = textMap([
    ['PlatformType', platforms[platform] ?? 'Generic'],
    [platform === 'eks' ? 'EKS.Cluster' : 'K8s.Cluster', cluster],
    ['K8s.Namespace', namespace],
    ['K8s.Node', pod('host')],
    ['K8s.Workload', workload],
    ['EC2.InstanceId', own('aws_entity_ec2_instance_id')],
    ['AWS.ServiceNameSource', source],
  ]);
  return new Map([
    ['keyAttributes', keyAttributes],
    ['attributes', attributes],
  ]);
}

function optionalText(
  value: RecordMap extends Map<string, infer V> ? V | undefined : never,
): string | undefined {
  const text = value === undefined ? '' : textOf(value);
  return text === '' ? undefined : text;
}

function textMap(pairs: readonly (readonly [string, string | undefined])[]): RecordMap {
  return new Map(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
