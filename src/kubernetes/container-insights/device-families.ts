import type { DeviceFamily } from './contract.ts';

interface Family {
  /** Containers are given such devices, and exporters tell which: pods and containers have events too. */
  readonly isGiven: boolean;
  /** Members of an event that name the single device, as dimensions. */
  readonly device: readonly string[];
  /** The same for events of nodes, where they differ. */
  readonly nodeDevice?: readonly string[];
  /** Names without prefix, and units. */
  readonly metrics: readonly (readonly [name: string, unit: string])[];
}

const of = (unit: string, ...names: readonly string[]): Family['metrics'] =>
  names.map((name) => [name, unit] as const);

/** Source: metrics reference of enhanced observability in CloudWatch's user guide, agent of CloudWatch. */
export const deviceFamilies: Readonly<Record<DeviceFamily, Family>> = {
  GPU: {
    isGiven: true,
    device: ['GpuDevice'],
    nodeDevice: ['InstanceType', 'GpuDevice'],
    metrics: [
      ...of('Percent', 'gpu_utilization', 'gpu_memory_utilization', 'gpu_tensor_core_utilization'),
      ...of('Bytes', 'gpu_memory_total', 'gpu_memory_used'),
      ...of('None', 'gpu_power_draw', 'gpu_temperature'),
    ],
  },
  AWSNeuronCore: {
    isGiven: true,
    device: ['NeuronDevice', 'NeuronCore'],
    nodeDevice: ['InstanceType', 'NeuronDevice', 'NeuronCore'],
    metrics: [
      ...of('Percent', 'neuroncore_utilization'),
      ...of(
        'Bytes',
        'neuroncore_memory_usage_total',
        'neuroncore_memory_usage_constants',
        'neuroncore_memory_usage_model_code',
        'neuroncore_memory_usage_model_shared_scratchpad',
        'neuroncore_memory_usage_runtime_memory',
        'neuroncore_memory_usage_tensors',
      ),
    ],
  },
  AWSNeuronDevice: {
    isGiven: true,
    device: ['NeuronDevice'],
    metrics: of('Count', 'neurondevice_hw_ecc_events_total'),
  },
  AWSNeuron: {
    isGiven: false,
    device: [],
    metrics: [
      ...of('Count', 'neuron_execution_errors_total'),
      ...of('Bytes', 'neurondevice_runtime_memory_used_bytes'),
      ...of('Seconds', 'neuron_execution_latency'),
    ],
  },
  EBS: {
    isGiven: false,
    device: ['VolumeId'],
    metrics: [
      ...of(
        'Count',
        'diskio_ebs_total_read_ops',
        'diskio_ebs_total_write_ops',
        'diskio_ebs_volume_queue_length',
      ),
      ...of('Bytes', 'diskio_ebs_total_read_bytes', 'diskio_ebs_total_write_bytes'),
      ...of(
        'Seconds',
        'diskio_ebs_total_read_time',
        'diskio_ebs_total_write_time',
        'diskio_ebs_volume_performance_exceeded_iops',
        'diskio_ebs_volume_performance_exceeded_tp',
        'diskio_ebs_ec2_instance_performance_exceeded_iops',
        'diskio_ebs_ec2_instance_performance_exceeded_tp',
      ),
    ],
  },
  EFA: {
    isGiven: false,
    // The exporter does not tell the network interface's id.
    device: [],
    metrics: [
      ...of(
        'Bytes/Second',
        'efa_rx_bytes',
        'efa_tx_bytes',
        'efa_rdma_read_bytes',
        'efa_rdma_write_bytes',
        'efa_rdma_write_recv_bytes',
      ),
      ...of('Count/Second', 'efa_rx_dropped'),
    ],
  },
};
