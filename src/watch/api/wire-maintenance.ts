import { z } from 'zod';

/** Times are Unix ms. */
export interface WireWrittenWindow {
  name: string;
  comment: string;
  matchers: string[];
  start?: number | undefined;
  end?: number | undefined;
  schedule?: string | undefined;
  lasts?: number | undefined;
  timeZone: string;
}

export interface WireWindow extends WireWrittenWindow {
  id: string;
  state: 'open' | 'next' | 'over';
  /** When it is open, or will be next. */
  from?: number | undefined;
  to?: number | undefined;
  /** Absent: it stands in the configuration. */
  created?: { by: string; at: number } | undefined;
}

export interface WireWindows {
  windows: WireWindow[];
  now: number;
}

const timeMs = z.number().int().min(0).max(8.64e15);

const fields = {
  name: z.string().max(200),
  comment: z.string().max(2000).default(''),
  matchers: z
    .array(z.string().max(2000))
    .max(50)
    .default([])
    .describe('Conditions on labels of incidents, such as `namespace="shop"`; none: everything'),
  start: timeMs.optional().describe('Once: from, Unix ms'),
  end: timeMs.optional().describe('Once: to, Unix ms'),
  schedule: z.string().max(200).optional().describe('Again and again: cron, such as `0 2 * * SAT`'),
  lasts: z.number().int().min(0).optional().describe('How long each time, ms'),
  timeZone: z.string().max(64).default('UTC').describe('Of the schedule'),
};

export const writtenWindow: z.ZodType<WireWrittenWindow> = z.object(fields);

export const window: z.ZodType<WireWindow> = z.object({
  ...fields,
  comment: z.string(),
  matchers: z.array(z.string()),
  timeZone: z.string(),
  id: z.string(),
  state: z.enum(['open', 'next', 'over']),
  from: timeMs.optional().describe('When it is open, or will be next'),
  to: timeMs.optional(),
  created: z
    .object({ by: z.string(), at: timeMs })
    .optional()
    .describe('Absent: it stands in the configuration'),
});

export const windows: z.ZodType<WireWindows> = z.object({ windows: z.array(window), now: timeMs });
