import type { Dashboard } from '#dashboards/model';
import {
  clusterVariable,
  column,
  dashboard,
  dataSourceVariable,
  labelVariable,
  linkTo,
} from '../build.ts';
import {
  allocatable,
  containerCpu,
  containerMemory,
  requests,
  state,
  sumBy,
} from '../kubernetes-queries.ts';
import { bars, fullness, noneIsWell, q, stat, steps, table, timeSeries } from '../panels.ts';

/** Series of one machine. */
const node = (metric: string, matchers = ''): string =>
  `${metric}{job="node-exporter", cluster="$cluster", instance="$instance"${matchers}}`;
const rate = (metric: string, matchers = ''): string =>
  `rate(${node(metric, matchers)}[$__rate_interval])`;
const disks = 'device=~"(/dev/)?(mmcblk.p.+|nvme.+|rbd.+|sd.+|vd.+|xvd.+|dm-.+|md.+|dasd.+)"';
const fileSystems = 'fstype!="", mountpoint!="", fstype!~"tmpfs|squashfs|overlay"';
const every = 'job="node-exporter", cluster="$cluster"';

/** The rows of pods have the node's name, which an instance begins with. */
const onNode = (expr: string): string =>
  `${expr} * on (cluster, namespace, pod) group_left (node) max by (cluster, namespace, pod, node) (node_namespace_pod:kube_pod_info:{cluster="$cluster", node="$node"})`;

export const nodes: Dashboard = dashboard({
  uid: 'nunchi-nodes',
  title: 'Nodes',
  description:
    'Machines: CPU, memory, disks, file systems, network, pressure and the pods on them.',
  tags: ['kubernetes', 'nodes'],
  variables: [
    dataSourceVariable,
    clusterVariable,
    labelVariable(
      'instance',
      'label_values(node_uname_info{job="node-exporter", cluster="$cluster"}, instance)',
      { label: 'Instance' },
    ),
    labelVariable(
      'node',
      'label_values(node_uname_info{job="node-exporter", cluster="$cluster", instance="$instance"}, nodename)',
      { label: 'Node', isHidden: true },
    ),
  ],
  sections: [
    {
      title: 'All nodes',
      panels: [
        table(
          'Nodes',
          [
            q(`sum by (instance) (instance:node_num_cpu:sum{${every}})`),
            q(`sum by (instance) (instance:node_cpu_utilisation:rate5m{${every}})`),
            q(`sum by (instance) (node_load1{${every}})`),
            q(`sum by (instance) (node_memory_MemTotal_bytes{${every}})`),
            q(`sum by (instance) (instance:node_memory_utilisation:ratio{${every}})`),
            q(
              `max by (instance) (1 - node_filesystem_avail_bytes{${every}, ${fileSystems}} / node_filesystem_size_bytes{${every}, ${fileSystems}})`,
            ),
            q(`sum by (instance) (node_time_seconds{${every}} - node_boot_time_seconds{${every}})`),
          ],
          {
            h: 8,
            sortBy: 'CPU',
            columns: [
              {
                from: 'instance',
                title: 'Instance',
                url: linkTo('nunchi-nodes', { instance: column('Instance') }),
              },
              { from: 0, title: 'Cores', decimals: 0 },
              { from: 1, title: 'CPU', unit: 'percentunit', barUpTo: 1, thresholds: fullness },
              { from: 2, title: 'Load, 1 min', decimals: 2 },
              { from: 3, title: 'Memory size', unit: 'bytes' },
              { from: 4, title: 'Memory', unit: 'percentunit', barUpTo: 1, thresholds: fullness },
              { from: 5, title: 'Fullest file system', unit: 'percentunit', thresholds: fullness },
              { from: 6, title: 'Up for', unit: 's' },
            ],
          },
        ),
      ],
    },
    {
      title: '$instance',
      panels: [
        stat('CPU', [q(`1 - avg(${rate('node_cpu_seconds_total', ', mode="idle"')})`)], {
          unit: 'percentunit',
          thresholds: fullness,
        }),
        stat(
          'Memory',
          [
            q(
              `1 - ${node('node_memory_MemAvailable_bytes')} / ${node('node_memory_MemTotal_bytes')}`,
            ),
          ],
          { unit: 'percentunit', thresholds: fullness },
        ),
        stat(
          'Root file system',
          [
            q(
              `1 - max(${node('node_filesystem_avail_bytes', ', mountpoint="/"')}) / max(${node('node_filesystem_size_bytes', ', mountpoint="/"')})`,
            ),
          ],
          { unit: 'percentunit', thresholds: fullness },
        ),
        stat(
          'Load per core',
          [
            q(
              `${node('node_load1')} / count(${node('node_cpu_seconds_total', ', mode="idle"')}) without (cpu, mode)`,
            ),
          ],
          { decimals: 2, thresholds: steps('green', [1, 'orange'], [2, 'red']) },
        ),
        stat('Up for', [q(`${node('node_time_seconds')} - ${node('node_boot_time_seconds')}`)], {
          unit: 's',
          hasGraph: false,
        }),
        stat('Out of memory kills', [q(`increase(${node('node_vmstat_oom_kill')}[$__range])`)], {
          decimals: 0,
          thresholds: noneIsWell,
          hasGraph: false,
          description: 'In the time that is shown.',
        }),
        timeSeries(
          'CPU by mode',
          [
            q(
              `sum by (mode) (${rate('node_cpu_seconds_total', ', mode!="idle"')}) / scalar(count(${node('node_cpu_seconds_total', ', mode="idle"')}))`,
              '{{mode}}',
            ),
          ],
          { unit: 'percentunit', min: 0, isStacked: true },
        ),
        timeSeries(
          'Load',
          [
            q(node('node_load1'), '1 min'),
            q(node('node_load5'), '5 min'),
            q(node('node_load15'), '15 min'),
            q(`count(${node('node_cpu_seconds_total', ', mode="idle"')})`, 'cores'),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Memory',
          [
            q(
              `${node('node_memory_MemTotal_bytes')} - ${node('node_memory_MemAvailable_bytes')}`,
              'used',
            ),
            q(
              `${node('node_memory_MemAvailable_bytes')} - ${node('node_memory_MemFree_bytes')}`,
              'caches that can be freed',
            ),
            q(node('node_memory_MemFree_bytes'), 'free'),
          ],
          { unit: 'bytes', min: 0, isStacked: true },
        ),
        timeSeries(
          'Stalled for want of CPU, memory, I/O',
          [
            q(rate('node_pressure_cpu_waiting_seconds_total'), 'CPU'),
            q(rate('node_pressure_memory_waiting_seconds_total'), 'memory'),
            q(rate('node_pressure_io_waiting_seconds_total'), 'I/O'),
          ],
          {
            unit: 'percentunit',
            min: 0,
            description: 'Part of the time in which some task waited.',
          },
        ),
      ],
    },
    {
      title: 'Disks and file systems',
      panels: [
        timeSeries(
          'Read and written',
          [
            q(
              `sum by (device) (${rate('node_disk_read_bytes_total', `, ${disks}`)})`,
              '{{device}} read',
            ),
            q(
              `sum by (device) (${rate('node_disk_written_bytes_total', `, ${disks}`)})`,
              '{{device}} written',
            ),
          ],
          { unit: 'Bps', negative: '/ written$/' },
        ),
        timeSeries(
          'Busy',
          [
            q(
              `sum by (device) (${rate('node_disk_io_time_seconds_total', `, ${disks}`)})`,
              '{{device}}',
            ),
          ],
          { unit: 'percentunit', min: 0 },
        ),
        timeSeries(
          'Operations',
          [
            q(
              `sum by (device) (${rate('node_disk_reads_completed_total', `, ${disks}`)})`,
              '{{device}} reads',
            ),
            q(
              `sum by (device) (${rate('node_disk_writes_completed_total', `, ${disks}`)})`,
              '{{device}} writes',
            ),
          ],
          { unit: 'iops', negative: '/ writes$/' },
        ),
        timeSeries(
          'Time of an operation',
          [
            q(
              `${rate('node_disk_read_time_seconds_total', `, ${disks}`)} / ${rate('node_disk_reads_completed_total', `, ${disks}`)} > 0`,
              '{{device}} read',
            ),
            q(
              `${rate('node_disk_write_time_seconds_total', `, ${disks}`)} / ${rate('node_disk_writes_completed_total', `, ${disks}`)} > 0`,
              '{{device}} write',
            ),
          ],
          { unit: 's', decimals: 0, min: 0 },
        ),
        bars(
          'File systems',
          q(
            `max by (mountpoint) (1 - ${node('node_filesystem_avail_bytes', `, ${fileSystems}`)} / ${node('node_filesystem_size_bytes', `, ${fileSystems}`)})`,
            '{{mountpoint}}',
          ),
          { unit: 'percentunit', max: 1, thresholds: fullness },
        ),
        timeSeries(
          'Inodes in use',
          [
            q(
              `max by (mountpoint) (1 - ${node('node_filesystem_files_free', `, ${fileSystems}`)} / (${node('node_filesystem_files', `, ${fileSystems}`)} > 0))`,
              '{{mountpoint}}',
            ),
          ],
          { unit: 'percentunit', min: 0, max: 1 },
        ),
      ],
    },
    {
      title: 'Network',
      panels: [
        timeSeries(
          'Received and sent',
          [
            q(
              `sum by (device) (${rate('node_network_receive_bytes_total', ', device!="lo"')})`,
              '{{device}} in',
            ),
            q(
              `sum by (device) (${rate('node_network_transmit_bytes_total', ', device!="lo"')})`,
              '{{device}} out',
            ),
          ],
          { unit: 'Bps', negative: '/ out$/' },
        ),
        timeSeries(
          'Errors and drops',
          [
            q(
              `sum by (device) (${rate('node_network_receive_errs_total', ', device!="lo"')} + ${rate('node_network_receive_drop_total', ', device!="lo"')})`,
              '{{device}} in',
            ),
            q(
              `sum by (device) (${rate('node_network_transmit_errs_total', ', device!="lo"')} + ${rate('node_network_transmit_drop_total', ', device!="lo"')})`,
              '{{device}} out',
            ),
          ],
          { unit: 'pps', negative: '/ out$/' },
        ),
        timeSeries(
          'TCP',
          [
            q(node('node_netstat_Tcp_CurrEstab'), 'established'),
            q(node('node_sockstat_TCP_tw'), 'time wait'),
            q(node('node_sockstat_TCP_orphan'), 'orphan'),
          ],
          { min: 0 },
        ),
        timeSeries(
          'TCP retransmissions',
          [
            q(
              `${rate('node_netstat_Tcp_RetransSegs')} / (${rate('node_netstat_Tcp_OutSegs')} > 0)`,
              'of segments sent',
            ),
          ],
          { unit: 'percentunit', min: 0, legend: 'none' },
        ),
      ],
    },
    {
      title: 'Pods on $node',
      panels: [
        timeSeries(
          'CPU by pod',
          [
            q(
              `topk(15, sum by (namespace, pod) (${onNode(containerCpu())}))`,
              '{{namespace}}/{{pod}}',
            ),
          ],
          { unit: 'none', min: 0, isStacked: true, description: 'Cores.' },
        ),
        timeSeries(
          'Memory by pod',
          [
            q(
              `topk(15, sum by (namespace, pod) (${onNode(containerMemory())}))`,
              '{{namespace}}/{{pod}}',
            ),
          ],
          { unit: 'bytes', min: 0, isStacked: true },
        ),
        table(
          'Pods',
          [
            q(sumBy('namespace, pod', onNode(containerCpu()))),
            q(sumBy('namespace, pod', onNode(requests('cpu')))),
            q(sumBy('namespace, pod', onNode(containerMemory()))),
            q(sumBy('namespace, pod', onNode(requests('memory')))),
          ],
          {
            sortBy: 'Memory',
            columns: [
              {
                from: 'namespace',
                title: 'Namespace',
                url: linkTo('nunchi-namespaces', { namespace: column('Namespace') }),
              },
              {
                from: 'pod',
                title: 'Pod',
                url: linkTo('nunchi-pods', { namespace: column('Namespace'), pod: column('Pod') }),
              },
              { from: 0, title: 'CPU', decimals: 3 },
              { from: 1, title: 'CPU requested', decimals: 2 },
              { from: 2, title: 'Memory', unit: 'bytes' },
              { from: 3, title: 'Memory requested', unit: 'bytes' },
            ],
          },
        ),
        timeSeries(
          'Requested of what the node can give',
          [
            q(
              `sum by (node) (${onNode(requests('cpu'))}) / on (node) group_left () max by (node) (${allocatable('cpu', ', node="$node"')})`,
              'CPU',
            ),
            q(
              `sum by (node) (${onNode(requests('memory'))}) / on (node) group_left () max by (node) (${allocatable('memory', ', node="$node"')})`,
              'memory',
            ),
            q(
              `count by (node) (${state('kube_pod_info', ', node="$node"')}) / on (node) group_left () max by (node) (${allocatable('pods', ', node="$node"')})`,
              'pods',
            ),
          ],
          { unit: 'percentunit', min: 0 },
        ),
        timeSeries(
          'Conditions',
          [
            q(
              `max by (condition) (${state('kube_node_status_condition', ', node="$node", status="true"')})`,
              '{{condition}}',
            ),
          ],
          { min: 0, max: 1, decimals: 0 },
        ),
      ],
    },
  ],
});
