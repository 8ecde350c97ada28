import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsRegistry, systemClock } from '#base';
import { type AuditRecord, Chat, readBotkubeConfig } from '#chat';
import type { Cluster } from '#kubernetes/cluster';
import { openStateStore } from '#state';
import type { FakeApi } from '../../src/kubernetes/client/testing/fake-api.ts';
import { openApi, openCluster, paths } from '../kubernetes-api.ts';
import type { Room } from './chat-rooms.ts';

/** One pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
/** Longer than any chat takes in one message. */
export const longOutput: string = `${'a line of the cluster\n'.repeat(3000)}the end`;

/** Stands for kubectl: a cluster with two namespaces and more pods than a list has room for. */
const kubectl = `#!/bin/sh
case "$*" in
  *api-resources*)
    echo 'configmaps cm v1 true ConfigMap'
    echo 'nodes no v1 false Node'
    echo 'pods po v1 true Pod'
    echo 'deployments deploy apps/v1 true Deployment' ;;
  *namespaces*) printf 'namespace/default\\nnamespace/shop\\n' ;;
  *pods*output=name*) i=100; while [ $i -lt 230 ]; do echo "pod/web-$i"; i=$((i+1)); done ;;
  *configmaps*output=name*) echo 'Error from server (Forbidden): configmaps is forbidden' >&2; exit 1 ;;
  *output=yaml*) i=0; while [ $i -lt 500 ]; do echo "line $i"; i=$((i+1)); done ;;
  *) echo "ran $*" ;;
esac
`;

/** The whole bot in a room, over a cluster of its own; what it keeps outlives a restart. */
export class ChatInRoom implements AsyncDisposable {
  readonly audited: AuditRecord[] = [];
  readonly #room: Room;
  readonly #api: FakeApi;
  readonly #cluster: Cluster;
  readonly #folder: string;
  #chat: AsyncDisposableStack | undefined;
  #events = 0;

  private constructor(room: Room, api: FakeApi, folder: string) {
    this.#room = room;
    this.#api = api;
    this.#cluster = openCluster(api).start();
    this.#folder = folder;
  }

  static async open(room: Room): Promise<ChatInRoom> {
    const folder = await mkdtemp(join(tmpdir(), 'nunchi-chat-room-'));
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'kubectl'), kubectl);
    await chmod(join(bin, 'kubectl'), 0o755);
    return new ChatInRoom(room, await openApi(), folder);
  }

  async start(): Promise<void> {
    const stack = new AsyncDisposableStack();
    const state = await openStateStore({ dataDir: this.#folder });
    stack.defer(() => state[Symbol.asyncDispose]());
    const values = {
      settings: { clusterName: 'c1' },
      communications: { 'default-group': this.#room.values },
      executors: { 'k8s-default-tools': { 'botkube/kubectl': { enabled: true } } },
    };
    const config = readBotkubeConfig([{ file: 'values.yaml', text: JSON.stringify(values) }]);
    if (config.problems.length > 0) throw new Error(config.problems.join('\n'));
    const own = (answer: (text: string) => object) => ({
      help: '',
      run: async (words: readonly string[]) => answer(words.join(' ')),
    });
    const chat = await Chat.open(config, {
      cluster: this.#cluster,
      state,
      clock: systemClock,
      log: this.#room.log,
      metrics: new MetricsRegistry(),
      access: {
        kubeconfig: undefined,
        context: undefined,
        env: { PATH: `${join(this.#folder, 'bin')}:${process.env['PATH']}` },
      },
      version: '0.0.0',
      own: {
        say: own((text) => ({ output: `answer to ${text}` })),
        long: own(() => ({ output: longOutput })),
        picture: own(() => ({ output: 'a chart', picture: { name: 'chart.png', png } })),
      },
      audit: async (record) => void this.audited.push(record),
      mask: (text) => text,
      mayDo: async () => true,
    });
    stack.use(chat);
    chat.start();
    this.#chat = stack;
  }

  async stop(): Promise<void> {
    await this.#chat?.disposeAsync();
    this.#chat = undefined;
  }

  /** Something goes wrong in the cluster. */
  happen(pod: string, message: string): void {
    const now = new Date().toISOString();
    this.#api.put(paths.events, {
      metadata: { name: `${pod}.${++this.#events}`, namespace: 'default', creationTimestamp: now },
      involvedObject: { kind: 'Pod', namespace: 'default', name: pod, apiVersion: 'v1' },
      type: 'Warning',
      reason: 'BackOff',
      message,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#cluster[Symbol.asyncDispose]();
    await this.#api[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
