import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '#base';
import type { DropPreview, DropRule, DropRuleView } from '#metrics/drop-rules';
import { apiRoute, type Edge } from '#server';

const maxRegexLength = 2000;

const ruleSchema = z.object({
  action: z.enum(['drop', 'labeldrop']),
  sourceLabels: z.array(z.string().min(1).max(500)).max(20).default([]),
  regex: z.string().min(1).max(maxRegexLength),
});
const viewSchema = ruleSchema.extend({
  id: z.string(),
  createdMs: z.number(),
  createdBy: z.string(),
  dropped: z.object({
    samples: z.number(),
    series: z.number(),
    lastMs: z.number().optional(),
  }),
});
const countsSchema = z.array(z.object({ name: z.string(), series: z.number() }));
const previewSchema = z.object({
  series: z.number(),
  metrics: countsSchema,
  jobs: countsSchema,
  isCut: z.boolean(),
});

/** What the routes need of the rules. */
export interface DropRulesView {
  list(): readonly DropRuleView[];
  add(rule: DropRule, createdBy: string): Promise<DropRuleView>;
  remove(id: string, removedBy: string): Promise<boolean>;
  yaml(): string;
  preview(rule: DropRule, signal: AbortSignal): Promise<DropPreview>;
}

/** Our own API of drop rules: `/nunchi/metrics/drop-rules`. */
export function dropRulesEdge(rules: DropRulesView): Edge {
  return {
    name: 'metric-drop-rules',
    register: (app) => registerDropRuleRoutes(app, rules),
  };
}

function registerDropRuleRoutes(app: FastifyInstance, rules: DropRulesView): void {
  const url = '/nunchi/metrics/drop-rules';
  const tag = 'metrics';
  apiRoute(
    app,
    {
      method: 'GET',
      url,
      tag,
      summary: 'Drop rules with what each has dropped since the server started',
      response: z.object({ rules: z.array(viewSchema) }),
    },
    () => ({ rules: rules.list().map(wire) }),
  );
  apiRoute(
    app,
    {
      method: 'POST',
      url,
      tag,
      access: 'editor',
      summary: 'Add a drop rule; it counts from the next scrape or request on',
      body: ruleSchema,
      response: viewSchema,
    },
    async ({ body, principal }) => wire(await rules.add(body, principal.name)),
  );
  apiRoute(
    app,
    {
      method: 'POST',
      url: `${url}/preview`,
      tag,
      summary: 'What a drop rule would meet now',
      body: ruleSchema,
      response: previewSchema,
    },
    async ({ body, signal }) => {
      const { metrics, jobs, ...preview } = await rules.preview(body, signal);
      return { ...preview, metrics: [...metrics], jobs: [...jobs] };
    },
  );
  apiRoute(
    app,
    {
      method: 'DELETE',
      url: `${url}/:id`,
      tag,
      access: 'editor',
      summary: 'Remove a drop rule; samples are stored again from now on',
      params: z.object({ id: z.string() }),
    },
    async ({ params, principal }) => {
      if (await rules.remove(params.id, principal.name)) return undefined;
      throw new AppError('DROP_RULE_NOT_FOUND', `There is no drop rule ${params.id}`);
    },
  );
  apiRoute(
    app,
    {
      method: 'GET',
      url: `${url}.yaml`,
      tag,
      summary: 'The rules as metric_relabel_configs of a prometheus.yml',
      streams: 'application/yaml',
    },
    ({ reply }) =>
      reply.header('cache-control', 'no-store').type('application/yaml').send(rules.yaml()),
  );
}

function wire({ sourceLabels, dropped, ...view }: DropRuleView): z.input<typeof viewSchema> {
  const { lastMs, ...counts } = dropped;
  return {
    ...view,
    sourceLabels: [...sourceLabels],
    dropped: lastMs === undefined ? counts : { ...counts, lastMs },
  };
}
