import { z } from 'zod';
import { incident, type WireIncident } from './wire.ts';

type Severity = 'normal' | 'medium' | 'high' | 'critical';

/** Times are Unix ms. */
export type WireStoryEntry =
  | {
      kind: 'change';
      at: number;
      what: 'created' | 'updated' | 'noted' | 'linked' | 'resolved' | 'digest' | 'baseline';
      why?: string | undefined;
      severity: Severity;
      reason: string;
      affected: number;
    }
  | {
      kind: 'delivery';
      at: number;
      id: string;
      provider: string;
      what: 'created' | 'updated' | 'resolved' | 'picture' | 'notes';
      state: 'waiting' | 'delivered' | 'dropped';
      tries: number;
      tried?: number | undefined;
      problem?: string | undefined;
    }
  | {
      kind: 'untold';
      at: number;
      provider?: string | undefined;
      why: 'route' | 'log-pattern' | 'no-provider';
    }
  | {
      kind: 'note';
      at: number;
      id: string;
      note: 'acknowledged' | 'silenced';
      by: string;
      until: number;
    }
  | { kind: 'note-ended'; at: number; id: string };

export interface WireEvidence {
  at: number;
  namespace: string;
  pod?: string | undefined;
  container?: string | undefined;
  events: string[];
  log: string;
  logProblem?: string | undefined;
  changes: string[];
}

export interface WireChart {
  title: string;
  unit: 'bytes' | 'cores' | 'ratio';
  lines: { name: string; query: string; isLimit: boolean }[];
}

export interface WireStory {
  entries: WireStoryEntry[];
  /** Names of those that may be told. */
  providers: string[];
  /** Those that are in force. */
  notes: { id: string; note: 'acknowledged' | 'silenced'; by: string; until: number }[];
  /** As an alert. */
  labels: Record<string, string>;
  /** What keeps it quiet now, in words of the watch. */
  mutedBy?: { kind: 'maintenance' | 'silence'; name: string } | undefined;
  /** Of its cause, with what was found. */
  explanation: string;
  advice?: string | undefined;
  evidence?: WireEvidence | undefined;
  chart?: WireChart | undefined;
  related: {
    relation: 'needs' | 'needed-by' | 'owner' | 'cause' | 'node' | 'namespace';
    incident: WireIncident;
  }[];
  now: number;
}

const timeMs = z.number().int().describe('Unix ms');
const noteKind = z.enum(['acknowledged', 'silenced']);
const severity = z.enum(['normal', 'medium', 'high', 'critical']);

const entry: z.ZodType<WireStoryEntry> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('change'),
    at: timeMs,
    what: z.enum(['created', 'updated', 'noted', 'linked', 'resolved', 'digest', 'baseline']),
    why: z.string().optional(),
    severity,
    reason: z.string(),
    affected: z.number().int(),
  }),
  z.object({
    kind: z.literal('delivery'),
    at: timeMs,
    id: z.string(),
    provider: z.string(),
    what: z.enum(['created', 'updated', 'resolved', 'picture', 'notes']),
    state: z.enum(['waiting', 'delivered', 'dropped']),
    tries: z.number().int(),
    tried: timeMs.optional(),
    problem: z.string().optional(),
  }),
  z.object({
    kind: z.literal('untold'),
    at: timeMs,
    provider: z.string().optional(),
    why: z.enum(['route', 'log-pattern', 'no-provider']),
  }),
  z.object({
    kind: z.literal('note'),
    at: timeMs,
    id: z.string(),
    note: noteKind,
    by: z.string(),
    until: timeMs,
  }),
  z.object({ kind: z.literal('note-ended'), at: timeMs, id: z.string() }),
]);

export const story: z.ZodType<WireStory> = z.object({
  entries: z.array(entry).describe('Oldest first'),
  providers: z.array(z.string()).describe('Those that may be told'),
  notes: z.array(z.object({ id: z.string(), note: noteKind, by: z.string(), until: timeMs })),
  labels: z.record(z.string(), z.string()).describe('Of the incident as an alert'),
  mutedBy: z
    .object({ kind: z.enum(['maintenance', 'silence']), name: z.string() })
    .optional()
    .describe('What keeps it quiet now'),
  explanation: z.string().describe('Of its cause, with what was found'),
  advice: z.string().optional().describe('What to look at first'),
  evidence: z
    .object({
      at: timeMs,
      namespace: z.string(),
      pod: z.string().optional(),
      container: z.string().optional(),
      events: z.array(z.string()),
      log: z.string(),
      logProblem: z.string().optional(),
      changes: z.array(z.string()),
    })
    .optional(),
  chart: z
    .object({
      title: z.string(),
      unit: z.enum(['bytes', 'cores', 'ratio']),
      lines: z.array(z.object({ name: z.string(), query: z.string(), isLimit: z.boolean() })),
    })
    .optional(),
  related: z.array(
    z.object({
      relation: z
        .enum(['needs', 'needed-by', 'owner', 'cause', 'node', 'namespace'])
        .describe('`needs`: the other one explains it'),
      incident,
    }),
  ),
  now: timeMs,
});

/** Longest silence of an incident: what lasts longer is to be mended. */
const maxSilenceMs = 30 * 86_400_000;

export interface WireNewNote {
  note: 'acknowledged' | 'silenced';
  for: number;
}

export const newNote: z.ZodType<WireNewNote> = z.object({
  note: noteKind,
  for: z.number().int().min(60_000).max(maxSilenceMs).describe('How long, ms'),
});
