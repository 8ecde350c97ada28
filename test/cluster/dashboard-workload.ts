/** What runs in the cluster while published dashboards look at it: one of each kind that they ask for. */

const image = 'localhost/busybox:1';
const forever = 'sleep 2147483647';
const group = 'nunchi-dashboards';

interface PodSpec {
  readonly shell: string;
  readonly restartPolicy?: string;
  readonly claim?: string;
  readonly cpuLimit?: string;
}

const podSpec = ({ shell, restartPolicy, claim, cpuLimit = '100m' }: PodSpec): object => ({
  terminationGracePeriodSeconds: 0,
  ...(restartPolicy === undefined ? {} : { restartPolicy }),
  volumes: [
    { name: 'data', ...(claim === undefined ? { emptyDir: {} } : volumeOf(claim)) },
    { name: 'settings', configMap: { name: 'settings' } },
  ],
  containers: [
    {
      name: 'main',
      image,
      imagePullPolicy: 'Never',
      command: ['sh', '-c', shell],
      ports: [{ name: 'http', containerPort: 8080 }],
      resources: {
        requests: { cpu: '20m', memory: '16Mi' },
        limits: { cpu: cpuLimit, memory: '64Mi' },
      },
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'settings', mountPath: '/settings' },
      ],
    },
  ],
});

const volumeOf = (claimName: string): object => ({ persistentVolumeClaim: { claimName } });

const serveShell = 'echo hello >/data/index.html; exec httpd -f -p 8080 -h /data';
const askShell =
  'while true; do curl -fsS http://$WEB_SERVICE_HOST:8080/ >/dev/null; echo asked >>/data/log; sleep 0.2; done';
/** More than its limit allows: it is throttled. */
const busyShell = 'while true; do :; done';
const writeShell = `while true; do dd if=/dev/zero of=/data/block bs=64k count=32 oflag=direct 2>/dev/null; dd if=/data/block of=/dev/null bs=64k iflag=direct 2>/dev/null; sleep 1; done`;

/** Of one namespace; `volumeFolder` is a folder of the node that a claim is bound to. */
export function dashboardWorkload(namespace: string, volumeFolder: string): readonly object[] {
  const named = (name: string, labels: object = {}): object => ({ namespace, name, labels });
  const template = (app: string, spec: PodSpec): object => ({
    metadata: { labels: { app } },
    spec: podSpec(spec),
  });
  const workload = (kind: string, app: string, spec: PodSpec, more: object = {}): object => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: named(app),
    spec: { selector: { matchLabels: { app } }, template: template(app, spec), ...more },
  });
  const service = (name: string, type: string): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: named(name),
    spec: { type, selector: { app: 'web' }, ports: [{ name: 'http', port: 8080 }] },
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: named('settings'), data: { color: 'violet' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: named('keys'), stringData: { key: 'none' } },
    service('web', 'ClusterIP'),
    service('web-node', 'NodePort'),
    ...localVolume(namespace, volumeFolder),
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: named('all'),
      spec: { hard: { 'requests.cpu': '2', 'requests.memory': '2Gi', pods: '40' } },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: named('web'),
      spec: {
        defaultBackend: { service: { name: 'web', port: { number: 8080 } } },
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: named('web'),
      spec: { podSelector: { matchLabels: { app: 'web' } }, ingress: [{}] },
    },
    workload('Deployment', 'web', { shell: serveShell }, { replicas: 2 }),
    workload('Deployment', 'client', { shell: askShell }, { replicas: 2 }),
    workload('Deployment', 'busy', { shell: busyShell, cpuLimit: '30m' }),
    workload('StatefulSet', 'db', { shell: writeShell, claim: 'db' }, { serviceName: 'web' }),
    workload('DaemonSet', 'each-node', { shell: forever }),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: named('once'),
      spec: { template: template('once', { shell: 'true', restartPolicy: 'Never' }) },
    },
    {
      apiVersion: 'batch/v1beta1',
      kind: 'CronJob',
      metadata: named('each-minute'),
      spec: {
        schedule: '* * * * *',
        successfulJobsHistoryLimit: 1,
        jobTemplate: {
          spec: { template: template('each-minute', { shell: 'true', restartPolicy: 'Never' }) },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: named('crashes', { app: 'crashes' }),
      spec: podSpec({ shell: 'sleep 2; exit 1' }),
    },
    {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: named('web'),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 4,
        targetCPUUtilizationPercentage: 80,
      },
    },
  ];
}

/** A volume whose use the kubelet tells: those of host paths have none. */
function localVolume(namespace: string, path: string): readonly object[] {
  const storageClassName = namespace;
  const size = { storage: '64Mi' };
  const accessModes = ['ReadWriteOnce'];
  return [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClassName, labels: { test: group } },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: storageClassName, labels: { test: group } },
      spec: {
        capacity: size,
        accessModes,
        storageClassName,
        local: { path },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { namespace, name: 'db' },
      spec: { accessModes, storageClassName, resources: { requests: size } },
    },
  ];
}

/** Objects of the cluster, not of the namespace, are found by it. */
export const workloadLabel: string = `test=${group}`;
