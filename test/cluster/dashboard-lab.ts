import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../clients/prometheus-tool.ts';
import { freePort, Rig } from '../faults/rig.ts';
import { Cluster } from './cluster.ts';
import { dashboardWorkload, workloadLabel } from './dashboard-workload.ts';

const nodeIp = '10.244.0.1';
const monitoring = { namespace: 'monitoring' };

/**
 * A server and an agent beside a real cluster that has something of everything in it, and, where they are
 * installed, Debian's node exporter, Prometheus (which sends to the server too), Alertmanager and nginx with its
 * exporter: what published dashboards are made for.
 */
export class DashboardLab implements AsyncDisposable {
  readonly #namespace = `shop-${process.pid}`;
  readonly #rig: Rig;
  readonly #cluster: Cluster;
  readonly #children: ChildProcess[] = [];
  /** Programs that are not installed: their dashboards stay empty. */
  readonly missing: string[] = [];

  private constructor(rig: Rig, cluster: Cluster) {
    this.#rig = rig;
    this.#cluster = cluster;
  }

  static async open(): Promise<DashboardLab> {
    const cluster = await Cluster.up();
    // Rewritten before the server reads it: addresses are known only then.
    const lab = new DashboardLab(await Rig.open({ serverConfig: {} }), cluster);
    try {
      await lab.#start();
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
    return lab;
  }

  /** What a reader would choose. */
  get values(): Readonly<Record<string, string>> {
    return { namespace: this.#namespace, pod: 'db-0', type: 'deployment', workload: 'web' };
  }

  get url(): string {
    return this.#rig.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const delete_ = (...args: readonly string[]): Promise<unknown> =>
      this.#cluster
        .kubectl('delete', ...args, '--wait=false', '--ignore-not-found')
        .catch(() => {});
    await delete_('namespace', this.#namespace);
    await delete_('pv,storageclass,clusterrole,clusterrolebinding', '-l', workloadLabel);
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await this.#rig[Symbol.asyncDispose]();
    await this.#cluster[Symbol.asyncDispose]();
  }

  async #start(): Promise<void> {
    const rig = this.#rig;
    await this.#cluster.apply(...dashboardWorkload(this.#namespace, rig.path('volume')));
    const scrapes = [...this.#controlPlane(), ...(await this.#companions())];
    rig.config('server.yaml', {
      kubernetes: { enabled: 'on', kubeconfig: join(this.#cluster.folder, 'admin.kubeconfig') },
      metrics: {
        prometheus: {
          global: { scrape_interval: '15s' },
          scrape_configs: [
            { job_name: 'nunchi', static_configs: [{ targets: [`127.0.0.1:${rig.port}`] }] },
            ...scrapes,
          ],
        },
      },
    });
    await rig.startServer();
    await this.#startAgent();
  }

  /** On the loopback of this machine, where a server in the cluster would not reach them. */
  #controlPlane(): readonly object[] {
    const key = (name: string): string => join(this.#cluster.folder, 'pki', name);
    const tls = {
      scheme: 'https',
      tls_config: {
        cert_file: key('admin.crt'),
        key_file: key('admin.key'),
        insecure_skip_verify: true,
      },
    };
    return [
      scrape('kube-controller-manager', 10_257, {}, tls),
      scrape('kube-scheduler', 10_259, {}, tls),
      scrape('kube-proxy', 10_249),
    ];
  }

  async #startAgent(): Promise<void> {
    const rig = this.#rig;
    const name = `${this.#namespace}-agent`;
    const rbac = 'rbac.authorization.k8s.io';
    const [, value] = workloadLabel.split('=');
    const metadata = { name, labels: { test: value } };
    await this.#cluster.apply(
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name, namespace: this.#namespace },
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRole',
        metadata,
        rules: [
          { apiGroups: [''], resources: ['nodes/metrics', 'nodes/proxy'], verbs: ['get'] },
          { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
        ],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRoleBinding',
        metadata,
        subjects: [{ kind: 'ServiceAccount', name, namespace: this.#namespace }],
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      },
    );
    const { token, ca } = await this.#cluster.tokenOf(name, this.#namespace);
    const account = rig.path('run', 'secrets', 'kubernetes.io', 'serviceaccount');
    writeFileSync(join(account, 'token'), token);
    writeFileSync(join(account, 'ca.crt'), ca);
    const config = rig.config('agent.yaml', {
      agent: {
        id: 'node-1',
        server: { url: rig.url },
        inputs: { journald: 'off', kmsg: 'off' },
        metrics: { extraCollectors: ['interrupts', 'tcpstat'] },
      },
    });
    const agent = rig.program({
      args: ['agent', '--config', config, '--data-dir', rig.path('agent')],
      env: {
        KUBERNETES_SERVICE_HOST: '10.96.0.1',
        KUBERNETES_SERVICE_PORT: '443',
        HOST_IP: nodeIp,
        NODE_NAME: 'node-1',
      },
      mounts: [{ source: rig.path('run'), target: '/run' }],
    });
    agent.start();
  }

  /** Starts what is installed. @returns how to scrape it */
  async #companions(): Promise<readonly object[]> {
    const scrapes: object[] = [];
    const exporterPort = await freePort();
    if (this.#run('prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${exporterPort}`])) {
      scrapes.push(scrape('node-exporter', exporterPort));
    }
    scrapes.push(...(await this.#nginx()), ...(await this.#prometheus(exporterPort)));
    return scrapes;
  }

  async #nginx(): Promise<readonly object[]> {
    const [port, exporterPort] = [await freePort(), await freePort()];
    const folder = this.#rig.path('nginx');
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
http { access_log off; server { listen 127.0.0.1:${port}; location / { stub_status; } } }`,
    );
    const exporter = [
      `-nginx.scrape-uri=http://127.0.0.1:${port}/`,
      `-web.listen-address=127.0.0.1:${exporterPort}`,
    ];
    const runs =
      this.#run('nginx', ['-c', file]) && this.#run('prometheus-nginx-exporter', exporter);
    return runs ? [scrape('nginx', exporterPort)] : [];
  }

  async #prometheus(exporterPort: number): Promise<readonly object[]> {
    const [port, managerPort] = [await freePort(), await freePort()];
    const folder = this.#rig.path('prometheus');
    const config = (name: string, content: object): string => {
      const path = join(folder, name);
      writeFileSync(path, JSON.stringify(content));
      return path;
    };
    const watchdog = { alert: 'Watchdog', expr: 'vector(1)', labels: { severity: 'none' } };
    const prometheus = config('prometheus.yml', {
      global: { scrape_interval: '15s', external_labels: { cluster: 'edge' } },
      rule_files: [config('rules.yml', { groups: [{ name: 'always', rules: [watchdog] }] })],
      scrape_configs: [scrape('prometheus', port)],
      alerting: {
        alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${managerPort}`] }] }],
      },
      remote_write: [{ url: `${this.url}/api/v1/write` }],
    });
    const manager = config('alertmanager.yml', {
      route: { receiver: 'page', group_interval: '15s', repeat_interval: '1m' },
      receivers: [
        { name: 'page', webhook_configs: [{ url: `http://127.0.0.1:${exporterPort}/` }] },
      ],
    });
    const scrapes: object[] = [];
    const prometheusArgs = [
      `--config.file=${prometheus}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    if (this.#run('prometheus', prometheusArgs)) {
      const labels = { ...monitoring, pod: 'prometheus-k8s-0', service: 'prometheus-k8s' };
      scrapes.push(scrape('prometheus-k8s', port, labels));
    }
    const managerArgs = [
      `--config.file=${manager}`,
      `--storage.path=${join(folder, 'alerts')}`,
      `--web.listen-address=127.0.0.1:${managerPort}`,
      '--cluster.listen-address=',
    ];
    if (this.#run('prometheus-alertmanager', managerArgs)) {
      const labels = { ...monitoring, pod: 'alertmanager-main-0', service: 'alertmanager-main' };
      scrapes.push(scrape('alertmanager-main', managerPort, labels));
    }
    return scrapes;
  }

  #run(name: string, args: readonly string[]): boolean {
    const path = findProgram(name) ?? findProgram(join('..', 'sbin', name));
    if (path === undefined) {
      this.missing.push(name);
      return false;
    }
    this.#children.push(spawn(path, args, { stdio: 'ignore' }));
    return true;
  }
}

const scrape = (
  name: string,
  port: number,
  labels: Readonly<Record<string, string>> = {},
  more: object = {},
): object => ({
  job_name: name,
  ...more,
  static_configs: [{ targets: [`127.0.0.1:${port}`], labels }],
});
