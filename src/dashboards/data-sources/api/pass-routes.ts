import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#base';
import type { NumberedDataSource } from '#dashboards/data-sources';
import { closeSignal } from '#server';
import type { DataSourcesApiDeps } from './edge.ts';
import { found } from './source-routes.ts';

const maxBodyBytes = 8 * 1024 * 1024;
/** What a page of another origin could do harm with is not passed on. */
const passedTypes = /^(application\/json|text\/plain|text\/csv)\b/i;

/**
 * What editors and older clients ask of a data source itself. Each decides which of its paths may be
 * asked; our own Prometheus has routes of its own below the same places.
 */
export function registerPassRoutes(app: FastifyInstance, { sources }: DataSourcesApiDeps): void {
  const byUid = (uid: string): NumberedDataSource => found(sources.byUid(uid), uid);
  const byId = (id: string): NumberedDataSource => found(sources.byId(Number(id)), id);
  const pass = async (
    source: NumberedDataSource,
    request: FastifyRequest,
    reply: FastifyReply,
    depth: number,
  ): Promise<FastifyReply> => {
    const at = request.url.indexOf('?');
    const { method } = request;
    if (method !== 'GET' && method !== 'POST') {
      throw new AppError('DATA_RESOURCE_NOT_FOUND', `${method} is not passed on`);
    }
    const answer = await sources.resource(
      source.uid,
      {
        method,
        // As it came: a name in it may hold an escaped slash.
        path: (at < 0 ? request.url : request.url.slice(0, at)).split('/').slice(depth).join('/'),
        queryString: at < 0 ? '' : request.url.slice(at + 1),
        ...(Buffer.isBuffer(request.body) ? { body: request.body } : {}),
      },
      closeSignal(reply),
    );
    const type = passedTypes.test(answer.contentType)
      ? answer.contentType
      : 'application/octet-stream';
    return reply
      .code(answer.status)
      .type(type)
      .header('cache-control', 'no-store')
      .send(answer.body);
  };
  /** `depth`: parts of the path before that of the data source. */
  const route = (
    url: string,
    depth: number,
    find: (params: { uid: string; id: string }) => NumberedDataSource,
  ): void => {
    app.route({
      method: ['GET', 'POST'],
      url,
      config: { access: 'viewer', maxBodyBytes },
      handler: (request, reply) =>
        pass(find(request.params as { uid: string; id: string }), request, reply, depth),
    });
  };
  route('/api/datasources/proxy/uid/:uid/*', 6, ({ uid }) => byUid(uid));
  route('/api/datasources/proxy/:id/*', 5, ({ id }) => byId(id));
  route('/api/datasources/uid/:uid/resources/*', 6, ({ uid }) => byUid(uid));
  route('/api/datasources/:id/resources/*', 5, ({ id }) => byId(id));
}
