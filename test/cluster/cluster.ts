import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program that starts and stops a real cluster: `up --node`, `down`, `env`. */
const script = process.env['NUNCHI_TEST_CLUSTER'] ?? '';

/** A minute on an idle machine. */
const upTimeoutMs = 180_000;
const hostsFile = '/etc/hosts';

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
    return cluster;
  }

  kubectl(...args: string[]): Promise<string> {
    return run('kubectl', args, this.#env);
  }

  async apply(...objects: readonly unknown[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await run('kubectl', ['apply', '-f', '-'], this.#env, list);
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#staticPods) rmSync(path, { force: true });
    if (!this.#isOurs) return;
    await run(script, ['down']);
    if (readFileSync(hostsFile, 'utf8') !== this.#hosts) writeFileSync(hostsFile, this.#hosts);
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
