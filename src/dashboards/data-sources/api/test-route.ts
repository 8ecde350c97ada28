import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { readInput } from '#dashboards/data-sources';
import { apiRoute } from '#server';
import type { DataSourcesApiDeps } from './edge.ts';

const health: z.ZodType<{
  status: 'OK' | 'ERROR';
  message: string;
  advice?: string[] | undefined;
  details?: Record<string, unknown> | undefined;
}> = z.object({
  status: z.enum(['OK', 'ERROR']),
  message: z.string(),
  advice: z.array(z.string()).optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** Tries settings that are not saved yet. */
export function registerTestRoute(app: FastifyInstance, { sources }: DataSourcesApiDeps): void {
  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/data-sources/test',
      summary:
        'Tries a data source before it is saved; secrets not given are those of the saved one',
      body: z.record(z.string(), z.unknown()),
      response: health,
      access: 'editor',
      maxBodyBytes: 1024 * 1024,
    },
    async ({ body, signal }) => {
      const { advice, ...answer } = await sources.test(readInput(body), signal);
      return {
        ...answer,
        details: { ...answer.details },
        ...(advice === undefined ? {} : { advice: [...advice] }),
      };
    },
  );
}
