import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '#base';
import { RecordingSink } from '../testing/recording.ts';
import { HostTree } from '../testing/tree.ts';
import { ContainerCollection, type ContainerOptions } from './collection.ts';
import { cgroupName, LogFolderNames } from './names.ts';
import { findCgroups } from './walk.ts';

const id = 'ab'.repeat(32);
const other = 'cd'.repeat(32);
const uid = '0f6b2c7e-1111-2222-3333-444455556666';
const slice = uid.replaceAll('-', '_');

async function collect(
  tree: HostTree,
  pattern?: RegExp,
  options: ContainerOptions = {},
): Promise<string[]> {
  const sink = new RecordingSink();
  const deps = { clock: new ManualClock(1_700_000_000_500), logger: silentLogger };
  await new ContainerCollection(tree.files, deps, options).collect(sink);
  return sink.lines(pattern);
}

describe('cgroupName()', () => {
  const f = (path: string, podUid: string | undefined, containerId: string | undefined): void =>
    void it(path, () => {
      assert.deepEqual(cgroupName(path), {
        ...(podUid === undefined ? {} : { podUid }),
        ...(containerId === undefined ? {} : { containerId }),
      });
    });
  f('/', undefined, undefined);
  f('/system.slice/cron.service', undefined, undefined);
  f(`/docker/${id}`, undefined, id);
  f(`/system.slice/docker-${id}.scope`, undefined, id);
  f(`/machine.slice/libpod-${id}.scope`, undefined, id);
  f(`/kubepods/burstable/pod${uid}/${id}`, uid, id);
  f(`/kubepods/burstable/pod${uid}`, uid, undefined);
  f(
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${slice}.slice/cri-containerd-${id}.scope`,
    uid,
    id,
  );
  f(`/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${slice}.slice`, uid, undefined);
  f(`/kubepods/pod${'a1'.repeat(16)}/crio-${id}`, 'a1'.repeat(16), id);
});

describe('findCgroups()', () => {
  it('takes slices, services, pods and containers, not what is within them', () => {
    using tree = new HostTree(
      Object.fromEntries(
        [
          'init.scope',
          'system.slice/cron.service/inner',
          `system.slice/docker-${id}.scope/nested`,
          'user.slice/user-1000.slice/session-1.scope',
          `kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${slice}.slice/cri-containerd-${id}.scope/inner`,
        ].map((path) => [`sys/fs/cgroup/${path}/cgroup.procs`, '']),
      ),
    );
    const folder = `${tree.files.paths.sys}/fs/cgroup`;
    assert.deepEqual(findCgroups(folder).paths, [
      '/',
      '/init.scope',
      '/kubepods.slice',
      '/kubepods.slice/kubepods-besteffort.slice',
      `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${slice}.slice`,
      `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${slice}.slice/cri-containerd-${id}.scope`,
      '/system.slice',
      '/system.slice/cron.service',
      `/system.slice/docker-${id}.scope`,
      '/user.slice',
      '/user.slice/user-1000.slice',
    ]);
    assert.deepEqual(findCgroups(folder, 3), {
      paths: ['/', '/init.scope', '/kubepods.slice'],
      isCut: true,
    });
  });
});

const pod = `kubepods.slice/kubepods-pod${slice}.slice`;
const container = `${pod}/cri-containerd-${id}.scope`;

const v2 = {
  'sys/fs/cgroup/cgroup.controllers': 'cpu io memory pids\n',
  'sys/fs/cgroup/cpu.stat': 'usage_usec 9000000\nuser_usec 6000000\nsystem_usec 3000000\n',
  'sys/fs/cgroup/memory.stat': 'anon 1\nfile 2\ninactive_file 1024\n',
  'proc/meminfo': 'MemTotal: 100 kB\nMemFree: 40 kB\n',
  'proc/stat': 'cpu  1\ncpu0 1 1\ncpu1 1 1\nbtime 1600000000\n',
  'proc/net/dev': ' eth0: 1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n lo: 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n',
  [`sys/fs/cgroup/${pod}/cpu.stat`]: 'usage_usec 2000000\nuser_usec 1500000\nsystem_usec 500000\n',
  [`sys/fs/cgroup/${container}/cpu.stat`]:
    'usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 2500000\n',
  [`sys/fs/cgroup/${container}/cpu.max`]: '50000 100000\n',
  [`sys/fs/cgroup/${container}/cpu.weight`]: '100\n',
  [`sys/fs/cgroup/${container}/memory.current`]: '5000\n',
  [`sys/fs/cgroup/${container}/memory.max`]: 'max\n',
  [`sys/fs/cgroup/${container}/memory.peak`]: '6000\n',
  [`sys/fs/cgroup/${container}/memory.stat`]:
    'anon 3000\nfile 2000\nfile_mapped 100\ninactive_file 1500\npgfault 7\npgmajfault 1\n',
  [`sys/fs/cgroup/${container}/memory.events`]: 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\n',
  [`sys/fs/cgroup/${container}/io.stat`]:
    '259:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:0 \n',
  [`sys/fs/cgroup/${container}/pids.current`]: '3\n',
  [`sys/fs/cgroup/${container}/pids.max`]: 'max\n',
  [`sys/fs/cgroup/${container}/cgroup.procs`]: '41\n42\n',
  [`sys/fs/cgroup/${container}/memory.pressure`]:
    'some avg10=0.00 total=1500000\nfull avg10=0.00 total=500000\n',
  'sys/dev/block/259:0/uevent': 'MAJOR=259\nDEVNAME=nvme0n1\n',
  'proc/41/net/dev': ' eth0: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0\n',
  [`root/var/log/pods/shop_cart-7d9_${uid}/app/0.log`]: '',
  [`root/var/log/containers/cart-7d9_shop_app-${id}.log`]: '',
};

describe('ContainerCollection on cgroup v2', () => {
  const labels = `container="app",id="/${container}",name="${id}",namespace="shop",pod="cart-7d9"`;

  it('has images from whoever knows them', async () => {
    using tree = new HostTree(v2);
    const imageOf = (containerId: string): string | undefined =>
      containerId === id ? 'docker.io/cart:1' : undefined;
    const found = (await collect(tree, undefined, { imageOf })).filter((line) =>
      /^container_memory_usage_bytes.*image=/.test(line),
    );
    assert.deepEqual(found, [
      `container_memory_usage_bytes{container="app",id="/${container}",image="docker.io/cart:1",name="${id}",namespace="shop",pod="cart-7d9"} 5000`,
    ]);
  });

  it('tells of a container by the names of cAdvisor', async () => {
    using tree = new HostTree(v2);
    const found = (await collect(tree)).filter((line) => line.includes('container="app"'));
    const started = /container_start_time_seconds/;
    assert.deepEqual(
      found.filter((line) => !started.test(line)),
      [
        `container_cpu_usage_seconds_total{container="app",cpu="total",id="/${container}",name="${id}",namespace="shop",pod="cart-7d9"} 1.5`,
        `container_cpu_user_seconds_total{${labels}} 1`,
        `container_cpu_system_seconds_total{${labels}} 0.5`,
        `container_cpu_cfs_periods_total{${labels}} 10`,
        `container_cpu_cfs_throttled_periods_total{${labels}} 4`,
        `container_cpu_cfs_throttled_seconds_total{${labels}} 2.5`,
        `container_memory_usage_bytes{${labels}} 5000`,
        `container_memory_working_set_bytes{${labels}} 3500`,
        `container_memory_rss{${labels}} 3000`,
        `container_memory_cache{${labels}} 2000`,
        `container_memory_mapped_file{${labels}} 100`,
        `container_memory_max_usage_bytes{${labels}} 6000`,
        `container_memory_failcnt{${labels}} 3`,
        `container_oom_events_total{${labels}} 2`,
        ...['container', 'hierarchy'].flatMap((scope) =>
          ['pgfault', 'pgmajfault'].map(
            (type) =>
              `container_memory_failures_total{container="app",failure_type="${type}",id="/${container}",name="${id}",namespace="shop",pod="cart-7d9",scope="${scope}"} ${type === 'pgfault' ? 7 : 1}`,
          ),
        ),
        ...[
          ['259:0', '/dev/nvme0n1', [1, 2, 4096, 8192]],
          ['8:0', '8:0', [0, 0, 0, 0]],
        ].flatMap(([, device, values]) =>
          ['reads', 'writes', 'reads_bytes', 'writes_bytes'].map(
            (name, at) =>
              `container_fs_${name}_total{container="app",device="${device}",id="/${container}",name="${id}",namespace="shop",pod="cart-7d9"} ${(values as number[])[at]}`,
          ),
        ),
        `container_spec_cpu_shares{${labels}} 2597`,
        `container_spec_cpu_period{${labels}} 100000`,
        `container_spec_cpu_quota{${labels}} 50000`,
        `container_spec_memory_limit_bytes{${labels}} 0`,
        `container_pressure_memory_waiting_seconds_total{${labels}} 1.5`,
        `container_pressure_memory_stalled_seconds_total{${labels}} 0.5`,
        `container_processes{${labels}} 2`,
        `container_threads{${labels}} 3`,
        `container_threads_max{${labels}} 0`,
        `container_last_seen{${labels}} 1700000000`,
      ],
    );
    assert.equal(found.filter((line) => started.test(line)).length, 1);
  });

  it('tells of the machine: memory that is not free, its interfaces, cores', async () => {
    using tree = new HostTree(v2);
    assert.deepEqual(
      (await collect(tree, /usage_bytes|working_set|receive_bytes|machine_|start_time/)).filter(
        (line) => line.includes('id="/"') || line.startsWith('machine_'),
      ),
      [
        'machine_cpu_cores 2',
        'machine_memory_bytes 102400',
        'container_memory_usage_bytes{id="/"} 61440',
        'container_memory_working_set_bytes{id="/"} 60416',
        'container_start_time_seconds{id="/"} 1600000000',
        'container_network_receive_bytes_total{id="/",interface="eth0"} 1',
      ],
    );
  });

  it("tells of a pod's network on the pod's row, once", async () => {
    using tree = new HostTree(v2);
    assert.deepEqual(
      (await collect(tree, /network_(receive|transmit)_bytes/)).filter(
        (line) => !line.includes('id="/"'),
      ),
      [
        `container_network_receive_bytes_total{id="/${pod}",interface="eth0",namespace="shop",pod="cart-7d9"} 7`,
        `container_network_transmit_bytes_total{id="/${pod}",interface="eth0",namespace="shop",pod="cart-7d9"} 8`,
      ],
    );
  });

  it("leaves out the network of a pod that is in the machine's", async () => {
    using tree = new HostTree(v2, {
      'proc/41/ns/net': 'net:[4026531840]',
      'proc/1/ns/net': 'net:[4026531840]',
    });
    assert.deepEqual(
      (await collect(tree, /network_receive_bytes/)).filter((line) => line.includes('pod=')),
      [],
    );
  });
});

describe('ContainerCollection on cgroup v1', () => {
  it('reads the same of its controllers', async () => {
    const at = (controller: string, file: string): string =>
      `sys/fs/cgroup/${controller}/docker/${id}/${file}`;
    using tree = new HostTree({
      'proc/stat': 'cpu0 1\n',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '10\n',
      [at('memory', 'memory.usage_in_bytes')]: '5000\n',
      [at('memory', 'memory.limit_in_bytes')]: '9223372036854771712\n',
      [at('memory', 'memory.failcnt')]: '4\n',
      [at('memory', 'memory.oom_control')]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
      [at('memory', 'memory.stat')]:
        'cache 1\nrss 2\ntotal_cache 2000\ntotal_rss 3000\ntotal_inactive_file 1500\npgfault 5\ntotal_pgfault 6\n',
      [at('cpuacct', 'cpuacct.usage')]: '1500000000\n',
      [at('cpuacct', 'cpuacct.stat')]: 'user 100\nsystem 50\n',
      [at('cpu', 'cpu.cfs_quota_us')]: '50000\n',
      [at('cpu', 'cpu.cfs_period_us')]: '100000\n',
      [at('cpu', 'cpu.stat')]: 'nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000\n',
      [at('blkio', 'blkio.throttle.io_service_bytes')]:
        '8:0 Read 4096\n8:0 Write 8192\nTotal 12288\n',
      [at('blkio', 'blkio.throttle.io_serviced')]: '8:0 Read 1\n8:0 Write 2\nTotal 3\n',
    });
    const labels = `id="/docker/${id}",name="${id}"`;
    assert.deepEqual(
      (
        await collect(tree, /cpu_(usage|user|cfs)|memory_(work|rss|failcnt|failures)|limit|oom|fs_/)
      ).filter((line) => line.includes('/docker/')),
      [
        `container_cpu_usage_seconds_total{cpu="total",${labels}} 1.5`,
        `container_cpu_user_seconds_total{${labels}} 1`,
        `container_cpu_cfs_periods_total{${labels}} 10`,
        `container_cpu_cfs_throttled_periods_total{${labels}} 4`,
        `container_cpu_cfs_throttled_seconds_total{${labels}} 2.5`,
        `container_memory_working_set_bytes{${labels}} 3500`,
        `container_memory_rss{${labels}} 3000`,
        `container_memory_failcnt{${labels}} 4`,
        `container_oom_events_total{${labels}} 1`,
        `container_memory_failures_total{failure_type="pgfault",${labels},scope="container"} 5`,
        `container_memory_failures_total{failure_type="pgfault",${labels},scope="hierarchy"} 6`,
        `container_fs_reads_total{device="8:0",${labels}} 1`,
        `container_fs_writes_total{device="8:0",${labels}} 2`,
        `container_fs_reads_bytes_total{device="8:0",${labels}} 4096`,
        `container_fs_writes_bytes_total{device="8:0",${labels}} 8192`,
        `container_spec_memory_limit_bytes{${labels}} 0`,
      ],
    );
  });
});

describe('LogFolderNames', () => {
  it('follows pods that come and go', () => {
    using tree = new HostTree(v2);
    const names = new LogFolderNames(tree.files.paths.root);
    names.refresh();
    assert.deepEqual(names.pod(uid), { namespace: 'shop', pod: 'cart-7d9' });
    tree.write(`root/var/log/containers/dns-1_kube-system_core-dns-${other}.log`, '');
    tree.remove(`root/var/log/pods/shop_cart-7d9_${uid}`);
    names.refresh();
    assert.equal(names.pod(uid), undefined);
    assert.deepEqual(names.container(other), {
      namespace: 'kube-system',
      pod: 'dns-1',
      container: 'core-dns',
    });
  });
});
