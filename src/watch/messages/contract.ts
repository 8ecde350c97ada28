import type { Incident, UpdateReason } from '../contract.ts';
import type { Evidence } from '../evidence.ts';
import type { Language } from '../explain/language.ts';

/** A word and where it leads. */
export interface MessageLink {
  readonly text: string;
  readonly url: string;
}

/** A chart that explains, kept where messages find it. */
export interface MessagePicture {
  /** On the shelf. */
  readonly id: string;
  /** Where others can fetch it; undefined: nowhere. */
  readonly url?: string | undefined;
  readonly altText: string;
}

/** That somebody is at it, or wants to hear nothing of it. */
export interface SilenceNote {
  readonly kind: 'acknowledged' | 'silenced';
  /** As the one who did it is known where it was done. */
  readonly by: string;
  readonly untilMs: number;
}

/** What there is to tell; each provider writes it in its own form. */
export type WatchMessage =
  | {
      readonly kind: 'incident';
      readonly change: 'created' | 'updated' | 'resolved';
      readonly incident: Incident;
      readonly evidence: Evidence;
      readonly clusterName: string;
      readonly links: readonly MessageLink[];
      /** Runbook of the reason; undefined: none. */
      readonly runbook?: string | undefined;
      readonly picture?: MessagePicture | undefined;
      /** Of an update. */
      readonly why?: UpdateReason | undefined;
      /** Who is at it when it is told. */
      readonly notes?: readonly SilenceNote[] | undefined;
      readonly nowMs: number;
      /** Of its sentences; English unless given. */
      readonly language?: Language | undefined;
      /** What a template of the configuration says in place of the usual layout. */
      readonly body?: string | undefined;
    }
  /** A plain text: the start, volumes, nodes, digests. */
  | { readonly kind: 'text'; readonly text: string };

export type IncidentMessage = Extract<WatchMessage, { kind: 'incident' }>;

/** What follows a message of an incident, for providers that have a place for it. */
export type IncidentNews =
  /** A chart that was not ready when its incident was told. */
  | {
      readonly kind: 'picture';
      readonly incident: Incident;
      readonly picture: MessagePicture;
    }
  /** What people did about an incident has changed. */
  | {
      readonly kind: 'notes';
      readonly incident: Incident;
      readonly notes: readonly SilenceNote[];
    };

/** Made for each reader in the language of it. */
export type Written<M> = (language: Language) => M;
