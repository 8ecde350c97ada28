import type { Template } from '#go-template';
import type { LabelMatcher } from '#metrics/model';

/** `{group: apps, resource: deployment}` of a configuration: singular or plural. */
export interface GroupResource {
  readonly group: string | undefined;
  readonly resource: string;
}

/** How labels name objects. */
export interface ResourceLabels {
  /** By label. */
  readonly overrides: ReadonlyMap<string, GroupResource>;
  /** Makes a label of `.Group` and `.Resource`; undefined: only the overrides count. */
  readonly template: Template | undefined;
  /** Of external metrics: whether the namespace of a request selects. */
  readonly isNamespaced: boolean;
}

/** A pattern of Go's, found anywhere in a text. */
export interface FoundPattern {
  /** Groups of the first match, 0 the whole; undefined: there is none. */
  find(text: string): readonly string[] | undefined;
  readonly names: readonly (string | undefined)[];
}

export interface AdapterRule {
  /** For messages: `FILE:LINE`. */
  readonly place: string;
  readonly matchers: readonly LabelMatcher[];
  readonly filters: readonly { readonly pattern: FoundPattern; readonly isWanted: boolean }[];
  readonly labels: ResourceLabels;
  readonly name: { readonly matches: FoundPattern; readonly as: string };
  readonly query: Template;
}

/** CPU or memory of nodes and pods, in place of the kubelets' series. */
export interface UsageRule {
  readonly place: string;
  readonly containerQuery: Template;
  readonly nodeQuery: Template;
  readonly labels: ResourceLabels;
  readonly containerLabel: string;
}

export interface AdapterConfig {
  readonly rules: readonly AdapterRule[];
  readonly externalRules: readonly AdapterRule[];
  readonly usage:
    | { readonly cpu: UsageRule; readonly memory: UsageRule; readonly windowMs: number }
    | undefined;
}

export const emptyAdapterConfig: AdapterConfig = {
  rules: [],
  externalRules: [],
  usage: undefined,
};
