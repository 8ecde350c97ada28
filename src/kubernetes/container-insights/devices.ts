import { type LabelMatcher, type Labels, labelMatcher, labelValue } from '#metrics/model';
import type { DeviceFamily, DeviceMeasure } from './contract.ts';
import { deviceFamilies } from './device-families.ts';
import { percent } from './formulas.ts';
import type { Places } from './places.ts';
import type { SeriesReader, Told } from './series-reader.ts';

/** Devices that are told of: a label with endless values must not fill the log. */
const maxDevices = 20_000;

interface Device extends DeviceMeasure {
  readonly values: Map<string, number>;
}

/**
 * What exporters of devices have told over the reader's interval, by node: DCGM's of GPUs, neuron-monitor's,
 * those of the EBS CSI driver and of EFA.
 * @throws what the store throws; what the signal aborts with
 */
export async function readDevices(
  reader: SeriesReader,
  places: Places,
): Promise<ReadonlyMap<string, readonly DeviceMeasure[]>> {
  const found = new Devices(places);
  await readGpus(reader, found);
  await readNeuron(reader, found);
  for (const [name, key] of volumeCounters) {
    await reader.increase(name, found.put('EBS', key, volumeFields), ...named('volume_id'));
  }
  const queue = found.put('EBS', 'diskio_ebs_volume_queue_length', volumeFields);
  await reader.gauge('aws_ebs_csi_volume_queue_length', queue, ...named('volume_id'));
  for (const [name, key] of adapterCounters) {
    await reader.rate(`node_amazonefa_${name}`, found.put('EFA', key, adapterFields));
  }
  return found.byNode();
}

const named = (...labels: readonly string[]): readonly LabelMatcher[] =>
  labels.map((label) => labelMatcher(label, '!=', ''));

type Fields = Readonly<Record<string, string>>;

class Devices {
  readonly #places: Places;
  readonly #nodes = new Map<string, Map<string, Device>>();
  #count = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  /** A value of the device that `fieldsOf` names; what is scraped twice is told once. */
  put(
    family: DeviceFamily,
    name: string | ((labels: Labels) => string),
    fieldsOf: (labels: Labels, node: string) => Fields,
    scale = 1,
  ): Told {
    const { isGiven } = deviceFamilies[family];
    return (labels, value) => {
      const node = this.#places.nodeOf(labels);
      if (node === undefined) return;
      const user = isGiven ? this.#places.userOf(labels) : undefined;
      const values = this.#device(node, family, fieldsOf(labels, node), user)?.values;
      const key = typeof name === 'string' ? name : name(labels);
      values?.set(key, Math.max(values.get(key) ?? 0, value * scale));
    };
  }

  nodeOf(labels: Labels): string | undefined {
    return this.#places.nodeOf(labels);
  }

  *of(family: DeviceFamily): Generator<Device> {
    for (const devices of this.#nodes.values()) {
      for (const device of devices.values()) if (device.family === family) yield device;
    }
  }

  byNode(): ReadonlyMap<string, readonly DeviceMeasure[]> {
    return new Map([...this.#nodes].map(([node, devices]) => [node, [...devices.values()]]));
  }

  #device(
    node: string,
    family: DeviceFamily,
    fields: Fields,
    user: string | undefined,
  ): Device | undefined {
    let devices = this.#nodes.get(node);
    if (devices === undefined) {
      devices = new Map();
      this.#nodes.set(node, devices);
    }
    const key = JSON.stringify([family, fields, user]);
    let device = devices.get(key);
    if (device === undefined && this.#count < maxDevices) {
      this.#count++;
      device = { family, fields, user, values: new Map() };
      devices.set(key, device);
    }
    return device;
  }
}

const mebibyte = 1024 * 1024;

/** DCGM's fields; memory is in MiB, activity in parts of 1. Source: the field ids of DCGM. */
const gpuGauges = [
  ['DCGM_FI_DEV_GPU_UTIL', 'gpu_utilization', 1],
  ['DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', 'gpu_tensor_core_utilization', 100],
  ['DCGM_FI_DEV_FB_USED_PERCENT', 'gpu_memory_utilization', 100],
  ['DCGM_FI_DEV_FB_USED', 'gpu_memory_used', mebibyte],
  ['DCGM_FI_DEV_FB_TOTAL', 'gpu_memory_total', mebibyte],
  ['DCGM_FI_DEV_FB_FREE', 'gpu_memory_free', mebibyte],
  ['DCGM_FI_DEV_FB_RESERVED', 'gpu_memory_reserved', mebibyte],
  ['DCGM_FI_DEV_GPU_TEMP', 'gpu_temperature', 1],
  ['DCGM_FI_DEV_POWER_USAGE', 'gpu_power_draw', 1],
] as const;

async function readGpus(reader: SeriesReader, found: Devices): Promise<void> {
  for (const [name, key, scale] of gpuGauges) {
    await reader.gauge(name, found.put('GPU', key, gpuFields, scale), ...named('gpu'));
  }
  // Without the fields that are off by default, out of those that are on.
  for (const { values } of found.of('GPU')) {
    const used = values.get('gpu_memory_used');
    const free = values.get('gpu_memory_free');
    if (used === undefined || free === undefined) continue;
    const reserved = values.get('gpu_memory_reserved') ?? 0;
    const utilization = percent(used, used + free);
    if (!values.has('gpu_memory_total')) values.set('gpu_memory_total', used + free + reserved);
    if (!values.has('gpu_memory_utilization') && utilization !== undefined) {
      values.set('gpu_memory_utilization', utilization);
    }
  }
}

function gpuFields(labels: Labels): Fields {
  const part = labelValue(labels, 'GPU_I_ID');
  return {
    GpuDevice: labelValue(labels, 'device') || `nvidia${labelValue(labels, 'gpu')}`,
    UUID: labelValue(labels, 'UUID'),
    ...(part === '' ? {} : { GPU_I_ID: part }),
  };
}

const coreMemory = [
  'constants',
  'model_code',
  'model_shared_scratchpad',
  'runtime_memory',
  'tensors',
] as const;

async function readNeuron(reader: SeriesReader, found: Devices): Promise<void> {
  const coresPerDevice = new Map<string, number>();
  await reader.gauge('neuron_hardware_info', (labels) => {
    const node = found.nodeOf(labels);
    const count = Number(labelValue(labels, 'neuroncore_per_device_count'));
    if (node !== undefined && count > 0) coresPerDevice.set(node, count);
  });
  const core = (labels: Labels, node: string): Fields => {
    const index = labelValue(labels, 'neuroncore');
    const perDevice = coresPerDevice.get(node);
    return {
      NeuronCore: `core${index}`,
      ...(perDevice === undefined
        ? {}
        : { NeuronDevice: `device${Math.floor(Number(index) / perDevice)}` }),
    };
  };
  const ofCore = (name: string, scale = 1): Told => found.put('AWSNeuronCore', name, core, scale);
  const cores = named('neuroncore');
  await reader.gauge(
    'neuroncore_utilization_ratio',
    ofCore('neuroncore_utilization', 100),
    ...cores,
  );
  for (const part of coreMemory) {
    const name = `neuroncore_memory_usage_${part}`;
    await reader.gauge(name, ofCore(name), ...cores);
  }
  const byKind = (prefix: string, label: string) => (labels: Labels) =>
    `${prefix}_${labelValue(labels, label)}`;
  await reader.increase(
    'hardware_ecc_events_total',
    found.put('AWSNeuronDevice', byKind('neurondevice_hw_ecc_events', 'event_type'), (labels) => ({
      NeuronDevice: `device${labelValue(labels, 'neuron_device_index')}`,
    })),
    ...named('neuron_device_index'),
  );
  const runtime = (labels: Labels): Fields => ({ runtime_tag: labelValue(labels, 'runtime_tag') });
  const runtimes = named('runtime_tag');
  await reader.increase(
    'execution_errors_total',
    found.put('AWSNeuron', byKind('neuron_execution_errors', 'error_type'), runtime),
    ...runtimes,
  );
  await reader.increase(
    'execution_status_total',
    found.put('AWSNeuron', byKind('neuron_execution_status', 'status_type'), runtime),
    ...runtimes,
  );
  await reader.gauge(
    'execution_latency_seconds',
    found.put('AWSNeuron', 'neuron_execution_latency', runtime),
    ...runtimes,
    labelMatcher('percentile', '=', 'p50'),
  );
  await reader.gauge(
    'neuron_runtime_memory_used_bytes',
    found.put('AWSNeuron', 'neurondevice_runtime_memory_used_bytes', runtime),
    ...runtimes,
    labelMatcher('memory_location', '=', 'neuron_device'),
  );
  for (const [family, prefix] of neuronTotals) {
    for (const { values } of found.of(family)) {
      const parts = [...values].filter(([name]) => name.startsWith(prefix));
      const total = parts.reduce((sum, [, value]) => sum + value, 0);
      if (parts.length > 0) values.set(`${prefix}total`, total);
    }
  }
}

/** Values that have a sum of their own: all whose names begin so. */
const neuronTotals = [
  ['AWSNeuronCore', 'neuroncore_memory_usage_'],
  ['AWSNeuronDevice', 'neurondevice_hw_ecc_events_'],
  ['AWSNeuron', 'neuron_execution_errors_'],
] as const;

/** Of the EBS CSI driver's node pods. Source: its page of metrics, agent of CloudWatch. */
const volumeCounters = [
  ['aws_ebs_csi_read_ops_total', 'diskio_ebs_total_read_ops'],
  ['aws_ebs_csi_write_ops_total', 'diskio_ebs_total_write_ops'],
  ['aws_ebs_csi_read_bytes_total', 'diskio_ebs_total_read_bytes'],
  ['aws_ebs_csi_write_bytes_total', 'diskio_ebs_total_write_bytes'],
  ['aws_ebs_csi_read_seconds_total', 'diskio_ebs_total_read_time'],
  ['aws_ebs_csi_write_seconds_total', 'diskio_ebs_total_write_time'],
  ['aws_ebs_csi_exceeded_iops_seconds_total', 'diskio_ebs_volume_performance_exceeded_iops'],
  ['aws_ebs_csi_exceeded_tp_seconds_total', 'diskio_ebs_volume_performance_exceeded_tp'],
  [
    'aws_ebs_csi_ec2_exceeded_iops_seconds_total',
    'diskio_ebs_ec2_instance_performance_exceeded_iops',
  ],
  ['aws_ebs_csi_ec2_exceeded_tp_seconds_total', 'diskio_ebs_ec2_instance_performance_exceeded_tp'],
] as const;

const volumeFields = (labels: Labels): Fields => ({ VolumeId: labelValue(labels, 'volume_id') });

/** Counters of EFA's node exporter. */
const adapterCounters = [
  ['rx_bytes', 'efa_rx_bytes'],
  ['tx_bytes', 'efa_tx_bytes'],
  ['rx_drops', 'efa_rx_dropped'],
  ['rdma_read_bytes', 'efa_rdma_read_bytes'],
  ['rdma_write_bytes', 'efa_rdma_write_bytes'],
  ['rdma_write_recv_bytes', 'efa_rdma_write_recv_bytes'],
] as const;

const adapterFields = (labels: Labels): Fields => ({ EfaDevice: labelValue(labels, 'device') });
