import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '#base';
import { type Collector, NoData } from '../contract.ts';
import { Collection } from '../machine.ts';
import { RecordingSink } from '../testing/recording.ts';
import { HostTree } from '../testing/tree.ts';
import { cpuCollector, cpufreqCollector, schedstatCollector, withoutStepsBack } from './cpu.ts';
import { diskstatsCollector } from './diskstats.ts';
import { FilesystemSizes, filesystemCollector, type Mount, wantedMounts } from './filesystem.ts';
import { parseOsRelease } from './identity.ts';
import { pressureCollector, selinuxCollector, statCollector } from './kernel.ts';
import { mdadmCollector } from './mdadm.ts';
import { meminfoCollector } from './meminfo.ts';
import { bondingCollector, netclassCollector, netdevCollector, podInterfaces } from './netdev.ts';
import {
  conntrackCollector,
  parseNetstat,
  parseSnmp6,
  parseUdpQueues,
  softnetCollector,
} from './netstat.ts';
import { interruptsCollector, processesCollector, tcpstatCollector } from './processes.ts';
import { systemdCollector } from './systemd.ts';
import { hwmonCollector, thermalZoneCollector } from './thermal.ts';
import { zoneName } from './time.ts';
import { timexCollector } from './timex.ts';

type Files = Readonly<Record<string, string>>;

async function lines(
  collector: Collector,
  files: Files,
  pattern?: RegExp,
  links: Files = {},
): Promise<string[]> {
  using tree = new HostTree(files, links);
  const sink = new RecordingSink();
  await collector.collect(tree.files, sink);
  return sink.lines(pattern);
}

describe('collectors', () => {
  const f = (
    name: string,
    collector: Collector,
    files: Files,
    want: readonly string[],
    { pattern, links }: { readonly pattern?: RegExp; readonly links?: Files } = {},
  ): void =>
    void it(name, async () => {
      assert.deepEqual(await lines(collector, files, pattern, links), want);
    });

  f(
    'cpu: ticks to seconds, guests, columns that an old kernel lacks',
    cpuCollector(),
    { 'proc/stat': 'cpu  1 2 3 4\ncpu0 193535 102046 49761 115467 276 0 444\nintr 5\n' },
    [
      'node_cpu_seconds_total{cpu="0",mode="user"} 1935.35',
      'node_cpu_seconds_total{cpu="0",mode="nice"} 1020.46',
      'node_cpu_seconds_total{cpu="0",mode="system"} 497.61',
      'node_cpu_seconds_total{cpu="0",mode="idle"} 1154.67',
      'node_cpu_seconds_total{cpu="0",mode="iowait"} 2.76',
      'node_cpu_seconds_total{cpu="0",mode="irq"} 0',
      'node_cpu_seconds_total{cpu="0",mode="softirq"} 4.44',
      'node_cpu_seconds_total{cpu="0",mode="steal"} 0',
      'node_cpu_guest_seconds_total{cpu="0",mode="user"} 0',
      'node_cpu_guest_seconds_total{cpu="0",mode="nice"} 0',
    ],
  );
  f(
    'cpu: throttling, once for each core and package',
    cpuCollector(),
    {
      'proc/stat': '',
      ...Object.fromEntries(
        [0, 1, 2, 3].flatMap((cpu) => [
          [`sys/devices/system/cpu/cpu${cpu}/topology/physical_package_id`, '0\n'],
          [`sys/devices/system/cpu/cpu${cpu}/topology/core_id`, `${cpu % 2}\n`],
          [`sys/devices/system/cpu/cpu${cpu}/thermal_throttle/core_throttle_count`, '5\n'],
          [`sys/devices/system/cpu/cpu${cpu}/thermal_throttle/package_throttle_count`, '30\n'],
        ]),
      ),
    },
    [
      'node_cpu_package_throttles_total{package="0"} 30',
      'node_cpu_core_throttles_total{core="0",package="0"} 5',
      'node_cpu_core_throttles_total{core="1",package="0"} 5',
    ],
  );
  f(
    'cpufreq: kilohertz to hertz',
    cpufreqCollector,
    {
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '1699981\n',
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq': '3700000\n',
      'sys/devices/system/cpu/cpufreq/boost': '1\n',
    },
    [
      'node_cpu_scaling_frequency_hertz{cpu="0"} 1699981000',
      'node_cpu_scaling_frequency_max_hertz{cpu="0"} 3700000000',
    ],
  );
  f(
    'schedstat',
    schedstatCollector,
    {
      'proc/schedstat':
        'version 15\ntimestamp 15819019232\ncpu0 498494191 0 3533438552 2553969831 3853684107 2465731542 2045936778163 343796328169361 4767485306\ndomain0 00000000,00000003 212499247 210112015\n',
    },
    [
      'node_schedstat_running_seconds_total{cpu="0"} 2045.936778163',
      'node_schedstat_waiting_seconds_total{cpu="0"} 343796.328169361',
      'node_schedstat_timeslices_total{cpu="0"} 4767485306',
    ],
  );
  f(
    'stat: the first number of intr is the sum',
    statCollector,
    {
      'proc/stat': 'intr 7566347 0 9 0\nctxt 30\nbtime 1795933802\nprocs_running 2\nsoftirq 1 2\n',
    },
    [
      'node_intr_total 7566347',
      'node_context_switches_total 30',
      'node_boot_time_seconds 1795933802',
      'node_procs_running 2',
    ],
  );
  f(
    'meminfo: kB, plain numbers, names in parentheses',
    meminfoCollector,
    {
      'proc/meminfo':
        'MemTotal:       24684084 kB\nActive(anon):     100 kB\nHugePages_Total:       3\nodd line\n',
    },
    [
      'node_memory_MemTotal_bytes 25276502016',
      'node_memory_Active_anon_bytes 102400',
      'node_memory_HugePages_Total 3',
    ],
  );
  f(
    'pressure: a kernel without interrupts and without full for CPU',
    pressureCollector,
    {
      'proc/pressure/cpu': 'some avg10=97.13 avg60=96.82 avg300=95.91 total=2957514474\n',
      'proc/pressure/io': 'some avg10=0 total=5\nfull avg10=0 total=7000000\n',
    },
    [
      'node_pressure_cpu_waiting_seconds_total 2957.514474',
      'node_pressure_io_waiting_seconds_total 0.000005',
      'node_pressure_io_stalled_seconds_total 7',
    ],
  );
  f(
    'diskstats: sectors, milliseconds, no partitions, what udev knows, an old kernel',
    diskstatsCollector(),
    {
      'proc/diskstats':
        ' 259 0 nvme0n1 100 2 8 1500 4 5 16 2500 1 3000 4000\n 259 1 nvme0n1p1 1 1 1 1 1 1 1 1 1 1 1\n   8 1 sda1 1 1 1 1 1 1 1 1 1 1 1\n   7 0 loop0 0 0 0 0 0 0 0 0 0 0 0\n',
      'root/run/udev/data/b259:0':
        'S:disk\nE:ID_MODEL=Amazon EBS\nE:ID_SERIAL_SHORT=vol1\nE:ID_WWN=nvme.1\n',
    },
    [
      'node_disk_info{device="nvme0n1",major="259",minor="0",model="Amazon EBS",serial="vol1",wwn="nvme.1"} 1',
      'node_disk_reads_completed_total{device="nvme0n1"} 100',
      'node_disk_reads_merged_total{device="nvme0n1"} 2',
      'node_disk_read_bytes_total{device="nvme0n1"} 4096',
      'node_disk_read_time_seconds_total{device="nvme0n1"} 1.5',
      'node_disk_writes_completed_total{device="nvme0n1"} 4',
      'node_disk_writes_merged_total{device="nvme0n1"} 5',
      'node_disk_written_bytes_total{device="nvme0n1"} 8192',
      'node_disk_write_time_seconds_total{device="nvme0n1"} 2.5',
      'node_disk_io_now{device="nvme0n1"} 1',
      'node_disk_io_time_seconds_total{device="nvme0n1"} 3',
      'node_disk_io_time_weighted_seconds_total{device="nvme0n1"} 4',
    ],
  );
  f(
    'netdev: no blank after the colon, interfaces of pods left out',
    netdevCollector(podInterfaces),
    {
      'proc/1/net/dev':
        'Inter-|   Receive  |  Transmit\n face |bytes    packets errs|bytes\n  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\nveth1a: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\neni0123456789a: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n',
      'sys/class/net/eth0/statistics/rx_nohandler': '17\n',
    },
    [
      'node_network_receive_bytes_total{device="eth0"} 1',
      'node_network_receive_packets_total{device="eth0"} 2',
      'node_network_transmit_bytes_total{device="eth0"} 9',
      'node_network_transmit_packets_total{device="eth0"} 10',
      'node_network_receive_nohandler_total{device="eth0"} 17',
    ],
    { pattern: /bytes|packets|nohandler/ },
  );
  f(
    'netclass: hexadecimal flags, megabits, a device without a speed, a file beside the devices',
    netclassCollector(undefined),
    {
      'sys/class/net/bonding_masters': 'bond0\n',
      'sys/class/net/eth0/ifindex': '2\n',
      'sys/class/net/eth0/flags': '0x1003\n',
      'sys/class/net/eth0/speed': '10000\n',
      'sys/class/net/eth0/operstate': 'up\n',
      'sys/class/net/tun0/ifindex': '3\n',
      'sys/class/net/tun0/speed': '-1\n',
    },
    [
      'node_network_up{device="eth0"} 1',
      'node_network_flags{device="eth0"} 4099',
      'node_network_iface_id{device="eth0"} 2',
      'node_network_speed_bytes{device="eth0"} 1250000000',
      'node_network_up{device="tun0"} 0',
      'node_network_iface_id{device="tun0"} 3',
    ],
    { pattern: /_(up|flags|iface_id|speed_bytes)$/ },
  );
  f(
    'bonding',
    bondingCollector,
    {
      'sys/class/net/bonding_masters': 'bond0 bond1\n',
      'sys/class/net/bond0/bonding/slaves': 'eth0 eth1\n',
      'sys/class/net/bond0/lower_eth0/bonding_slave/mii_status': 'up\n',
      'sys/class/net/bond0/lower_eth1/bonding_slave/mii_status': 'down\n',
    },
    [
      'node_bonding_slaves{master="bond0"} 2',
      'node_bonding_active{master="bond0"} 1',
      'node_bonding_slaves{master="bond1"} 0',
      'node_bonding_active{master="bond1"} 0',
    ],
  );
  f(
    'conntrack: hexadecimal, summed over CPUs, columns by name',
    conntrackCollector,
    {
      'proc/sys/net/netfilter/nf_conntrack_count': '12\n',
      'proc/sys/net/netfilter/nf_conntrack_max': '262144\n',
      'proc/net/stat/nf_conntrack':
        'entries  clashres found new invalid drop\n0000000c 00000000 00000010 00000000 00000001 0000000a\n0000000c 00000000 0000000f 00000000 00000000 00000001\n',
    },
    [
      'node_nf_conntrack_entries 12',
      'node_nf_conntrack_entries_limit 262144',
      'node_nf_conntrack_stat_found 31',
      'node_nf_conntrack_stat_invalid 1',
      'node_nf_conntrack_stat_drop 11',
    ],
  );
  f(
    'softnet: the CPU that a line names; an old kernel that names none',
    softnetCollector,
    {
      'proc/net/softnet_stat':
        '0004a299 00000001 00000002 0 0 0 0 0 a b c 0 00000003 0 0\n0005036d 00000000 00000004\n',
    },
    [
      'node_softnet_processed_total{cpu="3"} 303769',
      'node_softnet_dropped_total{cpu="3"} 1',
      'node_softnet_times_squeezed_total{cpu="3"} 2',
      'node_softnet_cpu_collision_total{cpu="3"} 10',
      'node_softnet_received_rps_total{cpu="3"} 11',
      'node_softnet_flow_limit_count_total{cpu="3"} 12',
      'node_softnet_processed_total{cpu="0"} 328557',
      'node_softnet_dropped_total{cpu="0"} 0',
      'node_softnet_times_squeezed_total{cpu="0"} 4',
    ],
  );
  f(
    'processes: names with blanks and parentheses, those that ended meanwhile',
    processesCollector,
    {
      'proc/1/stat': '1 (init) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 3 0 7',
      'proc/27/stat': '27 (a) R (b) R 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 4 0 7',
      'proc/28/stat': '28 (c) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 7',
      'proc/29/cmdline': 'gone',
      'proc/sys/kernel/pid_max': '4194304\n',
      'proc/sys/kernel/threads-max': '7801\n',
    },
    [
      'node_processes_pids 3',
      'node_processes_threads 8',
      'node_processes_max_processes 4194304',
      'node_processes_max_threads 7801',
      'node_processes_state{state="S"} 2',
      'node_processes_state{state="R"} 1',
    ],
  );
  f(
    'interrupts: of devices and of the kernel, one number for all CPUs left out',
    interruptsCollector,
    {
      'proc/interrupts':
        '           CPU0       CPU1       \n  8:         17          0   IO-APIC   8-edge      rtc0\nNMI:         47       5031   Non-maskable interrupts\nERR:          0\n',
    },
    [
      'node_interrupts_total{cpu="0",devices="8-edge rtc0",info="IO-APIC",type="8"} 17',
      'node_interrupts_total{cpu="1",devices="8-edge rtc0",info="IO-APIC",type="8"} 0',
      'node_interrupts_total{cpu="0",info="Non-maskable interrupts",type="NMI"} 47',
      'node_interrupts_total{cpu="1",info="Non-maskable interrupts",type="NMI"} 5031',
    ],
  );
  f(
    'tcpstat: connections by state, bytes in queues, IPv6 too',
    tcpstatCollector,
    {
      'proc/net/tcp':
        '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n   1: 0100007F:1F90 0100007F:9C40 01 00000015:00000001 00:00000000\n',
      'proc/net/tcp6':
        '  sl  local_address remote_address st tx_queue rx_queue\n   0: 00:1F90 00:0000 0A 00000000:00000002 00:00000000\n',
    },
    [
      'node_tcp_connection_states{state="listen"} 2',
      'node_tcp_connection_states{state="rx_queued_bytes"} 3',
      'node_tcp_connection_states{state="tx_queued_bytes"} 21',
      'node_tcp_connection_states{state="established"} 1',
    ],
  );
  f(
    'mdadm: a mirror that recovers, a stripe, an inactive one',
    mdadmCollector,
    {
      'proc/mdstat':
        'Personalities : [raid1] [raid0]\nmd0 : active raid1 sdc1[2](S) sdb1[1](F) sda1[0]\n      1000 blocks super 1.2 [2/1] [U_]\n      [==>......]  recovery = 12.6% (126/1000) finish=1min\n\nmd1 : active raid0 sdd1[1] sde1[0]\n      2000 blocks super 1.2 512k chunks\n\nmd2 : inactive sdf1[0](S)\n      3000 blocks super 1.2\n\nunused devices: <none>\n',
    },
    [
      'node_md_disks{device="md0",state="active"} 1',
      'node_md_disks{device="md0",state="failed"} 1',
      'node_md_disks{device="md0",state="spare"} 1',
      'node_md_disks_required{device="md0"} 2',
      'node_md_blocks_synced{device="md0"} 126',
      'node_md_disks{device="md1",state="active"} 2',
      'node_md_disks{device="md1",state="failed"} 0',
      'node_md_disks{device="md1",state="spare"} 0',
      'node_md_disks_required{device="md1"} 2',
      'node_md_blocks_synced{device="md1"} 2000',
      'node_md_disks{device="md2",state="active"} 0',
      'node_md_disks{device="md2",state="failed"} 0',
      'node_md_disks{device="md2",state="spare"} 1',
      'node_md_disks_required{device="md2"} 0',
      'node_md_blocks_synced{device="md2"} 3000',
    ],
    { pattern: /disks|synced/ },
  );
  f(
    'selinux: enforcing',
    selinuxCollector,
    { 'sys/fs/selinux/enforce': '1', 'root/etc/selinux/config': '# x\nSELINUX=permissive\n' },
    ['node_selinux_enabled 1', 'node_selinux_config_mode 0', 'node_selinux_current_mode 1'],
  );
  f(
    'thermal_zone',
    thermalZoneCollector,
    {
      'sys/class/thermal/thermal_zone0/type': 'x86_pkg_temp\n',
      'sys/class/thermal/thermal_zone0/temp': '44000\n',
      'sys/class/thermal/cooling_device0/type': 'Processor\n',
      'sys/class/thermal/cooling_device0/cur_state': '1\n',
      'sys/class/thermal/cooling_device0/max_state': '10\n',
    },
    [
      'node_cooling_device_cur_state{name="0",type="Processor"} 1',
      'node_cooling_device_max_state{name="0",type="Processor"} 10',
      'node_thermal_zone_temp{type="x86_pkg_temp",zone="0"} 44',
    ],
  );
  f(
    'hwmon: the chip by its device, labels, limits, alarms',
    hwmonCollector,
    {
      'sys/class/hwmon/hwmon0/name': 'coretemp\n',
      'sys/class/hwmon/hwmon0/temp1_input': '55500\n',
      'sys/class/hwmon/hwmon0/temp1_max': '80000\n',
      'sys/class/hwmon/hwmon0/temp1_crit_alarm': '0\n',
      'sys/class/hwmon/hwmon0/temp1_label': 'Core 0\n',
      'sys/class/hwmon/hwmon0/fan2_input': '1200\n',
      'sys/devices/platform/coretemp.0/x': '',
    },
    [
      'node_hwmon_chip_names{chip="platform_coretemp_0",chip_name="coretemp"} 1',
      'node_hwmon_fan_rpm{chip="platform_coretemp_0",sensor="fan2"} 1200',
      'node_hwmon_temp_crit_alarm_celsius{chip="platform_coretemp_0",sensor="temp1"} 0',
      'node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp1"} 55.5',
      'node_hwmon_sensor_label{chip="platform_coretemp_0",label="Core 0",sensor="temp1"} 1',
      'node_hwmon_temp_max_celsius{chip="platform_coretemp_0",sensor="temp1"} 80',
    ],
    {
      links: {
        'sys/class/hwmon/hwmon0/device': '../../../devices/platform/coretemp.0',
        'sys/devices/platform/coretemp.0/subsystem': '../../../bus/platform',
      },
    },
  );
  f(
    'systemd: states of units, the manager',
    systemdCollector(async (args) =>
      args[0] === 'show'
        ? 'Version=252.30-1~deb12u2\nSystemState=degraded\n'
        : 'cron.service loaded active running Regular jobs\nfoo.service loaded failed failed Foo\n-.mount loaded active mounted Root\nbar.service not-found inactive dead bar\n',
    ),
    { 'root/run/systemd/system/x': '' },
    [
      'node_systemd_units{state="activating"} 0',
      'node_systemd_units{state="active"} 2',
      'node_systemd_units{state="deactivating"} 0',
      'node_systemd_units{state="failed"} 1',
      'node_systemd_units{state="inactive"} 1',
      'node_systemd_system_running 0',
      'node_systemd_version{version="252.30-1~deb12u2"} 252',
      'node_systemd_unit_state{name="cron.service",state="activating"} 0',
      'node_systemd_unit_state{name="cron.service",state="active"} 1',
      'node_systemd_unit_state{name="cron.service",state="deactivating"} 0',
      'node_systemd_unit_state{name="cron.service",state="failed"} 0',
      'node_systemd_unit_state{name="cron.service",state="inactive"} 0',
      'node_systemd_unit_state{name="foo.service",state="activating"} 0',
      'node_systemd_unit_state{name="foo.service",state="active"} 0',
      'node_systemd_unit_state{name="foo.service",state="deactivating"} 0',
      'node_systemd_unit_state{name="foo.service",state="failed"} 1',
      'node_systemd_unit_state{name="foo.service",state="inactive"} 0',
    ],
  );
});

describe('parsers', () => {
  it('parseNetstat() pairs names with values and refuses values without names', () => {
    const text = 'Tcp: RtoMin InSegs\nTcp: 200 -1\nTcpExt: ListenDrops\nTcpExt: 7\n';
    assert.deepEqual(
      [...parseNetstat(text)],
      [
        ['Tcp_RtoMin', 200],
        ['Tcp_InSegs', -1],
        ['TcpExt_ListenDrops', 7],
      ],
    );
    assert.throws(() => [...parseNetstat('Tcp: A\nUdp: 1\n')], /Values of Tcp:/);
    assert.throws(() => [...parseNetstat('Tcp: A B\nTcp: 1\n')], /Expected a number/);
  });

  it('parseSnmp6() ends the protocol at its 6', () => {
    assert.deepEqual(
      [
        ...parseSnmp6(
          'Ip6InOctets                     \t66\nUdpLite6InErrors 1\nIcmp6InType136 2\n',
        ),
      ],
      [
        ['Ip6_InOctets', 66],
        ['UdpLite6_InErrors', 1],
        ['Icmp6_InType136', 2],
      ],
    );
  });

  it('parseUdpQueues() sums what waits, also on systems with many sockets', () => {
    const text =
      '   sl  local_address rem_address   st tx_queue rx_queue tr\n 3: 0100007F:1 00000000:0000 07 00000010:00000100 00:00\n 4: 0100007F:2 00000000:0000 07 00000001:00000000 00:00\n';
    assert.deepEqual(parseUdpQueues(text), { tx: 17, rx: 256 });
  });

  it('withoutStepsBack() holds idle back, but not over a CPU that came back', () => {
    assert.deepEqual(withoutStepsBack([1, 1, 1, 100, 5], [2, 1, 1, 99.9, 4.99]), [2, 1, 1, 100, 5]);
    assert.deepEqual(withoutStepsBack([9, 9, 9, 100, 5], [1, 1, 1, 2, 0]), [1, 1, 1, 2, 0]);
    assert.deepEqual(withoutStepsBack(undefined, [1]), [1]);
  });

  it('wantedMounts() leaves out kernel file systems, pods and what is there twice', () => {
    const text = [
      '/dev/nvme0n1p1 / xfs rw,noatime 0 0',
      'tmpfs /run tmpfs rw 0 0',
      'proc /proc proc rw 0 0',
      'overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0',
      '/dev/nvme1n1 /var/lib/kubelet/pods/1/volumes/x/mount ext4 rw 0 0',
      '/dev/sdb1 /mnt/my\\040disk ext4 ro,relatime 0 0',
      '/dev/sdb1 /mnt/my\\040disk ext4 ro,relatime 0 0',
    ].join('\n');
    assert.deepEqual(
      wantedMounts(text).map(({ mountPoint, isReadOnly }) => [mountPoint, isReadOnly]),
      [
        ['/', false],
        ['/run', false],
        ['/mnt/my disk', true],
      ],
    );
  });

  it('zoneName() reads the rule of a zone file', () => {
    const f = (rule: string, hours: number, want: string | undefined): void =>
      assert.equal(zoneName(rule, hours * 3600), want, `${rule} ${hours}`);
    f('UTC0', 0, 'UTC');
    f('KST-9', 9, 'KST');
    f('CET-1CEST,M3.5.0,M10.5.0/3', 1, 'CET');
    f('CET-1CEST,M3.5.0,M10.5.0/3', 2, 'CEST');
    f('EST5EDT,M3.2.0,M11.1.0', -5, 'EST');
    f('<+0330>-3:30', 3.5, '+0330');
    f('', 0, undefined);
  });

  it('parseOsRelease() takes quotes off', () => {
    const values = parseOsRelease(
      'NAME="Amazon Linux"\nID=amzn\nVERSION_ID=\'2023\'\n# x\nID_LIKE="fedora"\n',
    );
    assert.deepEqual(Object.fromEntries(values), {
      name: 'Amazon Linux',
      id: 'amzn',
      version_id: '2023',
      id_like: 'fedora',
    });
  });
});

describe('timexCollector()', () => {
  it('reads the struct: nanoseconds where the status says so', async () => {
    const timex = timexCollector(() => (buffer) => {
      buffer.writeBigInt64LE(-1_500_000n, 8);
      buffer.writeBigInt64LE(6_553_600n, 16);
      buffer.writeInt32LE(0x2001, 40);
      buffer.writeBigInt64LE(10_000n, 88);
      buffer.writeInt32LE(37, 160);
      return 0;
    });
    const found = await lines(timex, {}, /sync|offset|frequency_adj|tick|_status/);
    assert.deepEqual(found, [
      'node_timex_sync_status 1',
      'node_timex_offset_seconds -0.0015',
      'node_timex_frequency_adjustment_ratio 1.0001',
      'node_timex_status 8193',
      'node_timex_tick_seconds 0.01',
      'node_timex_tai_offset_seconds 37',
    ]);
  });

  it('has nothing where adjtimex cannot be called', async () => {
    await assert.rejects(
      lines(
        timexCollector(() => undefined),
        {},
      ),
      NoData,
    );
  });
});

describe('FilesystemSizes', () => {
  const mount = (mountPoint: string, type: string): Mount => ({
    device: 'd',
    mountPoint,
    type,
    isReadOnly: false,
  });
  const size = { bsize: 4096, blocks: 10, bfree: 5, bavail: 4, files: 3, ffree: 2 };

  it('does not wait for one that hangs, nor ask it or its like again before it answers', async () => {
    const asked: string[] = [];
    const hanging = Promise.withResolvers<typeof size>();
    const sizes = new FilesystemSizes((path) => {
      asked.push(path);
      return path === '/nfs' ? hanging.promise : Promise.resolve(size);
    }, 1);
    assert.equal(await sizes.of(mount('/nfs', 'nfs4'), '/'), undefined);
    assert.equal(await sizes.of(mount('/nfs', 'nfs4'), '/'), undefined);
    assert.equal(await sizes.of(mount('/other', 'cifs'), '/'), undefined);
    assert.equal((await sizes.of(mount('/data', 'ext4'), '/'))?.sizeBytes, 40_960);
    assert.deepEqual(asked, ['/nfs', '/data']);
    hanging.resolve(size);
    await hanging.promise;
    assert.equal((await sizes.of(mount('/nfs', 'nfs4'), '/'))?.freeBytes, 20_480);
  });

  it('tells of one that cannot be asked by device_error alone', async () => {
    const collector = filesystemCollector(
      new FilesystemSizes(() => Promise.reject(new Error('no'))),
    );
    const found = await lines(collector, { 'proc/1/mounts': '/dev/vda / ext4 ro 0 0\n' });
    assert.deepEqual(found, [
      'node_filesystem_device_error{device="/dev/vda",fstype="ext4",mountpoint="/"} 1',
      'node_filesystem_readonly{device="/dev/vda",fstype="ext4",mountpoint="/"} 1',
    ]);
  });
});

describe('Collection', () => {
  it('goes on after a failure, tells it once, counts it; what is not there is none', async () => {
    using tree = new HostTree({});
    const told: unknown[] = [];
    let isBroken = true;
    const collectors: Collector[] = [
      {
        name: 'broken',
        collect: () => {
          if (isBroken) throw new SyntaxError('odd text');
        },
      },
      { name: 'absent', collect: (files) => void files.proc('nothing') },
      { name: 'good', collect: (_files, sink) => sink.gauge('node_good', 'Good', 1) },
    ];
    const logger = {
      ...silentLogger,
      warn: (_message: string, fields: { readonly collector?: unknown } = {}) =>
        void told.push(fields.collector),
    };
    const collection = new Collection(collectors, tree.files, { clock: new ManualClock(), logger });
    const success = async (): Promise<string[]> => {
      const sink = new RecordingSink();
      await collection.collect(sink);
      return sink.lines(/success|good/);
    };
    const want = (broken: number): string[] => [
      `node_scrape_collector_success{collector="broken"} ${broken}`,
      'node_scrape_collector_success{collector="absent"} 0',
      'node_good 1',
      'node_scrape_collector_success{collector="good"} 1',
    ];
    assert.deepEqual(await success(), want(0));
    assert.deepEqual(await success(), want(0));
    assert.deepEqual(told, ['broken']);
    assert.equal(collection.failures, 2);
    isBroken = false;
    assert.deepEqual(await success(), want(1));
    isBroken = true;
    await success();
    assert.deepEqual(told, ['broken', 'broken']);
  });
});
