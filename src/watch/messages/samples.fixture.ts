import type { Incident, Severity, Subject, Trouble } from '../contract.ts';
import type { Evidence } from '../evidence.ts';
import type { IncidentMessage, WatchMessage } from './contract.ts';

const startMs = Date.parse('2026-03-31T05:10:11Z');
const url = 'https://nunchi.example.com';

interface Sample {
  readonly subject: Subject;
  readonly owner?: Subject;
  readonly trouble: Partial<Trouble> & { readonly reason: string; readonly message: string };
  readonly severity?: Severity;
  readonly reasons?: readonly string[];
  readonly peak?: number;
  readonly evidence?: Partial<Evidence>;
  readonly more?: Partial<IncidentMessage>;
}

const pod = (name: string): Subject => ({ kind: 'Pod', namespace: 'shop', name });
const deployment = (name: string): Subject => ({ kind: 'Deployment', namespace: 'shop', name });

function incidentMessage(sample: Sample): IncidentMessage {
  const { subject, owner = subject, trouble, severity = 'high', peak = 1, evidence = {} } = sample;
  const cause: Trouble = {
    severity,
    subject,
    owner,
    node: subject.kind === 'Pod' ? 'ip-192-168-1-23.ap-northeast-2.compute.internal' : undefined,
    sinceMs: startMs,
    ...trouble,
  };
  const incident: Incident = {
    id: '0123456789abcdef',
    owner,
    state: 'open',
    severity,
    cause,
    reasons: sample.reasons ?? [cause.reason],
    members: [{ subject, troubles: [cause] }],
    peak,
    startMs,
    updatedMs: startMs,
    told: 1,
  };
  return {
    kind: 'incident',
    change: 'created',
    incident,
    evidence: { events: [], log: '', changes: [], ...evidence },
    clusterName: 'myeks',
    links: [
      { text: 'Incident', url: `${url}/incidents/${incident.id}` },
      ...(subject.kind === 'Pod'
        ? [{ text: 'Pod', url: `${url}/kubernetes/pod?namespace=shop&pod=${subject.name}` }]
        : []),
    ],
    nowMs: startMs + 2000,
    ...sample.more,
  };
}

const event = (text: string, seconds = 0): string =>
  `[${new Date(startMs - seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC] ${text}`;

const oom: Sample = {
  subject: pod('api-7d9c5b8f6d-x2x9k'),
  owner: deployment('api'),
  trouble: {
    reason: 'OOMKilled',
    message: '',
    container: 'api',
    exitCode: 137,
    restarts: 3,
    image: 'shop/api:1.42.0',
  },
  evidence: {
    changes: [
      '4 min before: Deployment shop/api: image of api 1.41.2 -> 1.42.0',
      '4 min before: Deployment shop/api: memory limit of api 512Mi -> 256Mi',
    ],
    events: [
      event('Pulled Container image "shop/api:1.42.0" already present on machine', 40),
      event('BackOff Back-off restarting failed container (3 times)', 2),
    ],
    log: [
      '2026-03-31T05:10:02.113Z INFO  server listening on :8080',
      '2026-03-31T05:10:07.542Z INFO  GET /orders?limit=100000 200 1204ms',
      '2026-03-31T05:10:10.902Z WARN  heap 248 MiB of 256 MiB <alloc & retry>',
    ].join('\n'),
    container: { isInit: false, memoryLimit: '256Mi', probes: {} },
  },
};

const samples: readonly (readonly [name: string, sample: Sample])[] = [
  ['out of memory', oom],
  [
    'out of memory, with a chart',
    {
      ...oom,
      more: {
        picture: {
          id: 'x',
          url: `${url}/nunchi/pictures/x.png`,
          altText: 'Memory of api: 254 MiB of 256 MiB',
        },
        runbook: 'https://wiki.example.com/oom',
      },
    },
  ],
  [
    'image pull',
    {
      subject: pod('nginx-19'),
      severity: 'medium',
      trouble: {
        reason: 'ErrImagePull',
        container: 'nginx-pod',
        image: 'nginx:1.19.19',
        message:
          'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.19.19": failed to resolve reference "docker.io/library/nginx:1.19.19": docker.io/library/nginx:1.19.19: not found',
      },
      evidence: {
        events: [
          event('Scheduled Successfully assigned shop/nginx-19 to ip-192-168-1-23', 4),
          event('Pulling Pulling image "nginx:1.19.19"', 3),
          event(
            'Failed Failed to pull image "nginx:1.19.19": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.19.19": failed to resolve reference "docker.io/library/nginx:1.19.19": docker.io/library/nginx:1.19.19: not found',
          ),
          event('Failed Error: ErrImagePull'),
        ],
      },
    },
  ],
  [
    'crash',
    {
      subject: pod('worker-5f4d-abcde'),
      owner: deployment('worker'),
      peak: 12,
      severity: 'high',
      trouble: {
        reason: 'Error',
        message: '',
        container: 'worker',
        exitCode: 1,
        restarts: 2,
        image: 'shop/worker:9',
      },
      evidence: {
        events: [event('BackOff Back-off restarting failed container')],
        log: Array.from(
          { length: 400 },
          (_, at) =>
            `2026-03-31T05:10:${String(at % 60).padStart(2, '0')}Z ERROR retry ${at}: connect ECONNREFUSED 10.0.0.5:5432`,
        ).join('\n'),
      },
    },
  ],
  [
    'config error',
    {
      subject: pod('web-6d-1'),
      owner: deployment('web'),
      trouble: {
        reason: 'CreateContainerConfigError',
        container: 'web',
        image: 'shop/web:3',
        message: "couldn't find key password in Secret shop/db",
      },
      evidence: {
        events: [event("Failed Error: couldn't find key password in Secret shop/db (8 times)")],
      },
    },
  ],
  [
    'not ready',
    {
      subject: pod('db-0'),
      owner: { kind: 'StatefulSet', namespace: 'shop', name: 'db' },
      trouble: {
        reason: 'NotReady',
        container: 'db',
        message: 'containers with unready status: [db]',
        image: 'postgres:16',
      },
      evidence: {
        events: [
          event(
            'Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503 (31 times)',
          ),
        ],
        log: 'LOG:  database system is starting up\nFATAL:  the database system is starting up',
        container: { isInit: false, probes: { readiness: 'GET :8008/readiness' } },
      },
    },
  ],
  [
    'unschedulable',
    {
      subject: pod('train-1'),
      severity: 'medium',
      trouble: {
        reason: 'Unschedulable',
        node: undefined,
        message:
          '0/5 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 4 Insufficient nvidia.com/gpu. preemption: 0/5 nodes are available: 1 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.',
      },
    },
  ],
  [
    'node lost',
    {
      subject: { kind: 'Node', namespace: '', name: 'ip-192-168-1-23' },
      severity: 'critical',
      trouble: {
        reason: 'NodeNotReady',
        node: 'ip-192-168-1-23',
        message: 'NodeStatusUnknown: Kubelet stopped posting node status.',
      },
      evidence: {
        events: [event('NodeNotReady Node ip-192-168-1-23 status is now: NodeNotReady')],
      },
    },
  ],
  [
    'rollout stuck',
    {
      subject: deployment('web'),
      trouble: {
        reason: 'ProgressDeadlineExceeded',
        message: 'ReplicaSet "web-6d5" has timed out progressing.',
      },
      evidence: { changes: ['10 min before: Deployment shop/web: image of web 2 -> 3'] },
    },
  ],
  [
    'full volume',
    {
      subject: { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data-db-0' },
      severity: 'high',
      trouble: {
        reason: 'VolumeUsageHigh',
        message:
          'Volume Usage for data-db-0 (pvc-1f0) attached to pod db-0 in namespace shop is 83.20% (higher than 70%)',
      },
    },
  ],
  [
    'certificate',
    {
      subject: { kind: 'Secret', namespace: 'shop', name: 'shop-tls' },
      severity: 'medium',
      trouble: {
        reason: 'TLSCertExpiringSoon',
        message: 'CN=shop.example.com ends in 12 days, at 2026-04-12T05:10:11Z',
      },
    },
  ],
  [
    'job failed',
    {
      subject: { kind: 'Job', namespace: 'shop', name: 'report-28571' },
      owner: { kind: 'CronJob', namespace: 'shop', name: 'report' },
      severity: 'medium',
      trouble: {
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit',
      },
      evidence: { log: 'panic: no rows in result set\n\ngoroutine 1 [running]:\nmain.main()' },
    },
  ],
  [
    'autoscaler at its limit',
    {
      subject: { kind: 'HorizontalPodAutoscaler', namespace: 'shop', name: 'web' },
      severity: 'medium',
      trouble: {
        reason: 'HPAMaxedOut',
        message: 'the desired replica count is more than the maximum replica count',
      },
    },
  ],
];

/** One message of every kind that the watch sends. */
export const sampleMessages: readonly (readonly [name: string, message: WatchMessage])[] = [
  ...samples.map(([name, sample]) => [name, incidentMessage(sample)] as const),
  [
    'update',
    incidentMessage({
      ...oom,
      severity: 'critical',
      peak: 12,
      reasons: ['OOMKilled', 'Error'],
      more: { change: 'updated' },
    }),
  ],
  ['resolved', resolved(incidentMessage(oom))],
  [
    'digest',
    {
      kind: 'text',
      text: [
        ':information_source: myeks: 3 incidents that began in a short time',
        '• Deployment shop/web: Error (12 affected)',
        '• Deployment shop/api: OOMKilled, Error',
        '• Job shop/report: BackoffLimitExceeded',
        `${url}/incidents`,
      ].join('\n'),
    },
  ],
  [
    'baseline',
    {
      kind: 'text',
      text: [
        ':information_source: myeks: 1 incident from before the watch began',
        '• Deployment shop/web: ImagePullBackOff',
      ].join('\n'),
    },
  ],
  ['startup', { kind: 'text', text: ':tada: kwatch@nunchi-0.1.0 just started!' }],
];

function resolved(message: IncidentMessage): IncidentMessage {
  const resolvedMs = startMs + 200_000;
  return {
    ...message,
    change: 'resolved',
    incident: { ...message.incident, state: 'resolved', resolvedMs },
    evidence: { events: [], log: '', changes: [] },
    nowMs: resolvedMs,
  };
}
