import { z } from 'zod';

type Severity = 'normal' | 'medium' | 'high' | 'critical';

interface WireSubject {
  kind: string;
  namespace: string;
  name: string;
}

export interface WireTrouble {
  reason: string;
  explanation: string;
  severity: Severity;
  container?: string | undefined;
  node?: string | undefined;
  image?: string | undefined;
  message: string;
  exitCode?: number | undefined;
  restarts?: number | undefined;
  /** Unix ms, as all times. */
  since: number;
}

export interface WireIncident {
  id: string;
  owner: WireSubject;
  state: 'open' | 'resolved';
  severity: Severity;
  cause: WireTrouble & { subject: WireSubject };
  reasons: string[];
  members: { subject: WireSubject; troubles: WireTrouble[] }[];
  peak: number;
  start: number;
  updated: number;
  resolved?: number | undefined;
  /** How often it was told of; 0: it was noted alone. */
  told: number;
  shared?: string | undefined;
  mutedBy?: { kind: 'maintenance' | 'silence'; name: string } | undefined;
  /** How often it came back. */
  reopened: number;
  /** Another incident that explains it, found after it was told. */
  causedBy?: { incident: string; owner: WireSubject; explanation: string } | undefined;
}

export interface WireIncidents {
  watching: boolean;
  reason?: string | undefined;
  open: WireIncident[];
  resolved: WireIncident[];
  problems: string[];
  now: number;
}

/** Of the sentences in an answer. */
export const languageQuery: z.ZodObject<{
  language: z.ZodDefault<z.ZodEnum<{ en: 'en'; ko: 'ko' }>>;
}> = z.object({
  language: z.enum(['en', 'ko']).default('en').describe('Of its sentences'),
});

const timeMs = z.number().int().describe('Unix ms');

const subject = z.object({
  kind: z.string(),
  namespace: z.string().describe('Empty for what belongs to no namespace'),
  name: z.string(),
});

const trouble = z.object({
  reason: z.string().describe("The cluster's word: `OOMKilled`, `ImagePullBackOff`"),
  explanation: z.string().describe('The same in words'),
  severity: z.enum(['normal', 'medium', 'high', 'critical']),
  container: z.string().optional(),
  node: z.string().optional(),
  image: z.string().optional(),
  message: z.string(),
  exitCode: z.number().int().optional(),
  restarts: z.number().int().optional(),
  since: timeMs,
});

export const incident: z.ZodType<WireIncident> = z.object({
  id: z.string(),
  owner: subject,
  state: z.enum(['open', 'resolved']),
  severity: z.enum(['normal', 'medium', 'high', 'critical']),
  cause: trouble.extend({ subject }),
  reasons: z.array(z.string()),
  members: z.array(z.object({ subject, troubles: z.array(trouble) })),
  peak: z.number().int().describe('The most objects in trouble at once'),
  start: timeMs,
  updated: timeMs,
  resolved: timeMs.optional(),
  told: z.number().int().describe('How often it was told of; 0: it was noted alone'),
  shared: z.string().optional().describe('What its owners have in common: `image shop/web:2`'),
  mutedBy: z
    .object({ kind: z.enum(['maintenance', 'silence']), name: z.string() })
    .optional()
    .describe('What keeps it quiet now: a maintenance window by its name, a silence by its id'),
  reopened: z.number().int().describe('How often it came back soon after it was over'),
  causedBy: z
    .object({ incident: z.string(), owner: subject, explanation: z.string() })
    .optional()
    .describe('Another incident that explains it, found after it was told'),
});

export const incidents: z.ZodType<WireIncidents> = z.object({
  watching: z.boolean(),
  reason: z.string().optional().describe('Why nothing is watched'),
  open: z.array(incident),
  resolved: z.array(incident).describe('Newest first'),
  problems: z.array(z.string()).describe('Values of the configuration that cannot be used'),
  now: timeMs,
});
