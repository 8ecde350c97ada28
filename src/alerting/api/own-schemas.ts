import { type ZodType, z } from 'zod';
import type {
  WireAlertSummary,
  WireExplanation,
  WirePreviewRequest,
  WireRoute,
  WireRouting,
  WireTemplatePreview,
} from './wire.ts';

const timeMs = z.number().int();
const labels = z.record(z.string(), z.string());

/** What an alert may have in a request. */
const labelsInput = z.record(z.string().min(1).max(1000), z.string().max(100_000));

const attempt = z
  .object({
    at: timeMs,
    durationMs: z.number(),
    error: z.string().optional().describe('Absent: the receiver took it'),
  })
  .describe('How the last try to tell went, since the server started');

const integration = z.object({
  name: z.string().describe('Receiver, kind and position: `team/slack/0`'),
  kind: z.string(),
  sendResolved: z.boolean(),
  lastAttempt: attempt.optional(),
});

const matcher = z.object({ name: z.string(), operator: z.string(), value: z.string() });

const route: ZodType<WireRoute> = z.object({
  id: z.number().int().describe('Position in the tree, depth first'),
  key: z.string().describe('The matchers of the path'),
  receiver: z.string(),
  matchers: z.array(matcher),
  groupBy: z.array(z.string()).describe('`...` alone: by all labels'),
  groupWaitMs: z.number(),
  groupIntervalMs: z.number(),
  repeatIntervalMs: z.number(),
  continue: z.boolean(),
  muteTimeIntervals: z.array(z.string()),
  activeTimeIntervals: z.array(z.string()),
  groups: z.number().int(),
  alerts: z.number().int().describe('Firing ones that the node itself takes'),
  get routes(): z.ZodArray<ZodType<WireRoute>> {
    return z.array(route);
  },
});

const range = z.object({ from: z.number().int(), to: z.number().int() });

export const routingResponse: ZodType<WireRouting> = z.object({
  owner: z.enum(['file', 'api']).describe('`file`: an alertmanager.yml, not to be changed here'),
  file: z.string().optional(),
  route,
  receivers: z.array(z.object({ name: z.string(), integrations: z.array(integration) })),
  timeIntervals: z.array(
    z.object({
      name: z.string(),
      isNow: z.boolean().describe('The present moment lies in it'),
      intervals: z.array(
        z.object({
          times: z.array(range).describe('Minutes of the day, the end not included'),
          weekdays: z.array(range).describe('0: Sunday'),
          daysOfMonth: z.array(range),
          months: z.array(range),
          years: z.array(range),
          location: z.string(),
        }),
      ),
    }),
  ),
  now: timeMs,
});

export const summaryResponse: ZodType<WireAlertSummary> = z.object({
  firing: z.number().int(),
  suppressed: z.number().int().describe('Silenced or inhibited'),
});

export const explainBody: ZodType<{ labels: Record<string, string> }> = z.object({
  labels: labelsInput,
});

export const explainResponse: ZodType<WireExplanation> = z.object({
  fingerprint: z.string(),
  isKnown: z.boolean().describe('False: no such alert came in; this is what would become of it'),
  silencedBy: z.array(
    z.object({ id: z.string(), comment: z.string(), createdBy: z.string(), endsAt: timeMs }),
  ),
  inhibitedBy: z.array(z.object({ fingerprint: z.string(), labels })),
  routes: z.array(
    z.object({
      path: z.array(z.number().int()).describe('Ids of the nodes from the root down'),
      key: z.string(),
      receiver: z.string(),
      groupKey: z.string(),
      groupLabels: labels,
      alerts: z.number().int().describe('In the group now'),
      nextAt: timeMs.optional().describe('When the receiver is told next, if there is news'),
      repeatIntervalMs: z.number(),
      mutedBy: z.array(z.string()),
      integrations: z.array(
        integration.extend({
          told: z
            .object({
              at: timeMs,
              as: z.enum(['firing', 'resolved', 'absent']).describe('This alert, in that message'),
            })
            .optional()
            .describe('The last message about the group'),
        }),
      ),
    }),
  ),
  now: timeMs,
});

/** A template of a configuration is far shorter. */
const maxTemplateLength = 256 * 1024;
const maxSamples = 100;

export const previewBody: ZodType<WirePreviewRequest> = z.object({
  template: z.string().max(maxTemplateLength),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']).default('firing'),
        labels: labelsInput,
        annotations: labelsInput.default({}),
        startsAt: timeMs.optional(),
        generatorUrl: z.string().max(10_000).default(''),
      }),
    )
    .min(1)
    .max(maxSamples),
  receiver: z.string().max(1000).default('preview'),
});

export const previewResponse: ZodType<WireTemplatePreview> = z.object({
  results: z.array(
    z.object({
      name: z.string().describe('Empty: the text outside of definitions'),
      text: z.string().optional(),
      error: z.string().optional(),
    }),
  ),
});
