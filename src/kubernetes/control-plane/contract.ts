import type { Clock, MetricsRegistry } from '#base';
import type { LogStore } from '#logs/store';
import type { StateStore } from '#state';
import type { ControlPlaneLogType } from './names.ts';

/** A cluster as far as its control-plane logs go. */
export interface ControlPlaneCluster {
  readonly name: string;
  readonly createdMs: number;
  readonly enabled: readonly ControlPlaneLogType[];
  /** When each type was last switched, Unix ms; absent: never. */
  readonly switchedMs: Readonly<Partial<Record<ControlPlaneLogType, number>>>;
  /** Grows by one with each change of the switches. */
  readonly revision: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** One entry of a request: these types on or off. */
export interface LoggingChange {
  readonly types: readonly ControlPlaneLogType[];
  readonly isEnabled: boolean;
}

export interface LoggingUpdate {
  readonly id: string;
  readonly cluster: string;
  /** `in-progress` until the agents that are there have taken it over, 10 s at most. */
  readonly status: 'in-progress' | 'successful';
  readonly createdMs: number;
  /** As the request had it, JSON. */
  readonly request: string;
}

/** What an agent is told. */
export interface ControlPlaneSwitches {
  readonly group: string;
  readonly revision: number;
  /** How long the question was held; ages are as of its end. */
  readonly waitedMs: number;
  readonly types: Readonly<
    Record<
      ControlPlaneLogType,
      {
        readonly isOn: boolean;
        /** Since the last switch; null: it was never switched. */
        readonly ageMs: number | null;
      }
    >
  >;
}

export interface ControlPlaneDeps {
  readonly state: Pick<StateStore, 'collection'>;
  readonly store: Pick<LogStore, 'group' | 'createGroup'>;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
}
