import type { FlagKind } from './flags.ts';

/** What one verb of kubectl may be given; everything else is refused. */
export interface VerbRules {
  /** Words that must follow the verb; undefined: none does. */
  readonly subcommands?: readonly string[];
  readonly flags: Readonly<Record<string, FlagKind>>;
  /** Letters of flags. */
  readonly letters: Readonly<Record<string, string>>;
  /** Changes the cluster, or runs something in it. */
  readonly changes: boolean;
  /** Flags that are left out: nobody waits in a chat for what does not end. */
  readonly dropped?: readonly string[];
  /** Given unless asked otherwise. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** What its first words name. */
  readonly names: 'kinds' | 'pods' | 'nodes' | 'subcommand' | 'nothing';
}

const letterNames: Readonly<Record<string, string>> = {
  'all-namespaces': 'A',
  container: 'c',
  containers: 'c',
  env: 'e',
  follow: 'f',
  help: 'h',
  'label-columns': 'L',
  labels: 'l',
  namespace: 'n',
  output: 'o',
  patch: 'p',
  previous: 'p',
  quiet: 'q',
  selector: 'l',
  watch: 'w',
};

type Part = Readonly<Record<string, FlagKind>>;
const all = (kind: FlagKind, names: string): Part =>
  Object.fromEntries(
    names
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => [name, kind]),
  );
const plain = (names: string): Part => all('plain', names);
const value = (names: string): Part => all('value', names);

const everywhere: Part = { ...value('namespace'), ...plain('help') };
const printed: Part = {
  ...value('output'),
  ...plain('show-managed-fields allow-missing-template-keys'),
};
const chosen: Part = value('selector field-selector');
const dry: Part = { 'dry-run': 'optional' };
const written: Part = { ...printed, ...dry, ...value('selector') };

type More = Partial<Omit<VerbRules, 'flags' | 'letters'>>;

function verb(names: VerbRules['names'], flags: readonly Part[], more: More = {}): VerbRules {
  const merged: Part = Object.assign({}, everywhere, ...flags);
  const letters: Record<string, string> = {};
  for (const name of Object.keys(merged)) {
    const letter = letterNames[name];
    // `-l` is the selector wherever there is one.
    if (letter !== undefined && letters[letter] !== 'selector') letters[letter] = name;
  }
  return { changes: false, names, ...more, flags: merged, letters };
}

const changing = { changes: true } as const;

/**
 * Verbs that are run, with all flags that they may have. kubectl has others, and takes programs called
 * kubectl-* for verbs; flags that name files of this machine, other servers, other accounts, or that log
 * requests are in none of them. Source: `kubectl VERB --help` of 1.34.
 */
export const kubectlVerbs: Readonly<Record<string, VerbRules>> = {
  get: verb(
    'kinds',
    [
      printed,
      chosen,
      plain('all-namespaces ignore-not-found no-headers server-print show-kind show-labels watch'),
      value('chunk-size label-columns sort-by subresource'),
    ],
    { dropped: ['watch'] },
  ),
  describe: verb('kinds', [plain('all-namespaces show-events'), value('selector chunk-size')]),
  logs: verb(
    'pods',
    [
      plain('all-containers all-pods follow ignore-errors prefix previous timestamps'),
      value('container selector since since-time tail limit-bytes max-log-requests'),
    ],
    { dropped: ['follow'] },
  ),
  top: verb(
    'subcommand',
    [
      chosen,
      plain('all-namespaces containers no-headers sum show-capacity use-protocol-buffers'),
      value('sort-by'),
    ],
    { subcommands: ['pod', 'pods', 'po', 'node', 'nodes', 'no'] },
  ),
  explain: verb('nothing', [plain('recursive'), value('api-version')]),
  'api-resources': verb('nothing', [
    plain('cached namespaced no-headers'),
    value('api-group categories output sort-by verbs'),
  ]),
  'api-versions': verb('nothing', []),
  'cluster-info': verb('nothing', []),
  version: verb('nothing', [plain('client'), value('output')]),
  auth: verb(
    'nothing',
    [printed, plain('all-namespaces list no-headers quiet'), value('subresource')],
    { subcommands: ['can-i', 'whoami'] },
  ),
  events: verb(
    'nothing',
    [printed, plain('all-namespaces no-headers watch'), value('for types chunk-size')],
    { dropped: ['watch'] },
  ),
  rollout: verb('kinds', [written, plain('watch'), value('revision timeout to-revision')], {
    ...changing,
    subcommands: ['status', 'history', 'restart', 'undo', 'pause', 'resume'],
  }),
  scale: verb(
    'kinds',
    [written, plain('all'), value('current-replicas replicas resource-version timeout')],
    changing,
  ),
  autoscale: verb('kinds', [printed, dry, value('cpu-percent cpu memory max min name')], changing),
  delete: verb(
    'kinds',
    [
      dry,
      chosen,
      { cascade: 'optional' },
      plain('all all-namespaces force ignore-not-found now wait'),
      value('grace-period output timeout'),
    ],
    // It would wait for the end of what it deletes.
    { ...changing, defaults: { wait: 'false' } },
  ),
  create: verb(
    'subcommand',
    [
      printed,
      dry,
      plain('append-hash global-default'),
      value('image replicas port from schedule restart from-literal hard scopes value description'),
      value('preemption-policy min-available max-unavailable selector tcp clusterip node-port'),
      value('external-name verb resource resource-name non-resource-url aggregation-rule group'),
      value('role clusterrole serviceaccount class rule default-backend annotation'),
    ],
    {
      ...changing,
      // Neither tokens nor Secrets: their values would stand in the chat.
      subcommands: [
        ...['namespace', 'ns', 'deployment', 'deploy', 'job', 'cronjob', 'cj', 'configmap', 'cm'],
        ...['quota', 'resourcequota', 'priorityclass', 'pc', 'poddisruptionbudget', 'pdb'],
        ...['service', 'svc', 'serviceaccount', 'sa', 'ingress', 'ing'],
        ...['role', 'rolebinding', 'clusterrole', 'clusterrolebinding'],
      ],
    },
  ),
  run: verb(
    'pods',
    [
      printed,
      dry,
      plain('command expose'),
      value('image annotations labels port restart image-pull-policy'),
      value('env'),
    ],
    changing,
  ),
  expose: verb(
    'kinds',
    [
      printed,
      dry,
      value('name port protocol labels target-port type cluster-ip external-ip session-affinity'),
      value('load-balancer-ip'),
    ],
    changing,
  ),
  set: verb(
    'kinds',
    [
      written,
      plain('all list overwrite'),
      value('containers env from keys prefix limits requests'),
      value('serviceaccount group'),
    ],
    {
      ...changing,
      subcommands: ['env', 'image', 'resources', 'serviceaccount', 'sa', 'selector'],
    },
  ),
  label: verb(
    'kinds',
    [written, chosen, plain('all all-namespaces list overwrite'), value('resource-version')],
    changing,
  ),
  annotate: verb(
    'kinds',
    [written, chosen, plain('all all-namespaces list overwrite'), value('resource-version')],
    changing,
  ),
  taint: verb('kinds', [written, plain('all overwrite')], changing),
  cordon: verb('nodes', [dry, value('selector')], changing),
  uncordon: verb('nodes', [dry, value('selector')], changing),
  drain: verb(
    'nodes',
    [
      dry,
      plain('delete-emptydir-data disable-eviction force ignore-daemonsets'),
      value('chunk-size grace-period pod-selector selector timeout skip-wait-for-delete-timeout'),
    ],
    changing,
  ),
  patch: verb('kinds', [printed, dry, value('patch type subresource')], changing),
  exec: verb('pods', [plain('quiet'), value('container')], changing),
  certificate: verb('nothing', [printed, plain('force')], {
    ...changing,
    subcommands: ['approve', 'deny'],
  }),
};

/** Of `rollout`, those that only look. */
export const readingRollouts: ReadonlySet<string> = new Set(['status', 'history']);

/** Short names of kinds, as `kubectl api-resources` has them. */
const shortKinds: Readonly<Record<string, string>> = {
  po: 'pods',
  svc: 'services',
  deploy: 'deployments',
  ds: 'daemonsets',
  sts: 'statefulsets',
  rs: 'replicasets',
  rc: 'replicationcontrollers',
  cm: 'configmaps',
  ns: 'namespaces',
  no: 'nodes',
  pv: 'persistentvolumes',
  pvc: 'persistentvolumeclaims',
  sa: 'serviceaccounts',
  ing: 'ingresses',
  ep: 'endpoints',
  ev: 'events',
  hpa: 'horizontalpodautoscalers',
  cj: 'cronjobs',
  netpol: 'networkpolicies',
  sc: 'storageclasses',
  quota: 'resourcequotas',
  limits: 'limitranges',
  pdb: 'poddisruptionbudgets',
  crd: 'customresourcedefinitions',
  crds: 'customresourcedefinitions',
  csr: 'certificatesigningrequests',
  pc: 'priorityclasses',
};

/** `po`, `Pod`, `pods.v1.` -> `pods`. */
export function pluralKind(word: string): string {
  const name = word.trim().split('.')[0]!.toLowerCase();
  const long = shortKinds[name] ?? name;
  if (long.endsWith('ss')) return `${long}es`;
  if (long.endsWith('s')) return long;
  return long.endsWith('y') ? `${long.slice(0, -1)}ies` : `${long}s`;
}
