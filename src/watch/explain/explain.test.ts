import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Trouble } from '../contract.ts';
import { explainExit } from './exit.ts';
import { probeOf, probeWords } from './probe.ts';
import { explainPull } from './pull.ts';
import { explainUnschedulable } from './schedule.ts';
import { type ContainerFacts, explainTrouble } from './trouble.ts';

const subject = { kind: 'Pod', namespace: 'shop', name: 'web-1' };
const trouble = (reason: string, message = '', more: Partial<Trouble> = {}): Trouble => ({
  reason,
  severity: 'high',
  subject,
  owner: subject,
  container: 'main',
  message,
  sinceMs: 0,
  ...more,
});
const container: ContainerFacts = { isInit: false, probes: {} };

describe('exit codes', () => {
  it('every one has words, and each signal its name', () => {
    for (let code = 1; code <= 255; code++) {
      const words = explainExit(code, undefined).en;
      assert.match(words, new RegExp(`^exit code ${code}(: |, killed by )`));
    }
    for (let number = 1; number <= 31; number++) {
      assert.match(explainExit(128 + number, undefined).en, /killed by SIG[A-Z0-9]+/);
      assert.deepEqual(explainExit(128 + number, undefined), explainExit(128 + number, number));
    }
  });

  const cases: readonly (readonly [code: number, words: RegExp])[] = [
    [1, /an error of its own/],
    [2, /panic of a Go program/],
    [101, /panic of a Rust/],
    [126, /cannot be executed/],
    [127, /not in the image/],
    [134, /SIGABRT: it gave up/],
    [137, /SIGKILL: by the kernel for want of memory, after a failed liveness probe, or/],
    [139, /SIGSEGV: it touched memory/],
    [143, /SIGTERM: asked to stop/],
    [159, /SIGSYS: .*seccomp/],
    [170, /signal 42/],
    [3, /of the program itself/],
    [255, /-1/],
  ];
  for (const [code, words] of cases) {
    it(`${code} is ${words}`, () => assert.match(explainExit(code, undefined).en, words));
  }
});

/** Texts of events as runtimes and registries wrote them, Kubernetes 1.20 to 1.34. */
const pulls: readonly (readonly [text: string, words: RegExp | undefined])[] = [
  [
    'Failed to pull image "nginx:1.19.19": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.19.19": failed to resolve reference "docker.io/library/nginx:1.19.19": docker.io/library/nginx:1.19.19: not found',
    /no such image or tag/,
  ],
  [
    'Failed to pull image "nginx:401": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:401": failed to resolve reference "docker.io/library/nginx:401": docker.io/library/nginx:401: not found',
    /no such image or tag/,
  ],
  [
    'Failed to pull image "nginx:1.19.19": rpc error: code = Unknown desc = Error response from daemon: manifest for nginx:1.19.19 not found: manifest unknown: manifest unknown',
    /no such image or tag/,
  ],
  [
    'Failed to pull image "denied:1": rpc error: code = Unknown desc = reading manifest 1 in docker.io/library/x: manifest unknown',
    /no such image or tag/,
  ],
  [
    'Failed to pull image "shop/web:2": rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/shop/web:2": failed to resolve reference "docker.io/shop/web:2": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    /no such repository, or credentials/,
  ],
  [
    'Failed to pull image "shop/web:2": rpc error: code = Unknown desc = Error response from daemon: pull access denied for shop/web, repository does not exist or may require \'docker login\': denied: requested access to the resource is denied',
    /no such repository, or credentials/,
  ],
  [
    'Failed to pull image "ghcr.io/shop/web:2": failed to pull and unpack image "ghcr.io/shop/web:2": failed to resolve reference "ghcr.io/shop/web:2": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Ashop%2Fweb%3Apull&service=ghcr.io: 401 Unauthorized',
    /wants credentials/,
  ],
  [
    'Failed to pull image "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/web:1": rpc error: code = Unknown desc = Error response from daemon: Get https://123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/v2/web/manifests/1: no basic auth credentials',
    /wants credentials/,
  ],
  [
    'Failed to pull image "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/web:1": failed to resolve reference "…": pulling from host 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com failed with status code [manifests 1]: 403 Forbidden',
    /refuses these credentials/,
  ],
  [
    'Failed to pull image "redis": rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/redis:latest": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/redis/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
    /rate limit/,
  ],
  [
    'Failed to pull image "registry.internal/web:1": rpc error: code = Unknown desc = failed to pull and unpack image "registry.internal/web:1": failed to resolve reference "registry.internal/web:1": failed to do request: Head "https://registry.internal/v2/web/manifests/1": dial tcp: lookup registry.internal on 10.96.0.10:53: no such host',
    /the name registry\.internal cannot be resolved/,
  ],
  [
    'Failed to pull image "registry.internal/web:1": rpc error: code = Unknown desc = Error response from daemon: Get "https://registry.internal/v2/": dial tcp: lookup registry.internal on 10.0.0.2:53: read udp 10.1.1.1:3333->10.0.0.2:53: i/o timeout',
    /the name registry\.internal cannot be resolved/,
  ],
  [
    'Failed to pull image "localhost/busibox:1": rpc error: code = Unknown desc = failed to pull and unpack image "localhost/busibox:1": failed to resolve reference "localhost/busibox:1": failed to do request: Head "https://localhost/v2/busibox/manifests/1": dial tcp 127.0.0.1:443: connect: connection refused',
    /refuses the connection/,
  ],
  [
    'Failed to pull image "quay.io/shop/web:1": rpc error: code = Unknown desc = pinging container registry quay.io: Get "https://quay.io/v2/": dial tcp 54.1.1.1:443: i/o timeout',
    /does not answer/,
  ],
  [
    'Failed to pull image "k8s.gcr.io/pause:9": rpc error: code = Unknown desc = Error response from daemon: Get https://k8s.gcr.io/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    /does not answer/,
  ],
  [
    'Failed to pull image "harbor.shop/web:1": rpc error: code = Unknown desc = failed to do request: Head "https://harbor.shop/v2/web/manifests/1": x509: certificate signed by unknown authority',
    /certificate is not trusted/,
  ],
  [
    'Failed to pull image "harbor.shop:5000/web:1": rpc error: code = Unknown desc = Error response from daemon: Get https://harbor.shop:5000/v2/: http: server gave HTTP response to HTTPS client',
    /speaks HTTP/,
  ],
  [
    'Failed to pull image "shop/web:arm": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/shop/web:arm": no match for platform in manifest: not found',
    /processor of the node$/,
  ],
  [
    'Failed to pull image "shop/web:arm": rpc error: code = Unknown desc = no matching manifest for linux/arm64/v8 in the manifest list entries',
    /processor of the node \(linux\/arm64\/v8\)/,
  ],
  [
    'Failed to pull image "big:1": rpc error: code = Unknown desc = failed to register layer: write /usr/lib/x.so: no space left on device',
    /disk of the node is full/,
  ],
  [
    'Failed to apply default image tag "Nginx:UPPER": couldn\'t parse image reference "Nginx:UPPER": invalid reference format: repository name must be lowercase',
    /name is not valid/,
  ],
  [
    'Failed to apply default image tag "nginx::1": couldn\'t parse image name "nginx::1": invalid reference format',
    /name is not valid/,
  ],
  [
    'Container image "shop/web:1" is not present with pull policy of Never',
    /imagePullPolicy is Never/,
  ],
  ['Back-off pulling image "nginx:1.19.19"', undefined],
  ['Back-off pulling image "denied/unauthorized:not-found"', undefined],
  [
    'Back-off pulling image "nginx:1.19.19": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.19.19": failed to resolve reference "docker.io/library/nginx:1.19.19": docker.io/library/nginx:1.19.19: not found',
    /no such image or tag/,
  ],
];

describe('images that cannot be pulled', () => {
  for (const [text, words] of pulls) {
    it(text.slice(-90), () => {
      const explained = explainPull(text);
      if (words === undefined) assert.equal(explained, undefined);
      else assert.match(explained?.en ?? '', words);
    });
  }

  it('a back-off is explained by the events before it', () => {
    const words = explainTrouble(
      trouble('ImagePullBackOff', 'Back-off pulling image "nginx:1.19.19"', {
        image: 'nginx:1.19.19',
      }),
      { events: [`Failed ${pulls[0]![0]}`, 'BackOff Back-off pulling image "nginx:1.19.19"'] },
    );
    assert.equal(
      words,
      'the image nginx:1.19.19 cannot be pulled: the registry has no such image or tag',
    );
  });
});

const schedules: readonly (readonly [text: string, words: string])[] = [
  ['0/3 nodes are available: 3 Insufficient cpu.', 'of 3 nodes, 3 have too little CPU free'],
  [
    "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate.",
    'of 3 nodes, 2 have the taint node-role.kubernetes.io/master that it does not tolerate, 1 has too little memory free',
  ],
  [
    '0/5 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 4 Insufficient nvidia.com/gpu. preemption: 0/5 nodes are available: 1 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.',
    'of 5 nodes, 4 have too little nvidia.com/gpu free, 1 has the taint node-role.kubernetes.io/control-plane that it does not tolerate',
  ],
  [
    "0/1 nodes are available: 1 node(s) didn't match node selector.",
    'the only node has other labels than its nodeSelector or nodeAffinity wants',
  ],
  [
    "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    'of 2 nodes, 1 has other labels than its nodeSelector or nodeAffinity wants, 1 has been cordoned',
  ],
  [
    '0/4 nodes are available: 2 node(s) had untolerated taint {dedicated: gpu}, 2 node(s) had volume node affinity conflict. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.',
    'of 4 nodes, 2 have the taint dedicated=gpu that it does not tolerate, 2 have no way to its volume, which is in another zone or node',
  ],
  [
    '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    'of 3 nodes, 3 have no volume: a claim of the pod is not bound',
  ],
  [
    '0/3 nodes are available: 3 pod has unbound immediate PersistentVolumeClaims.',
    'of 3 nodes, 3 have no volume: a claim of the pod is not bound',
  ],
  [
    "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
    'of 3 nodes, 3 have a pod that its anti-affinity keeps away from',
  ],
  ['persistentvolumeclaim "data" not found', 'the claim data is not there'],
  ['no nodes available to schedule pods', 'the cluster has no nodes'],
  [
    '0/2 nodes are available: 2 something new in a later version.',
    'of 2 nodes, 2: something new in a later version',
  ],
];

describe('pods that no node takes', () => {
  for (const [text, words] of schedules) {
    it(text.slice(0, 90), () => assert.equal(explainUnschedulable(text)?.en, words));
  }
});

const probes: readonly (readonly [event: string, words: string])[] = [
  [
    'Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503',
    'its readiness probe fails (GET :8080/ready): it answers 503',
  ],
  [
    'Unhealthy Liveness probe failed: Get "http://10.244.0.5:8080/healthz": dial tcp 10.244.0.5:8080: connect: connection refused',
    'its liveness probe fails (GET http://10.244.0.5:8080/healthz): nothing listens there (connection refused)',
  ],
  [
    'Unhealthy Liveness probe failed: Get http://10.244.0.5:8080/healthz: net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
    'its liveness probe fails (GET http://10.244.0.5:8080/healthz): it does not answer in time',
  ],
  [
    'Unhealthy Startup probe failed: dial tcp 10.1.1.1:3306: i/o timeout',
    'its startup probe fails (TCP 10.1.1.1:3306): it does not answer in time',
  ],
  [
    "Unhealthy Readiness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n",
    "its readiness probe fails (GET :8080/ready): cat: can't open '/tmp/healthy': No such file or directory",
  ],
  [
    'Unhealthy Liveness probe failed: command "sh -c check" timed out',
    'its liveness probe fails: it does not answer in time',
  ],
  [
    'Unhealthy Readiness probe failed: ',
    'its readiness probe fails (GET :8080/ready): its command fails and says nothing',
  ],
  [
    'Unhealthy Liveness probe failed: service unhealthy (responded with "NOT_SERVING")',
    'its liveness probe fails: it answers NOT_SERVING',
  ],
  [
    'Unhealthy Readiness probe errored: rpc error: code = Unknown desc = failed to exec in container: exec: "curl": executable file not found in $PATH: unknown',
    "its readiness probe fails (GET :8080/ready): the probe's command is not in the image",
  ],
  [
    'Unhealthy Readiness probe errored and resulted in unknown state: rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    'its readiness probe fails (GET :8080/ready): it does not answer in time',
  ],
];

describe('probes that fail', () => {
  for (const [event, words] of probes) {
    it(event.slice(10, 100), () => {
      const probe = probeOf(event);
      assert.ok(probe !== undefined);
      assert.equal(probeWords(probe, { readiness: 'GET :8080/ready' }).en, words);
    });
  }

  it('other events are none', () =>
    assert.equal(probeOf('Killing Stopping container web'), undefined));
});

const sentences: readonly (readonly [what: string, Trouble, events: readonly string[], string])[] =
  [
    [
      'an OOM kill, with the limit',
      trouble('OOMKilled', '', { exitCode: 137, restarts: 3 }),
      [],
      'the container used more memory than its limit of 64 MiB, and the kernel killed it (exit code 137); restarted 3 times',
    ],
    [
      'a crash',
      trouble('Error', '', { exitCode: 1, restarts: 1 }),
      [],
      'the container ended with exit code 1: the program ended with an error of its own; restarted once',
    ],
    [
      'a kill after a liveness probe',
      trouble('Error', '', { exitCode: 137 }),
      [
        'Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500',
        'Killing Container main failed liveness probe, will be restarted',
      ],
      'the container ended with exit code 137, killed by SIGKILL: its liveness probe fails: it answers 500',
    ],
    [
      'a Secret that is not there',
      trouble('CreateContainerConfigError', 'secret "db" not found'),
      [],
      'the container cannot be configured: the Secret db is not there',
    ],
    [
      'a key that is not there',
      trouble('CreateContainerConfigError', "couldn't find key password in Secret shop/db"),
      [],
      'the container cannot be configured: the Secret shop/db has no key password',
    ],
    [
      'a ConfigMap key that is not there',
      trouble('CreateContainerConfigError', "couldn't find key app.yaml in ConfigMap shop/web"),
      [],
      'the container cannot be configured: the ConfigMap shop/web has no key app.yaml',
    ],
    [
      'root that is not allowed',
      trouble(
        'CreateContainerConfigError',
        'container has runAsNonRoot and image will run as root (pod: "web-1_shop(1)", container: main)',
      ),
      [],
      'the container cannot be configured: it must not run as root (runAsNonRoot), and its image would',
    ],
    [
      'a command that is not there, containerd',
      trouble(
        'StartError',
        'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown',
        { exitCode: 128 },
      ),
      [],
      'the container cannot be started: its command serve is not in the image',
    ],
    [
      'a command that is not there, Docker',
      trouble(
        'ContainerCannotRun',
        'OCI runtime create failed: container_linux.go:370: starting container process caused: exec: "/app/run.sh": permission denied: unknown',
        { exitCode: 126 },
      ),
      [],
      'the container cannot be started: its command /app/run.sh may not be executed: chmod +x it',
    ],
    [
      'a volume that is still elsewhere',
      trouble('PodPending', ''),
      [
        'Scheduled Successfully assigned shop/web-1 to n2',
        'FailedAttachVolume Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another',
      ],
      'the pod has not started for a long time: the volume pvc-1 is still attached to another node, and allows only one',
    ],
    [
      'a ConfigMap of a volume',
      trouble('PodPending', ''),
      [
        'FailedMount MountVolume.SetUp failed for volume "config" : configmap "web" not found',
        'FailedMount Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[config token]: timed out waiting for the condition',
      ],
      'the pod has not started for a long time: the ConfigMap web of the volume config is not there',
    ],
    [
      'an eviction',
      trouble(
        'Evicted',
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 81Mi. Container main was using 1200Mi, request is 0, has larger consumption of memory. ',
      ),
      [],
      'the node put the pod out: the node had too little memory',
    ],
    [
      'a node whose kubelet is silent',
      trouble('NodeNotReady', 'NodeStatusUnknown: Kubelet stopped posting node status.'),
      [],
      'the node is not ready, and pods on it may be moved: its kubelet has stopped answering: the machine is down, cut off, or out of memory',
    ],
    [
      'an autoscaler without requests',
      trouble(
        'HPAScalingError',
        'FailedGetResourceMetric: the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container web of Pod web-1',
      ),
      [],
      'the autoscaler cannot work: the container web has no request for cpu, of which the use would be a part',
    ],
    [
      'a full volume',
      trouble(
        'VolumeUsageHigh',
        'Volume Usage for data (pvc-1) attached to pod web-1 in namespace shop is 83.20% (higher than 70%)',
      ),
      [],
      'the volume is 83% full (warned of from 70% on), mounted by the pod web-1',
    ],
    [
      'a reason of later versions',
      trouble('NewFangled', 'it is odd'),
      [],
      'the cluster says NewFangled: it is odd',
    ],
  ];

describe('a trouble in one sentence', () => {
  for (const [what, one, events, words] of sentences) {
    it(what, () => {
      const known = { events, container: { ...container, memoryLimit: '64Mi' } };
      assert.equal(explainTrouble(one, known), words);
    });
  }

  it('an init container is called one', () => {
    assert.equal(
      explainTrouble(trouble('Error', '', { exitCode: 1, container: 'migrate' }), {
        events: [],
        container: { ...container, isInit: true },
      }),
      'the init container migrate ended with exit code 1: the program ended with an error of its own; the pod starts when it succeeds',
    );
  });
});
