import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts';
import { parseExposition } from '#metrics/exposition';
import { labelsOfRecord } from '#metrics/model';
import { openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import type { ClusterView, NodeView, PodView } from './cluster-view.ts';
import type { Document, Measures } from './contract.ts';
import { readControlPlane } from './control-plane.ts';
import { readDevices } from './devices.ts';
import { performanceEvents } from './documents.ts';
import { nodeExtendedValues, podExtendedValues } from './extended-resources.ts';
import { Places } from './places.ts';
import { RestartCounts } from './restarts.ts';
import { SeriesReader } from './series-reader.ts';

type Target = Readonly<Record<string, string>>;

const nodeName = 'ip-10-0-1-22.ap-northeast-2.compute.internal';
const intervalMs = 60_000;
const atMs = 1_000_000;

/** A store that has scraped texts of exporters twice, a minute apart; counters grew by 60. */
class Scrapes {
  readonly #store = openMemoryMetricStore();

  /** @param growth of counters */
  async scrape(file: string, target: Target, growth = 60): Promise<this> {
    const text = readFileSync(new URL(`testdata/${file}`, import.meta.url));
    const batch = new SampleBatch();
    const types = new Map<string, string>();
    for (const entry of parseExposition(text, 'text')) {
      if (entry.kind === 'type') types.set(entry.family, entry.text);
      if (entry.kind !== 'sample') continue;
      const labels: Record<string, string> = { ...target };
      for (let at = 0; at < entry.pairs.length; at += 2) {
        const [name = '', value = ''] = entry.pairs.slice(at, at + 2);
        // What the target says itself stands, as with honor_labels off.
        if (value !== '') labels[name in target ? `exported_${name}` : name] = value;
      }
      const name = labels['__name__'] ?? '';
      const isCounter = (types.get(name) ?? 'histogram') !== 'gauge';
      const ref = this.#store.seriesRef(labelsOfRecord(labels));
      batch.add(ref, atMs - intervalMs, entry.value);
      batch.add(ref, atMs, entry.value + (isCounter ? growth : 0));
    }
    await this.#store.append(batch);
    return this;
  }

  async events(view: ClusterView): Promise<Document[]> {
    const { signal } = new AbortController();
    const reader = new SeriesReader(this.#store, { atMs, intervalMs }, signal);
    const exporters = {
      devices: await readDevices(reader, new Places(view)),
      controlPlane: await readControlPlane(reader),
    };
    const none = { interfaces: new Map(), fileSystems: new Map(), disks: new Map() };
    const measures: Measures = {
      nodes: new Map([[nodeName, none]]),
      pods: new Map(),
      containers: new Map(),
    };
    const setting = { clusterName: 'lab', isEnhanced: true, atMs };
    const restarts = new RestartCounts();
    return [...performanceEvents(view, measures, restarts, setting, exporters)].map(
      ({ document }) => JSON.parse(JSON.stringify(document)) as Document,
    );
  }
}

const gpus = (count: string) => ({ 'nvidia.com/gpu': count });
const node = {
  metadata: { name: nodeName, labels: { 'node.kubernetes.io/instance-type': 'g5.12xlarge' } },
  spec: { providerID: 'aws:///ap-northeast-2a/i-0823d657f57057590' },
  status: { capacity: gpus('4') },
} as unknown as Node;

const podOf = (namespace: string, name: string, ip: string, limits?: object): PodView => ({
  pod: {
    metadata: { name, namespace, uid: name },
    spec: {
      containers: [
        { name: 'trainer', resources: limits === undefined ? {} : { limits, requests: limits } },
      ],
    },
    status: { phase: 'Running', podIP: ip },
  } as unknown as Pod,
  namespace,
  fullName: name,
  name: name.replace(/-7f-x$/, ''),
  owner: undefined,
  node: nodeName,
  services: [],
  containers: [],
});

const trainer = podOf('ml', 'train-7f-x', '10.0.1.50', gpus('1'));
const exporter = podOf('gpu-operator', 'dcgm-exporter-x', '10.0.1.60');
const nodeView: NodeView = {
  node,
  name: nodeName,
  ip: '10.0.1.22',
  amounts: { cpuCores: 4, memoryBytes: 2 ** 34 },
  isReady: true,
  pods: [trainer, exporter],
  reserved: { cpuCores: 0, memoryBytes: 0 },
};
const view: ClusterView = {
  nodes: [nodeView],
  services: [],
  namespaces: new Map(),
  more: undefined,
};

const ofType = (all: readonly Document[], type: string): Document[] =>
  all.filter((one) => one['Type'] === type);
const pick = (document: Document | undefined, ...names: readonly string[]): unknown[] =>
  names.map((name) => document?.[name]);

interface Directive {
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

/** Metrics of an event as `name unit`, and their sets of dimensions. */
function metricsOf(document: Document | undefined): { names: string[]; sets: string[] } {
  const directives = (document?.['CloudWatchMetrics'] ?? []) as Directive[];
  return {
    names: directives.flatMap(({ Metrics }) => Metrics.map(({ Name, Unit }) => `${Name} ${Unit}`)),
    sets: [...new Set(directives.flatMap(({ Dimensions }) => Dimensions.map((set) => set.join())))],
  };
}

describe('GPUs, by DCGM', () => {
  const namedByTarget: Target = {
    job: 'dcgm-exporter',
    instance: '10.0.1.60:9400',
    namespace: 'gpu-operator',
    pod: 'dcgm-exporter-x',
    container: 'exporter',
  };
  const f = (what: string, target: Target): void =>
    void it(what, async () => {
      const all = await (await new Scrapes().scrape('dcgm-exporter.txt', target)).events(view);
      const ofNode = ofType(all, 'NodeGPU');
      assert.equal(ofNode.length, 2);
      const first = ofNode.find((one) => one['GpuDevice'] === 'nvidia0');
      const second = ofNode.find((one) => one['GpuDevice'] === 'nvidia1');
      const fields = ['NodeName', 'InstanceId', 'InstanceType', 'GpuDevice', 'UUID'];
      assert.deepEqual(pick(first, ...fields), [
        nodeName,
        'i-0823d657f57057590',
        'g5.12xlarge',
        'nvidia0',
        'GPU-a8394b51-c086-568a-9f1a-c1e1c934c44c',
      ]);
      assert.deepEqual(
        pick(first, 'node_gpu_utilization', 'node_gpu_temperature', 'node_gpu_power_draw'),
        [87, 61, 212.437],
      );
      const mib = 2 ** 20;
      assert.deepEqual(
        pick(first, 'node_gpu_memory_used', 'node_gpu_memory_total', 'node_gpu_memory_utilization'),
        [5461 * mib, (5461 + 16_384 + 296) * mib, 24.9989],
      );
      assert.equal(first?.['node_gpu_tensor_core_utilization'], 12.5);
      assert.equal(second?.['node_gpu_memory_utilization'], 0);
      const pods = ofType(all, 'PodGPU');
      assert.deepEqual(
        pods.map((one) => pick(one, 'Namespace', 'PodName', 'FullPodName', 'pod_gpu_utilization')),
        [['ml', 'train', 'train-7f-x', 87]],
      );
      assert.deepEqual(
        ofType(all, 'ContainerGPU').map((one) =>
          pick(one, 'ContainerName', 'GpuDevice', 'container_gpu_utilization'),
        ),
        [['trainer', 'nvidia0', 87]],
      );
      assert.deepEqual(metricsOf(first), {
        names: [
          'node_gpu_utilization Percent',
          'node_gpu_memory_utilization Percent',
          'node_gpu_tensor_core_utilization Percent',
          'node_gpu_memory_total Bytes',
          'node_gpu_memory_used Bytes',
          'node_gpu_power_draw None',
          'node_gpu_temperature None',
        ],
        sets: [
          'ClusterName',
          'NodeName,InstanceId,ClusterName',
          'NodeName,InstanceId,ClusterName,InstanceType,GpuDevice',
        ],
      });
      assert.deepEqual(metricsOf(pods[0]).sets, [
        'ClusterName',
        'Namespace,ClusterName',
        'PodName,Namespace,ClusterName',
        'FullPodName,PodName,Namespace,ClusterName',
        'FullPodName,PodName,Namespace,ClusterName,GpuDevice',
      ]);
    });
  f('where the exporter is a pod that scraping names too', namedByTarget);
  f('where scraping names the node only', { job: 'dcgm', instance: '10.0.1.22:9400' });

  it('are told once where two jobs scrape them', async () => {
    const scrapes = new Scrapes();
    await scrapes.scrape('dcgm-exporter.txt', namedByTarget);
    await scrapes.scrape('dcgm-exporter.txt', { ...namedByTarget, job: 'kubernetes-pods' });
    const all = await scrapes.events(view);
    assert.deepEqual(
      ofType(all, 'NodeGPU').map((one) => one['node_gpu_utilization']),
      [0, 87],
    );
    assert.equal(ofType(all, 'PodGPU').length, 1);
  });

  it('of nodes that are not there are left out', async () => {
    const scrapes = await new Scrapes().scrape('dcgm-exporter.txt', namedByTarget);
    const other = { ...nodeView, name: 'other', ip: '10.0.1.23', node: {}, pods: [] };
    assert.deepEqual(ofType(await scrapes.events({ ...view, nodes: [other] }), 'NodeGPU'), []);
  });
});

it('GPUs as resources are counted of pods and nodes', () => {
  assert.deepEqual(podExtendedValues(trainer.pod, node), {
    pod_gpu_request: 1,
    pod_gpu_limit: 1,
    pod_gpu_usage_total: 1,
    pod_gpu_reserved_capacity: 25,
  });
  assert.deepEqual(podExtendedValues(exporter.pod, node), {});
  const waiting = podOf('ml', 'waits', '', gpus('2')).pod;
  const pending = { ...waiting, status: { phase: 'Pending' } } as Pod;
  assert.deepEqual(nodeExtendedValues(node, [trainer.pod, exporter.pod, pending]), {
    node_gpu_limit: 4,
    node_gpu_request: 3,
    node_gpu_usage_total: 1,
    node_gpu_reserved_capacity: 75,
    node_gpu_unreserved_capacity: 25,
    node_gpu_available_capacity: 75,
  });
  assert.deepEqual(nodeExtendedValues({}, [trainer.pod]), {});
});

it('Neuron cores, devices and runtimes, by neuron-monitor', async () => {
  const target = { job: 'neuron-monitor', instance: '10.0.1.70:8000' };
  const all = await (await new Scrapes().scrape('neuron-monitor.txt', target)).events(view);
  assert.deepEqual(
    ofType(all, 'NodeAWSNeuronCore').map((one) =>
      pick(one, 'NeuronDevice', 'NeuronCore', 'node_neuroncore_utilization'),
    ),
    [
      ['device0', 'core0', 86.331],
      ['device1', 'core2', 0],
    ],
  );
  const [core] = ofType(all, 'NodeAWSNeuronCore');
  assert.equal(core?.['node_neuroncore_memory_usage_constants'], 61_766_864);
  assert.equal(core?.['node_neuroncore_memory_usage_total'], 61_766_864 + 1_308_832 + 43_216);
  assert.deepEqual(metricsOf(core).sets, [
    'ClusterName',
    'NodeName,InstanceId,ClusterName',
    'NodeName,InstanceId,ClusterName,InstanceType,NeuronDevice,NeuronCore',
  ]);
  const [device] = ofType(all, 'NodeAWSNeuronDevice');
  assert.deepEqual(
    pick(
      device,
      'NeuronDevice',
      'node_neurondevice_hw_ecc_events_total',
      'node_neurondevice_hw_ecc_events_mem_ecc_corrected',
    ),
    ['device0', 240, 60],
  );
  assert.deepEqual(metricsOf(device), {
    names: ['node_neurondevice_hw_ecc_events_total Count'],
    sets: [
      'ClusterName',
      'NodeName,InstanceId,ClusterName',
      'NodeName,InstanceId,ClusterName,NeuronDevice',
    ],
  });
  const [runtime] = ofType(all, 'NodeAWSNeuron');
  assert.deepEqual(
    pick(
      runtime,
      'runtime_tag',
      'node_neuron_execution_errors_total',
      'node_neuron_execution_errors_generic',
      'node_neuron_execution_status_completed',
      'node_neuron_execution_latency',
      'node_neurondevice_runtime_memory_used_bytes',
    ),
    ['15439', 360, 60, 60, 0.003_306_39, 63_118_912],
  );
  assert.deepEqual(metricsOf(runtime), {
    names: [
      'node_neuron_execution_errors_total Count',
      'node_neurondevice_runtime_memory_used_bytes Bytes',
      'node_neuron_execution_latency Seconds',
    ],
    sets: ['ClusterName', 'NodeName,InstanceId,ClusterName'],
  });
});

it('EBS volumes, by the node pods of the CSI driver', async () => {
  const target = { job: 'ebs-csi-node', instance: '10.0.1.80:3302', pod: 'ebs-csi-node-x' };
  const all = await (await new Scrapes().scrape('ebs-csi-node.txt', target)).events(view);
  const [volume, ...others] = ofType(all, 'NodeEBS');
  assert.equal(others.length, 0);
  assert.deepEqual(
    pick(
      volume,
      'NodeName',
      'VolumeId',
      'node_diskio_ebs_total_read_ops',
      'node_diskio_ebs_total_read_bytes',
      'node_diskio_ebs_volume_performance_exceeded_iops',
      'node_diskio_ebs_volume_queue_length',
    ),
    [nodeName, 'vol-0281cf921f3dbb69b', 60, 60, 60, 3],
  );
  const { names, sets } = metricsOf(volume);
  assert.ok(names.includes('node_diskio_ebs_total_read_time Seconds'), names.join());
  assert.deepEqual(sets, [
    'ClusterName',
    'NodeName,InstanceId,ClusterName',
    'NodeName,InstanceId,ClusterName,VolumeId',
  ]);
});

it('EFA devices, by their node exporter, per second', async () => {
  const target = { job: 'efa', instance: '10.0.1.22:9100' };
  const all = await (await new Scrapes().scrape('efa-node-exporter.txt', target)).events(view);
  assert.deepEqual(
    ofType(all, 'NodeEFA').map((one) =>
      pick(one, 'EfaDevice', 'node_efa_rx_bytes', 'node_efa_rx_dropped'),
    ),
    [
      ['rdmap144s27', 1, 1],
      ['rdmap160s27', 1, 1],
    ],
  );
  assert.deepEqual(metricsOf(ofType(all, 'NodeEFA')[0]).sets, [
    'ClusterName',
    'NodeName,InstanceId,ClusterName',
  ]);
});

describe('the control plane, by its API servers', () => {
  const target = (instance: string, job = 'apiserver'): Target => ({
    job,
    instance,
    endpoint: 'https',
    namespace: 'default',
    service: 'kubernetes',
  });
  const having = (all: readonly Document[], name: string): unknown[] =>
    ofType(all, 'ControlPlane')
      .filter((one) => one[name] !== undefined)
      .map((one) => [
        ...pick(one, 'verb', 'code', 'resource', 'endpoint', 'request_kind', 'operation').filter(
          (value) => value !== undefined,
        ),
        one[name],
      ]);

  it('is summed over the labels that are no dimensions', async () => {
    const scrapes = await new Scrapes().scrape('apiserver.txt', target('10.0.0.1:443'));
    const all = await scrapes.events(view);
    const f = (name: string, ...want: unknown[]): void =>
      assert.deepEqual(having(all, name), want, name);
    f('apiserver_request_total', ['GET', '200', 120], ['GET', '503', 60]);
    f('apiserver_request_total_5xx', ['GET', '503', 60]);
    f('apiserver_request_duration_seconds', ['GET', { Count: 120, Sum: 120 }]);
    f('apiserver_storage_objects', ['deployments.apps', 7], ['pods', 42]);
    f('etcd_db_total_size_in_bytes', ['http://127.0.0.1:2379', 14_008_320]);
    f('apiserver_current_inflight_requests', ['mutating', 1], ['readOnly', 4]);
    f('apiserver_admission_controller_admission_duration_seconds', [
      'CREATE',
      { Count: 60, Sum: 60 },
    ]);
    const one = ofType(all, 'ControlPlane').find((each) => each['code'] === '503');
    assert.deepEqual(one?.['Sources'], ['apiserver']);
    assert.deepEqual(metricsOf(one), {
      names: ['apiserver_request_total Count', 'apiserver_request_total_5xx Count'],
      sets: ['ClusterName,code,verb', 'ClusterName'],
    });
  });

  it('of several servers is their sum, but what they store is one', async () => {
    const scrapes = new Scrapes();
    await scrapes.scrape('apiserver.txt', target('10.0.0.1:443'));
    await scrapes.scrape('apiserver.txt', target('10.0.0.2:443'));
    await scrapes.scrape('apiserver.txt', target('10.0.0.3:443', 'metrics-server'));
    const all = await scrapes.events(view);
    const objects = having(all, 'apiserver_storage_objects');
    assert.deepEqual(objects, [
      ['deployments.apps', 7],
      ['pods', 42],
    ]);
    assert.deepEqual(having(all, 'apiserver_current_inflight_requests')[1], ['readOnly', 8]);
    assert.deepEqual(having(all, 'apiserver_request_total')[1], ['GET', '503', 120]);
  });

  it('has no distribution of nothing', async () => {
    const scrapes = await new Scrapes().scrape('apiserver.txt', target('10.0.0.1:443'), 0);
    const all = await scrapes.events(view);
    assert.deepEqual(having(all, 'apiserver_request_duration_seconds'), []);
    assert.deepEqual(having(all, 'apiserver_request_total')[1], ['GET', '503', 0]);
  });
});

it('events of exporters name in directives only what they have', async () => {
  const scrapes = new Scrapes();
  const target = { job: 'apiserver', instance: '10.0.1.22:1' };
  for (const file of ['dcgm-exporter', 'neuron-monitor', 'ebs-csi-node', 'efa-node-exporter']) {
    await scrapes.scrape(`${file}.txt`, target);
  }
  await scrapes.scrape('apiserver.txt', target);
  for (const document of await scrapes.events(view)) {
    for (const { Dimensions, Metrics } of (document['CloudWatchMetrics'] ?? []) as Directive[]) {
      for (const name of Dimensions.flat()) assert.equal(typeof document[name], 'string', name);
      for (const { Name } of Metrics) assert.notEqual(document[Name], undefined, Name);
    }
  }
});
