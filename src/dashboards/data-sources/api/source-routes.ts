import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppError } from '#base';
import { type NumberedDataSource, readInput } from '#dashboards/data-sources';
import { closeSignal } from '#server';
import type { DataSourcesApiDeps } from './edge.ts';
import { jsonBody } from './errors.ts';
import { sourceJson } from './source-json.ts';

const maxBodyBytes = 1024 * 1024;
const reads = { config: { access: 'viewer' } } as const;
const changes = { config: { access: 'editor', maxBodyBytes } } as const;

type ByText = Readonly<Record<'id' | 'uid' | 'name', string>>;

/** Reading, changing and testing data sources. */
export function registerSourceRoutes(app: FastifyInstance, { sources }: DataSourcesApiDeps): void {
  const byUid = (uid: string): NumberedDataSource => found(sources.byUid(uid), uid);
  const byId = (id: string): NumberedDataSource => found(sources.byId(Number(id)), id);
  const byName = (name: string): NumberedDataSource => found(sources.byName(name), name);
  const params = (request: { readonly params: unknown }): ByText => request.params as ByText;

  app.get('/api/datasources', reads, (_request, reply) =>
    send(reply, sources.list().map(sourceJson)),
  );
  app.get('/api/datasources/:id', reads, (request, reply) =>
    send(reply, sourceJson(byId(params(request).id))),
  );
  app.get('/api/datasources/uid/:uid', reads, (request, reply) =>
    send(reply, sourceJson(byUid(params(request).uid))),
  );
  app.get('/api/datasources/name/:name', reads, (request, reply) =>
    send(reply, sourceJson(byName(params(request).name))),
  );
  app.get('/api/datasources/id/:name', reads, (request, reply) =>
    send(reply, { id: byName(params(request).name).id }),
  );

  app.post('/api/datasources', changes, async (request, reply) => {
    const made = await sources.create(readInput(jsonBody(request.body)));
    const { id, name } = made;
    return send(reply, { datasource: sourceJson(made), id, name, message: 'Datasource added' });
  });

  const update = async (
    reply: FastifyReply,
    { uid }: NumberedDataSource,
    body: unknown,
  ): Promise<FastifyReply> => {
    const changed = await sources.update(uid, readInput(jsonBody(body)));
    const { id, name } = changed;
    return send(reply, {
      datasource: sourceJson(changed),
      id,
      name,
      message: 'Datasource updated',
    });
  };
  app.put('/api/datasources/uid/:uid', changes, (request, reply) =>
    update(reply, byUid(params(request).uid), request.body),
  );
  app.put('/api/datasources/:id', changes, (request, reply) =>
    update(reply, byId(params(request).id), request.body),
  );

  const remove = async (
    reply: FastifyReply,
    { uid }: NumberedDataSource,
  ): Promise<FastifyReply> => {
    const { id } = await sources.delete(uid);
    return send(reply, { id, message: 'Data source deleted' });
  };
  app.delete('/api/datasources/uid/:uid', changes, (request, reply) =>
    remove(reply, byUid(params(request).uid)),
  );
  app.delete('/api/datasources/:id', changes, (request, reply) =>
    remove(reply, byId(params(request).id)),
  );
  app.delete('/api/datasources/name/:name', changes, (request, reply) =>
    remove(reply, byName(params(request).name)),
  );

  const health = async (
    reply: FastifyReply,
    { uid }: NumberedDataSource,
  ): Promise<FastifyReply> => {
    const answer = await sources.health(uid, closeSignal(reply));
    reply.code(answer.status === 'OK' ? 200 : 400);
    return send(reply, answer);
  };
  app.get('/api/datasources/uid/:uid/health', reads, (request, reply) =>
    health(reply, byUid(params(request).uid)),
  );
  app.get('/api/datasources/:id/health', reads, (request, reply) =>
    health(reply, byId(params(request).id)),
  );
}

export function found(source: NumberedDataSource | undefined, name: string): NumberedDataSource {
  if (source !== undefined) return source;
  throw new AppError('DATA_SOURCE_NOT_FOUND', `There is no data source "${name}"`);
}

function send(reply: FastifyReply, value: unknown): FastifyReply {
  return reply
    .type('application/json')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(value));
}
