import { type Cluster, podOf } from './cluster.ts';

/** Namespaces of the tests' pods. */
export const spaces = { app: 'nunchi-app', other: 'nunchi-other' } as const;

const plainLines = 300;
const jsonLines = 60;
const errorLines = 40;
const longBytes = 40_000;

const javaTrace = [
  'java.lang.IllegalStateException: order 7 has no items',
  '\tat shop.Order.check(Order.java:41)',
  '\tat shop.Main.main(Main.java:9)',
  'Caused by: java.lang.NullPointerException',
  '\t... 2 more',
];
const goTrace = [
  'panic: runtime error: index out of range [3] with length 3',
  '',
  'goroutine 1 [running]:',
  'main.main()',
  '\t/src/main.go:12 +0x1d',
];

/** Writes all kinds of lines, ends with an error, is restarted and does it again. */
const writerShell = `
run=$(cat /data/run 2>/dev/null || echo 1)
for i in $(seq 1 ${plainLines}); do echo "plain $i run=$run"; done
for i in $(seq 1 ${jsonLines}); do echo "{\\"seq\\":$i,\\"run\\":$run,\\"level\\":\\"info\\"}"; done
for i in $(seq 1 ${errorLines}); do echo "error $i run=$run" >&2; done
printf 'long run=%s ' $run; head -c ${longBytes} /dev/zero | tr '\\0' x; echo
cat <<'END'
${[...javaTrace, ...goTrace].join('\n')}
END
echo "done run=$run"
if [ $run = 1 ]; then echo 2 >/data/run; sleep 1; exit 1; fi
sleep 2147483647
`;

/** `stream text` of every line of the writer, sorted; empty lines are lines. */
export function writtenLines(): string[] {
  const lines: string[] = [];
  for (const run of [1, 2]) {
    for (let i = 1; i <= plainLines; i++) lines.push(`stdout plain ${i} run=${run}`);
    for (let i = 1; i <= jsonLines; i++)
      lines.push(`stdout {"seq":${i},"run":${run},"level":"info"}`);
    for (let i = 1; i <= errorLines; i++) lines.push(`stderr error ${i} run=${run}`);
    lines.push(`stdout long run=${run} ${'x'.repeat(longBytes)}`);
    for (const line of [...javaTrace, ...goTrace]) lines.push(`stdout ${line}`);
    lines.push(`stdout done run=${run}`);
  }
  return lines.sort();
}

export const jsonLinesWritten: number = 2 * jsonLines;

const rest = 'sleep 2147483647';
export const otherLines = 25;
export const proxyLines = 5;

/** Where pods are of which more than their name is to be found. */
export const writer = { name: 'writer-7d4b9c', labels: { app: 'writer', 'shop.io/tier': 'back' } };

/** A pod that writes before any agent runs. */
export async function startOther(cluster: Cluster): Promise<void> {
  await cluster.apply(
    ...Object.values(spaces).map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })),
  );
  await cluster.apply(
    podOf({
      name: 'early',
      namespace: spaces.other,
      labels: { app: 'other' },
      shell: `for i in $(seq 1 ${otherLines}); do echo "other $i"; done; ${rest}`,
    }),
  );
}

export async function startPods(cluster: Cluster): Promise<void> {
  await cluster.apply(
    podOf({ ...writer, namespace: spaces.app, shell: writerShell }),
    podOf({
      name: 'kube-proxy-x2x',
      namespace: 'kube-system',
      container: 'kube-proxy',
      labels: { 'k8s-app': 'kube-proxy' },
      shell: `for i in $(seq 1 ${proxyLines}); do echo "proxy $i"; done; ${rest}`,
    }),
    podOf({
      name: 'parsed',
      namespace: spaces.other,
      labels: { app: 'parsed' },
      annotations: { 'fluentbit.io/parser': 'syslog' },
      shell: `echo 'Nov 24 01:02:03 web-1 sshd[12]: session opened'; echo 'nothing of it'; ${rest}`,
    }),
    podOf({
      name: 'quiet',
      namespace: spaces.other,
      labels: { app: 'quiet' },
      annotations: { 'fluentbit.io/exclude': 'true' },
      shell: `echo 'not for your eyes'; ${rest}`,
    }),
  );
  cluster.addStaticPod(
    podOf({
      name: 'of-the-node',
      namespace: 'default',
      labels: { app: 'static' },
      shell: `echo 'from a static pod'; ${rest}`,
    }),
  );
}

/** What an agent needs to be allowed, as Container Insights allows it. @returns token and CA */
export async function makeAccount(
  cluster: Cluster,
): Promise<{ readonly token: string; readonly ca: string }> {
  const name = 'nunchi-agent';
  const subject = { kind: 'ServiceAccount', name, namespace: spaces.app };
  await cluster.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: spaces.app } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        {
          apiGroups: [''],
          resources: ['namespaces', 'pods', 'nodes', 'nodes/proxy'],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      subjects: [subject],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    },
  );
  return await cluster.tokenOf(name, spaces.app);
}

export async function removePods(cluster: Cluster): Promise<void> {
  await cluster.kubectl('delete', 'namespace', ...Object.values(spaces), '--wait=false');
  const fast = ['--wait=false', '--grace-period=0', '--force'];
  await cluster.kubectl('delete', 'pod', '-n', 'kube-system', 'kube-proxy-x2x', ...fast);
  await cluster.kubectl('delete', 'clusterrole,clusterrolebinding', 'nunchi-agent');
}
