/** How bad something is, in ascending order. */
export type Severity = 'normal' | 'medium' | 'high' | 'critical';

export const severities: readonly Severity[] = ['normal', 'medium', 'high', 'critical'];

export const worse = (a: Severity, b: Severity): Severity =>
  severities.indexOf(a) >= severities.indexOf(b) ? a : b;

/** An object of the cluster. */
export interface Subject {
  readonly kind: string;
  /** Empty for what belongs to no namespace. */
  readonly namespace: string;
  readonly name: string;
}

export const subjectKey = ({ kind, namespace, name }: Subject): string =>
  `${kind}/${namespace}/${name}`;

/** One thing that is wrong with one object at this moment. */
export interface Trouble {
  /** The cluster's word: `ImagePullBackOff`, `OOMKilled`, `ProgressDeadlineExceeded`. */
  readonly reason: string;
  readonly severity: Severity;
  readonly subject: Subject;
  /** What people call it: the Deployment of a pod; the node itself. Incidents are about owners. */
  readonly owner: Subject;
  readonly container?: string | undefined;
  readonly node?: string | undefined;
  readonly image?: string | undefined;
  /** In the words of the cluster. */
  readonly message: string;
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
  readonly restarts?: number | undefined;
  /** Unix ms. */
  readonly sinceMs: number;
  /** Of the object: one of the same name may have been there before. */
  readonly uid?: string | undefined;
  /** The pod's labels, for routes and filters. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Other names that configurations have for it: `CrashLoopBackOff` of an `Error` in a loop. */
  readonly alsoCalled?: readonly string[] | undefined;
  /** What it may have in common with troubles of other owners: an image, a registry, a Secret that is missing. */
  readonly shares?: readonly string[] | undefined;
  /** Keys of subjects whose own trouble would explain this one: a full volume, the target of an autoscaler. */
  readonly dependsOn?: readonly string[] | undefined;
  /** Of a kind of lines in logs. */
  readonly lines?: LinesOfKind | undefined;
  /** What was found by looking or reckoning, and is no text of the cluster; `message` has it in English. */
  readonly finding?: Finding | undefined;
  /** What it cannot do without and does not have; undefined: nothing is known of that kind. */
  readonly needs?: Need | undefined;
}

/** A sentence by its code, and the parameters of it. */
export interface Finding {
  readonly code:
    | 'boundPods'
    | 'available'
    | 'notRun'
    | 'notRunBlocked'
    | 'certificateEnds'
    | 'certificateEnded'
    | 'volume'
    | 'volumeOf';
  readonly parameters: readonly (string | number)[];
}

/** How it is known that something needs a Service; `dns`: it cannot resolve names. */
export type NeedBy =
  | 'environment'
  | 'arguments'
  | 'configMap'
  | 'initContainer'
  | 'log'
  | 'probe'
  | 'dns';

/** A Service that an object names, and that has no ready pod as its own workload is in trouble. */
export interface Need {
  readonly service: Subject;
  /** What stands behind the Service. */
  readonly workload: Subject;
  readonly by: NeedBy;
  /** The variable, the ConfigMap's key, the container or the line that names it. */
  readonly where: string;
}

/** Reasons of containers that have never run: they have written and used nothing. */
export const neverRanReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
]);

/** Lines of one kind that the containers of a workload have written. */
export interface LinesOfKind {
  readonly group: string;
  /** The line with what changes taken out. */
  readonly pattern: string;
  /** One of them, secrets masked. */
  readonly sample: string;
  readonly count: number;
  /** What a search in the group finds them by. */
  readonly query: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** All names by which a configuration may call the reason of a trouble. */
export const reasonNames = ({ reason, alsoCalled = [] }: Trouble): readonly string[] => [
  reason,
  ...alsoCalled,
];

/** What an incident tells its readers of one of its objects. */
export interface Member {
  readonly subject: Subject;
  readonly troubles: readonly Trouble[];
}

export type IncidentState = 'open' | 'resolved';

/** Troubles of one cause: of one owner, or of a node and what runs on it. Times are Unix ms. */
export interface Incident {
  readonly id: string;
  readonly owner: Subject;
  readonly state: IncidentState;
  readonly severity: Severity;
  /** The trouble it began with. */
  readonly cause: Trouble;
  /** Every reason that it has had, in the order of appearance. */
  readonly reasons: readonly string[];
  /** Objects with troubles now; of a resolved one, those that it had last. */
  readonly members: readonly Member[];
  /** The most objects that had troubles at once. */
  readonly peak: number;
  readonly startMs: number;
  readonly updatedMs: number;
  readonly resolvedMs?: number | undefined;
  /** How often it was told of; 0: it is noted alone, for a maintenance window, a silence or a storm. */
  readonly told: number;
  readonly toldMs?: number | undefined;
  /** Those of the times that repeated what was known. */
  readonly reminders?: number | undefined;
  /** What its owners have in common: `image shop/web:2`; undefined: there is one owner. */
  readonly shared?: string | undefined;
  /** What keeps it quiet now. */
  readonly mutedBy?: MutedBy | undefined;
  /** How often it came back soon after it was over. */
  readonly reopened?: number | undefined;
  /** Another one that explains it, found when this one had been told already. */
  readonly causedBy?: CausedBy | undefined;
}

export interface CausedBy {
  /** Id of the incident. */
  readonly incident: string;
  readonly owner: Subject;
  readonly need: Need;
}

/** A maintenance window by its name, or a silence by its id: news wait until it is over. */
export interface MutedBy {
  readonly kind: 'maintenance' | 'silence';
  readonly name: string;
}

/** Why there is news of an incident: `again`: it came back, `spread`: another owner has it too. */
export type UpdateReason = 'severity' | 'reason' | 'reminder' | 'again' | 'spread';

export type IncidentChange =
  | { readonly kind: 'created'; readonly incident: Incident }
  | {
      readonly kind: 'updated';
      readonly incident: Incident;
      readonly why: UpdateReason;
      /** Of `spread`: concerns nobody but those who hear of this namespace alone. */
      readonly onlyNamespace?: string | undefined;
    }
  /** It is kept, and nobody is told: a maintenance window, a silence or a storm. */
  | { readonly kind: 'noted'; readonly incident: Incident }
  /** Another incident explains it; both have been told of, and nobody is told again. */
  | { readonly kind: 'linked'; readonly incident: Incident }
  /** `isQuiet`: its beginning was told in no message of its own. */
  | { readonly kind: 'resolved'; readonly incident: Incident; readonly isQuiet: boolean }
  /** Many at once: those that were not told of singly, and which of them are over. */
  | {
      readonly kind: 'digest';
      readonly incidents: readonly Incident[];
      readonly resolved: readonly Incident[];
      readonly sinceMs: number;
    }
  /** What was wrong already when the program came up for the first time. */
  | { readonly kind: 'baseline'; readonly incidents: readonly Incident[] };

/** Of a silence that says that somebody is at it; others only want to hear nothing. */
export const acknowledgedComment = 'acknowledged';

export const isAcknowledgement = (comment: string): boolean =>
  comment.toLowerCase().startsWith(acknowledgedComment);
