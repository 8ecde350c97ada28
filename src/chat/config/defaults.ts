/**
 * What Botkube's chart ships: sources, executors, actions and aliases that users switch on by name.
 * Every key may be set over by theirs.
 */
const kinds = [
  'v1/pods',
  'v1/services',
  'networking.k8s.io/v1/ingresses',
  'v1/nodes',
  'v1/namespaces',
  'v1/persistentvolumes',
  'v1/persistentvolumeclaims',
  'v1/configmaps',
  'rbac.authorization.k8s.io/v1/roles',
  'rbac.authorization.k8s.io/v1/rolebindings',
  'rbac.authorization.k8s.io/v1/clusterroles',
  'rbac.authorization.k8s.io/v1/clusterrolebindings',
  'apps/v1/deployments',
  'apps/v1/statefulsets',
  'apps/v1/daemonsets',
  'batch/v1/jobs',
];
/** What is news of a workload that is changed. */
const changes: Readonly<Record<string, readonly string[]>> = {
  'apps/v1/deployments': ['spec.template.spec.containers[*].image', 'status.availableReplicas'],
  'apps/v1/statefulsets': ['spec.template.spec.containers[*].image', 'status.readyReplicas'],
  'apps/v1/daemonsets': ['spec.template.spec.containers[*].image', 'status.numberReady'],
  'batch/v1/jobs': ['spec.template.spec.containers[*].image', 'status.conditions[*].type'],
};
const workloads = [
  'v1/pods',
  'apps/v1/deployments',
  'apps/v1/statefulsets',
  'apps/v1/daemonsets',
  'batch/v1/jobs',
];
const types = (names: readonly string[]): readonly { readonly type: string }[] =>
  names.map((type) => ({ type }));
const everywhere = { include: ['.*'] };

const readers = {
  rbac: { group: { type: 'Static', static: { values: ['botkube-plugins-default'] } } },
};

export const defaults: Readonly<Record<string, unknown>> = {
  settings: { clusterName: 'not-configured' },
  communications: {},
  sources: {
    'k8s-recommendation-events': {
      displayName: 'Kubernetes Recommendations',
      'botkube/kubernetes': {
        enabled: true,
        context: readers,
        config: {
          namespaces: everywhere,
          recommendations: {
            pod: { noLatestImageTag: true, labelsSet: true },
            ingress: { backendServiceValid: true, tlsSecretValid: true },
          },
          event: { types: ['create'] },
        },
      },
    },
    'k8s-all-events': {
      displayName: 'Kubernetes Info',
      'botkube/kubernetes': {
        enabled: true,
        context: readers,
        config: {
          namespaces: everywhere,
          event: { types: ['create', 'delete', 'error'] },
          resources: kinds.map((type) =>
            changes[type] === undefined
              ? { type }
              : {
                  type,
                  event: { types: ['create', 'update', 'delete', 'error'] },
                  updateSetting: { includeDiff: true, fields: changes[type] },
                },
          ),
        },
      },
    },
    'k8s-err-events': {
      displayName: 'Kubernetes Errors',
      'botkube/kubernetes': {
        enabled: true,
        context: readers,
        config: { namespaces: everywhere, event: { types: ['error'] }, resources: types(kinds) },
      },
    },
    'k8s-err-with-logs-events': {
      displayName: 'Kubernetes Errors for resources with logs',
      'botkube/kubernetes': {
        enabled: true,
        context: readers,
        config: {
          namespaces: everywhere,
          event: { types: ['error'] },
          resources: types(workloads),
        },
      },
    },
    'k8s-create-events': {
      displayName: 'Kubernetes Resource Created Events',
      'botkube/kubernetes': {
        enabled: true,
        context: readers,
        config: { namespaces: everywhere, event: { types: ['create'] }, resources: types(kinds) },
      },
    },
  },
  executors: {
    'k8s-default-tools': {
      'botkube/kubectl': {
        enabled: false,
        context: readers,
        config: { defaultNamespace: 'default' },
      },
      'botkube/helm': { enabled: false, context: readers, config: { defaultNamespace: 'default' } },
    },
  },
  aliases: {
    kc: { command: 'kubectl', displayName: 'Kubectl alias' },
    k: { command: 'kubectl', displayName: 'Kubectl alias' },
  },
  actions: {
    'describe-created-resource': {
      enabled: false,
      displayName: 'Describe created resource',
      command:
        'kubectl describe {{ .Event.Kind | lower }}{{ if .Event.Namespace }} -n {{ .Event.Namespace }}{{ end }} {{ .Event.Name }}',
      bindings: { sources: ['k8s-create-events'], executors: ['k8s-default-tools'] },
    },
    'show-logs-on-error': {
      enabled: false,
      displayName: 'Show logs on error',
      command: 'kubectl logs {{ .Event.Kind | lower }}/{{ .Event.Name }} -n {{ .Event.Namespace }}',
      bindings: { sources: ['k8s-err-with-logs-events'], executors: ['k8s-default-tools'] },
    },
  },
};

/** Of a channel that names none. */
export const defaultBindings = {
  executors: ['k8s-default-tools'],
  sources: ['k8s-err-events', 'k8s-recommendation-events'],
} as const;
