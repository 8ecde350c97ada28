/** What the series of Kubernetes objects are made with. */

/**
 * Takes one series of the family and object in hand. `labels` are names and values in turn, without
 * those that name the object; empty values are allowed and written.
 */
export type Emit = (value: number, labels?: readonly string[]) => void;

/** A metric family and how an object gives its series. Pure: no state, no clock. */
export interface Family<T> {
  readonly name: string;
  readonly help: string;
  /** Gauge where it is not said. */
  readonly type?: 'counter';
  emit(object: T, add: Emit): void;
}

/** What every object of the API has. */
export interface KubernetesObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
  };
}

/** Keys of labels and annotations that become series; `*` stands for any number of characters. */
export interface Allowed {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** One kind of objects: the labels that name one, and its families. */
export interface Resource<T = KubernetesObject> {
  /** Plural, as kube-state-metrics and the API name it. */
  readonly name: string;
  /** Names of the labels that tell which object it is. */
  readonly identity: readonly string[];
  /** Their values, in the same order. */
  identify(object: T): readonly string[];
  families(allowed: Allowed): readonly Family<T>[];
}
