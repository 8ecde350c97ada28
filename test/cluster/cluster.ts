import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that starts and stops a real cluster: `up --node`, `down`, `env`. */
const script = process.env['NUNCHI_TEST_CLUSTER'] ?? '';

/** A minute on an idle machine. */
const upTimeoutMs = 180_000;
const hostsFile = '/etc/hosts';

const reviveMs = 1000;
/** Until then the API server has been started again and has taken what it was given. */
const maxTries = 10;

/** For the `skip` of a suite: false, or why there is no cluster. */
export function withoutCluster(): string | false {
  if (script === '') return 'NUNCHI_TEST_CLUSTER names no program that starts a cluster';
  return existsSync(script) ? false : `NUNCHI_TEST_CLUSTER: ${script} does not exist`;
}

/** Pods are given by this much: a spec and what stands around it. */
export interface PodOptions {
  readonly name: string;
  readonly namespace: string;
  readonly container?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** For `sh -c`; `/data` outlives a restart of the container. */
  readonly shell: string;
}

/** An object for the API server; what tests look at is typed. */
export interface Pod {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly [key: string]: unknown;
}

const image = 'localhost/busybox:1';

/** A pod with one container; the image is on the node from the start. */
export function podOf({ name, namespace, container, labels, annotations, shell }: PodOptions): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, annotations },
    spec: {
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [
        {
          name: container ?? 'main',
          image,
          imagePullPolicy: 'Never',
          command: ['sh', '-c', shell],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
    },
  };
}

/** A running cluster of one node. One that ran before is used and left running. */
export class Cluster implements AsyncDisposable {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #isOurs: boolean;
  /** The node's name is put there. */
  readonly #hosts: string = readFileSync(hostsFile, 'utf8');
  readonly #staticPods: string[] = [];
  #apiServer: readonly string[] = [];
  #reviving: NodeJS.Timeout | undefined;

  private constructor(folder: string, env: NodeJS.ProcessEnv, isOurs: boolean) {
    this.folder = folder;
    this.#env = env;
    this.#isOurs = isOurs;
  }

  static async up(): Promise<Cluster> {
    const exports = await run(script, ['env']);
    const env = { ...process.env };
    for (const [, key, value] of exports.matchAll(/(\w+)=(\S+)/g)) env[key!] = value;
    const folder = env['CLUSTER_DIR']!;
    env['PATH'] = `${join(folder, 'bin')}:${env['PATH']}`;
    const isOurs = !existsSync(join(folder, 'kube-apiserver.pid'));
    const cluster = new Cluster(folder, env, isOurs);
    try {
      await run(script, ['up', '--node']);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    cluster.#watchApiServer();
    return cluster;
  }

  /** Kills the API server. @returns how to start it anew with the same arguments */
  stopApiServer(): () => void {
    clearInterval(this.#reviving);
    process.kill(this.#apiServerPid(), 'SIGKILL');
    return () => {
      this.#startApiServer();
      this.#watchApiServer();
    };
  }

  kubectl(...args: string[]): Promise<string> {
    return run('kubectl', args, this.#env);
  }

  /** Any program, with the cluster's environment. @throws what it wrote to stderr */
  run(program: string, args: readonly string[]): Promise<string> {
    return run(program, args, this.#env);
  }

  /** Adds programs with their libraries to a folder, makes an image of it, and brings it to the node. */
  async importImage(name: string, folder: string, programs: readonly string[]): Promise<void> {
    await run(script, ['rootfs', folder, ...programs], this.#env);
    await run(script, ['image', name, folder, '/bin/sh'], this.#env);
  }

  async apply(...objects: readonly unknown[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    for (let tries = 1; ; tries++) {
      try {
        await run('kubectl', ['apply', '-f', '-'], this.#env, list);
        return;
      } catch (error) {
        if (tries === maxTries || !(isCutOff(error) || isEarly(error))) throw error;
        await sleep(reviveMs * tries);
      }
    }
  }

  async get<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl('get', '-o', 'json', ...args)) as T;
  }

  /** A pod that the kubelet runs from a file, without the API server. */
  addStaticPod(pod: Pod): void {
    const path = join(this.folder, 'static', `${pod.metadata.name}.json`);
    this.#staticPods.push(path);
    writeFileSync(path, JSON.stringify(pod));
  }

  /** Token and authority of a service account, as a pod has them. */
  async tokenOf(
    name: string,
    namespace: string,
  ): Promise<{ readonly token: string; readonly ca: string }> {
    const secretName = `${name}-test-token`;
    await this.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: {
        name: secretName,
        namespace: namespace,
        annotations: { 'kubernetes.io/service-account.name': name },
      },
    });
    for (let tries = 0; ; tries++) {
      const secret = await this.get<{ data?: Record<string, string> }>(
        ...['secret', secretName, '-n', namespace],
      );
      const [token, ca] = [secret.data?.['token'], secret.data?.['ca.crt']];
      const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
      if (token !== undefined && ca !== undefined) return { token: decode(token), ca: decode(ca) };
      if (tries > 100) throw new Error('The service account got no token');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#reviving);
    for (const path of this.#staticPods) rmSync(path, { force: true });
    if (!this.#isOurs) return;
    await run(script, ['down']);
    if (readFileSync(hostsFile, 'utf8') !== this.#hosts) writeFileSync(hostsFile, this.#hosts);
  }

  get #pidFile(): string {
    return join(this.folder, 'kube-apiserver.pid');
  }

  #apiServerPid(): number {
    return Number(readFileSync(this.#pidFile, 'utf8').trim());
  }

  /**
   * An API server of 1.20 that was built with a newer Go may die of a custom resource that is created:
   * its JSON library walks maps in a way that Go gave up. It is started again as a supervisor would.
   */
  #watchApiServer(): void {
    const pid = this.#apiServerPid();
    this.#apiServer = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    this.#reviving = setInterval(() => {
      if (existsSync(this.#pidFile) && !isAlive(this.#apiServerPid())) this.#startApiServer();
    }, reviveMs).unref();
  }

  #startApiServer(): void {
    const [program = '', ...args] = this.#apiServer;
    const child = spawn(program, args, { detached: true, stdio: 'ignore' });
    child.unref();
    writeFileSync(this.#pidFile, `${child.pid}\n`);
  }
}

const isCutOff = (error: unknown): boolean =>
  /refused|reset|EOF|INTERNAL_ERROR|timeout|unable to connect/i.test(String(error));

/** A namespace is there before the account that its pods run with. */
const isEarly = (error: unknown): boolean => /serviceaccount "\w+" not found/.test(String(error));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // What has ended and was not waited for still has its number.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** @throws what the program wrote to stderr */
function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  input?: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, maxBuffer: 64 * 1024 * 1024, timeout: upTimeoutMs };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr}`, { cause: error }));
    });
    // A program that fails before it reads has its own words for why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}
