import type { DemoCluster } from './cluster.ts';
import { klog, rfc3339Micros, rfc3339Seconds } from './formats.ts';
import type { Incident } from './incidents.ts';
import type { Random } from './random.ts';

/** Makes one event's text. */
export type EventMaker = (timeMs: number, incident: Incident | undefined) => string;

interface Caller {
  readonly userAgent: string;
  readonly username: string;
  readonly groups: string;
  readonly isRobot: boolean;
  /** verb, resource, namespace ("" for cluster scope), path after the namespace, API group */
  readonly calls: readonly (readonly [
    weight: number,
    call: readonly [verb: string, resource: string, namespace: string, group: string],
  ])[];
}

const version = 'v1.33.4';
const commit = 'kubernetes/8e0a4b9';

function callersOf(cluster: DemoCluster): readonly (readonly [number, Caller])[] {
  const systemGroups = '["system:authenticated"]';
  const caller = (
    userAgent: string,
    username: string,
    calls: Caller['calls'],
    groups = systemGroups,
  ): Caller => ({ userAgent, username, groups, calls, isRobot: false });
  return [
    [
      30,
      caller(
        `kubelet/${version} (linux/amd64) ${commit}`,
        `system:node:${cluster.nodes[0]}`,
        [
          [10, ['get', 'nodes', '', '']],
          [6, ['patch', 'nodes', '', '']],
          [10, ['update', 'leases', 'kube-node-lease', 'coordination.k8s.io']],
          [4, ['patch', 'pods', 'shop', '']],
          [3, ['watch', 'configmaps', 'shop', '']],
        ],
        '["system:nodes","system:authenticated"]',
      ),
    ],
    [
      22,
      caller(
        `kube-controller-manager/${version} (linux/amd64) ${commit}/leader-election`,
        'system:kube-controller-manager',
        [
          [10, ['update', 'leases', 'kube-system', 'coordination.k8s.io']],
          [5, ['get', 'leases', 'kube-system', 'coordination.k8s.io']],
          [3, ['create', 'pods', 'shop', '']],
          [2, ['delete', 'pods', 'shop', '']],
          [4, ['patch', 'deployments', 'shop', 'apps']],
        ],
      ),
    ],
    [
      16,
      caller(
        `kube-scheduler/${version} (linux/amd64) ${commit}/leader-election`,
        'system:kube-scheduler',
        [
          [10, ['update', 'leases', 'kube-system', 'coordination.k8s.io']],
          [2, ['create', 'events', 'shop', 'events.k8s.io']],
          [2, ['watch', 'pods', '', '']],
        ],
      ),
    ],
    [
      10,
      caller('coredns/1.12.2 (linux/amd64) go1.24.4', 'system:serviceaccount:kube-system:coredns', [
        [5, ['watch', 'endpointslices', '', 'discovery.k8s.io']],
        [2, ['list', 'services', '', '']],
      ]),
    ],
    [
      9,
      caller(
        'aws-node/v1.20.1 (linux/amd64) go1.24.4',
        'system:serviceaccount:kube-system:aws-node',
        [
          [5, ['get', 'nodes', '', '']],
          [3, ['list', 'pods', '', '']],
        ],
      ),
    ],
    [
      6,
      caller(
        'argocd-application-controller/v3.1.0',
        'system:serviceaccount:argocd:argocd-application-controller',
        [
          [5, ['list', 'deployments', 'shop', 'apps']],
          [4, ['watch', 'services', 'shop', '']],
          [1, ['patch', 'deployments', 'shop', 'apps']],
        ],
      ),
    ],
    [
      4,
      caller(
        `kubectl/${version} (darwin/arm64) ${commit}`,
        'kubernetes-admin',
        [
          [8, ['get', 'pods', 'shop', '']],
          [6, ['list', 'pods', 'shop', '']],
          [3, ['list', 'events', 'shop', '']],
          [2, ['get', 'deployments', 'shop', 'apps']],
          [1, ['delete', 'pods', 'shop', '']],
          [1, ['patch', 'configmaps', 'kube-system', '']],
        ],
        '["system:masters","system:authenticated"]',
      ),
    ],
    [
      3,
      caller(
        'metrics-server/v0.8.0 (linux/amd64)',
        'system:serviceaccount:kube-system:metrics-server',
        [
          [4, ['list', 'nodes', '', '']],
          [2, ['create', 'subjectaccessreviews', '', 'authorization.k8s.io']],
        ],
      ),
    ],
  ];
}

const robot: Caller = {
  userAgent: 'python-requests/2.32.3',
  username: 'system:serviceaccount:ci:deploy-bot',
  groups: '["system:serviceaccounts","system:authenticated"]',
  isRobot: true,
  calls: [
    [5, ['list', 'secrets', 'shop', '']],
    [3, ['delete', 'deployments', 'shop', 'apps']],
    [2, ['get', 'configmaps', 'kube-system', '']],
  ],
};

/** kube-apiserver-audit: one audit.k8s.io/v1 Event a line. */
export function auditMaker(cluster: DemoCluster, random: Random): EventMaker {
  const callers = callersOf(cluster);
  return (timeMs, incident) => {
    const isRobot = incident?.kind === 'forbidden-robot' && random.chance(0.4);
    const caller = isRobot ? robot : random.weighted(callers);
    const [verb, resource, namespace, group] = random.weighted(caller.calls);
    const code = isRobot ? 403 : codeOf(verb, random);
    const name =
      verb === 'list' || verb === 'watch' || verb === 'create'
        ? ''
        : resource === 'nodes'
          ? random.pick(cluster.nodes)
          : resource === 'pods'
            ? random.pick(cluster.pods).name
            : resource === 'configmaps'
              ? random.pick(['aws-auth', 'coredns', 'shop-settings'])
              : random.pick(['checkout', 'payment', 'inventory', 'search']);
    const base = group === '' ? '/api/v1' : `/apis/${group}/v1`;
    const path = `${base}${namespace === '' ? '' : `/namespaces/${namespace}`}/${resource}${name === '' ? '' : `/${name}`}`;
    const query =
      verb === 'list'
        ? '?limit=500&resourceVersion=0'
        : verb === 'watch'
          ? `?allowWatchBookmarks=true&resourceVersion=${random.int(1_000_000, 9_000_000)}&watch=true`
          : '';
    const tookMs =
      verb === 'watch'
        ? random.int(300_000, 540_000)
        : random.exponential(verb === 'list' ? 18 : 5);
    const status =
      code < 400
        ? `{"metadata":{},"code":${code}}`
        : `{"metadata":{},"status":"Failure","reason":"${reasons[code] ?? 'InternalError'}","code":${code}}`;
    const objectRef =
      `{"resource":"${resource}"` +
      (namespace === '' ? '' : `,"namespace":"${namespace}"`) +
      (name === '' ? '' : `,"name":"${name}"`) +
      (group === '' ? '' : `,"apiGroup":"${group}"`) +
      ',"apiVersion":"v1"}';
    const decision =
      code === 403
        ? '{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""}'
        : '{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}';
    const extra =
      caller.username === 'kubernetes-admin'
        ? `,"uid":"aws-iam-authenticator:${cluster.account}:AIDAEXAMPLE","extra":{"accessKeyId":["AKIAEXAMPLE"],"arn":["arn:aws:iam::${cluster.account}:user/dev"],"canonicalArn":["arn:aws:iam::${cluster.account}:user/dev"],"sessionName":[""]}`
        : '';
    return (
      `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"${random.uuid()}",` +
      `"stage":"ResponseComplete","requestURI":"${path}${query}","verb":"${verb}",` +
      `"user":{"username":"${caller.username}"${extra},"groups":${caller.groups}},` +
      `"sourceIPs":["${isRobot ? '203.0.113.7' : `10.0.${random.int(1, 3)}.${random.int(10, 240)}`}"],` +
      `"userAgent":"${caller.userAgent}","objectRef":${objectRef},"responseStatus":${status},` +
      `"requestReceivedTimestamp":"${rfc3339Micros(timeMs - tookMs)}","stageTimestamp":"${rfc3339Micros(timeMs)}",` +
      `"annotations":${decision}}`
    );
  };
}

const reasons: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalError',
};

function codeOf(verb: string, random: Random): number {
  if (verb === 'create') return random.chance(0.98) ? 201 : 409;
  if (verb === 'update' || verb === 'patch') return random.chance(0.985) ? 200 : 409;
  if (verb === 'get') return random.chance(0.96) ? 200 : 404;
  return random.chance(0.998) ? 200 : 500;
}

/** kube-apiserver: klog. */
export function apiServerMaker(random: Random): EventMaker {
  return (timeMs, incident) => {
    const thread = random.int(9, 11);
    if (incident?.kind === 'node-pressure' && random.chance(0.4)) {
      return klog(
        'E',
        timeMs,
        thread,
        'status.go:71',
        `"Unhandled Error" err="apiserver received an error that is not an metav1.Status: &fmt.wrapError{msg:\\"dial tcp 10.0.${random.int(1, 3)}.${random.int(10, 240)}:10250: i/o timeout\\"}: dial tcp: i/o timeout" logger="UnhandledError"`,
      );
    }
    return random.weighted<() => string>([
      [
        5,
        () =>
          klog(
            'I',
            timeMs,
            thread,
            'controller.go:667',
            `quota admission added evaluator for: ${random.pick(['endpointslices.discovery.k8s.io', 'deployments.apps', 'ingresses.networking.k8s.io'])}`,
          ),
      ],
      [
        6,
        () =>
          klog(
            'I',
            timeMs,
            thread,
            'trace.go:236',
            `Trace[${random.int(1e8, 2e9)}]: "List" accept:application/json, */*,audit-id:${random.uuid()},client:10.0.1.${random.int(10, 240)},api-group:,api-version:v1,resource:pods,scope:cluster,url:/api/v1/pods,user-agent:argocd-application-controller/v3.1.0,verb:LIST (total time: ${random.int(500, 1900)}ms):`,
          ),
      ],
      [
        3,
        () =>
          klog(
            'W',
            timeMs,
            thread,
            'reflector.go:341',
            'k8s.io/client-go/informers/factory.go:160: watch of *v1.ConfigMap ended with: an error on the server ("unable to decode an event from the watch stream") has prevented the request from succeeding',
          ),
      ],
      [
        4,
        () =>
          klog(
            'I',
            timeMs,
            thread,
            'cacher.go:1028',
            `cacher (leases.coordination.k8s.io): ${random.int(1, 4)} objects queued in incoming channel.`,
          ),
      ],
      [
        2,
        () =>
          klog(
            'I',
            timeMs,
            thread,
            'alloc.go:330',
            `"allocated clusterIPs" service="shop/${random.pick(['checkout', 'payment'])}" clusterIPs={"IPv4":"172.20.${random.int(0, 250)}.${random.int(1, 250)}"}`,
          ),
      ],
    ])();
  };
}

/** kube-controller-manager: klog. */
export function controllerManagerMaker(cluster: DemoCluster, random: Random): EventMaker {
  return (timeMs, incident) => {
    const thread = 9;
    const pod = random.pick(cluster.pods);
    const node = cluster.nodes[1]!;
    if (incident?.kind === 'node-pressure' && random.chance(0.5)) {
      return random.chance(0.5)
        ? klog(
            'I',
            timeMs,
            thread,
            'node_lifecycle_controller.go:1029',
            `"Controller detected that zone is now in new state" logger="node-lifecycle-controller" zone="${cluster.region}:\\x00:${cluster.region}b" newState="PartialDisruption"`,
          )
        : klog(
            'I',
            timeMs,
            thread,
            'event.go:389',
            `"Event occurred" object="${node}" fieldPath="" kind="Node" apiVersion="" type="Normal" reason="NodeNotReady" message="Node ${node} status is now: NodeNotReady"`,
          );
    }
    if (incident?.kind === 'traffic-burst' && random.chance(0.5)) {
      return klog(
        'I',
        timeMs,
        thread,
        'horizontal.go:896',
        `"Successfully rescaled" logger="horizontal-pod-autoscaler-controller" HPA="shop/checkout" currentReplicas=${random.int(3, 5)} desiredReplicas=${random.int(5, 9)} reason="cpu resource utilization (percentage of request) above target"`,
      );
    }
    return random.weighted<() => string>([
      [
        5,
        () =>
          klog(
            'I',
            timeMs,
            thread,
            'replica_set.go:679',
            `"Finished syncing" logger="replicaset-controller" kind="ReplicaSet" key="${pod.namespace}/${pod.app}-${random.suffix(10)}" duration="${random.int(50, 900)}.${random.int(100, 999)}µs"`,
          ),
      ],
      [
        3,
        () =>
          klog(
            'I',
            timeMs,
            thread,
            'replica_set.go:621',
            `"Too many replicas" replicaSet="kube-system/coredns-${random.suffix(10)}" need=1 deleting=1`,
          ),
      ],
      [
        3,
        () =>
          klog(
            'I',
            timeMs,
            thread,
            'range_allocator.go:428',
            `"Successfully synced" logger="node-ipam-controller" key="${random.pick(cluster.nodes)}"`,
          ),
      ],
      [
        2,
        () =>
          klog(
            'W',
            timeMs,
            thread,
            'garbagecollector.go:826',
            'failed to discover some groups: map[metrics.k8s.io/v1beta1:0xc000f1e0a0]',
          ),
      ],
      [
        1,
        () =>
          klog(
            'E',
            timeMs,
            thread,
            'resource_quota_controller.go:446',
            '"Unhandled Error" err="unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1" logger="UnhandledError"',
          ),
      ],
    ])();
  };
}

/** kube-scheduler: klog. */
export function schedulerMaker(cluster: DemoCluster, random: Random): EventMaker {
  return (timeMs, incident) => {
    const thread = 10;
    const pod = random.pick(cluster.pods);
    if (
      incident?.kind === 'node-pressure' ||
      (incident?.kind === 'traffic-burst' && random.chance(0.3))
    ) {
      return klog(
        'I',
        timeMs,
        thread,
        'schedule_one.go:1055',
        `"Unable to schedule pod; no fit; waiting" pod="shop/checkout-${random.suffix(10)}-${random.suffix(5)}" err="0/3 nodes are available: ${random.int(1, 2)} Insufficient cpu, 1 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."`,
      );
    }
    return klog(
      'I',
      timeMs,
      thread,
      'schedule_one.go:314',
      `"Successfully bound pod to node" pod="${pod.namespace}/${pod.name}" node="${random.pick(cluster.nodes)}" evaluatedNodes=3 feasibleNodes=${random.int(1, 3)}`,
    );
  };
}

/** aws-iam-authenticator: logfmt. */
export function authenticatorMaker(cluster: DemoCluster, random: Random): EventMaker {
  return (timeMs, incident) => {
    const time = `time="${rfc3339Seconds(timeMs)}"`;
    const client = `client="127.0.0.1:${random.int(32768, 60999)}"`;
    if (incident?.kind === 'forbidden-robot' ? random.chance(0.6) : random.chance(0.03)) {
      return `${time} level=warning msg="access denied" arn="arn:aws:iam::${cluster.account}:role/old-deploy" ${client} error="ARN is not mapped" method=POST path=/authenticate`;
    }
    const role = random.chance(0.8);
    const node = random.pick(cluster.nodes);
    return role
      ? `${time} level=info msg="access granted" arn="arn:aws:iam::${cluster.account}:role/node" ${client} groups="[system:bootstrappers system:nodes]" method=POST path=/authenticate sts=sts.${cluster.region}.amazonaws.com uid="aws-iam-authenticator:${cluster.account}:AROAEXAMPLE" username="system:node:${node}"`
      : `${time} level=info msg="access granted" arn="arn:aws:iam::${cluster.account}:user/dev" ${client} groups="[system:masters]" method=POST path=/authenticate sts=sts.${cluster.region}.amazonaws.com uid="aws-iam-authenticator:${cluster.account}:AIDAEXAMPLE" username=kubernetes-admin`;
  };
}
