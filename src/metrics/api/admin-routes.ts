import type { FastifyInstance } from 'fastify';
import { AppError } from '#base';
import type { MetricsApiDeps } from './contract.ts';
import { messageOf, prometheusRoute, sent } from './http.ts';
import { matcherSetsOf } from './label-routes.ts';
import { badParameter, maxTimeMs, minTimeMs } from './parameters.ts';

/** What changes the store, for administrators only; and the life cycle paths. */
export function registerAdminRoutes(app: FastifyInstance, deps: MetricsApiDeps): void {
  const { store, language, config, log } = deps;
  const admin = { methods: ['POST', 'PUT'], access: 'admin' } as const;

  prometheusRoute(app, '/api/v1/admin/tsdb/delete_series', admin, async ({ parameters, reply }) => {
    const texts = parameters.all('match[]');
    if (texts.length === 0) {
      throw new AppError('METRICS_BAD_DATA', 'no match[] parameter provided');
    }
    const fromMs = parameters.timeMs('start', minTimeMs);
    const toMs = parameters.timeMs('end', maxTimeMs);
    if (toMs < fromMs) throw badParameter('end', 'end timestamp must not be before start time');
    await store.deleteSeries(matcherSetsOf(texts, language), fromMs, toMs);
    reply.code(204).send();
    return sent;
  });
  prometheusRoute(app, '/api/v1/admin/tsdb/clean_tombstones', admin, async ({ reply }) => {
    await store.cleanTombstones();
    reply.code(204).send();
    return sent;
  });
  prometheusRoute(app, '/api/v1/admin/tsdb/snapshot', admin, async ({ parameters }) => ({
    data: { name: await store.snapshot({ skipHead: parameters.isTrue('skip_head') }) },
  }));

  app.route({
    method: ['POST', 'PUT'],
    url: '/-/reload',
    config: { access: 'admin' },
    handler: async (_request, reply) => {
      try {
        await config?.reload();
        return reply.type('text/plain; charset=utf-8').send('');
      } catch (error) {
        log.error('The metrics configuration was not reloaded', { err: error });
        return reply
          .code(500)
          .type('text/plain; charset=utf-8')
          .send(`failed to reload config: ${messageOf(error)}\n`);
      }
    },
  });
  app.route({
    method: ['POST', 'PUT'],
    url: '/-/quit',
    config: { access: 'admin' },
    handler: async (_request, reply) => {
      reply.type('text/plain; charset=utf-8');
      if (deps.quit === undefined) return reply.code(403).send('Lifecycle API is not enabled.');
      reply.raw.once('finish', deps.quit);
      return reply.send('Requesting termination... Goodbye!');
    },
  });
  for (const path of ['/-/reload', '/-/quit']) {
    app.get(path, { config: { access: 'none' } }, (_request, reply) =>
      reply
        .code(405)
        .header('allow', 'POST, PUT')
        .type('text/plain; charset=utf-8')
        .send('Only POST or PUT requests allowed\n'),
    );
  }
}
