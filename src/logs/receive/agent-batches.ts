import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isAppError, type Logger, type MetricsRegistry } from '#base';
import { type BatchSection, decodeBatch, inflateBatch } from '#logs/batch';
import type { LogStore } from '#logs/store';
import type { Edge } from '#server';
import { type AgentRegistry, parseReport } from './agents.ts';

/** Agents seal batches at about 1 MiB; a single long line may make one larger. */
const maxCompressedBytes = 16 * 1024 * 1024;
const maxBatchBytes = 64 * 1024 * 1024;
const maxReportBytes = 16 * 1024;

/** A full store is looked at again by its agents after this. */
const retryAfterSeconds = 5;

const batchType = 'application/vnd.nunchi.batch+zstd';
const sourceId = /^[A-Za-z0-9._:/-]{1,200}$/;

export interface AgentBatchDeps {
  readonly store: LogStore;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Told of every batch and report. */
  readonly agents?: AgentRegistry;
}

/**
 * Nunchi's batch protocol, the server's side. `POST /nunchi/agent/batches` takes one zstd-compressed
 * batch with `x-nunchi-agent` (who sends) and `x-nunchi-batch` (its number) and answers 200 once it
 * is durable, also when it had been stored before. `GET /nunchi/agent/sources/ID` tells how far a
 * sender's batches are stored. `POST /nunchi/agent/status` takes what an agent says of itself.
 */
export function agentBatchEdge({ store, logger, metrics, agents }: AgentBatchDeps): Edge {
  const batches = metrics.counter(
    'nunchi_agent_batches_received_total',
    'Batches from agents, by result',
  );
  const bytes = metrics.counter(
    'nunchi_agent_batches_received_bytes_total',
    'Compressed bytes of batches from agents',
  );

  const refuse = (
    reply: FastifyReply,
    status: number,
    code: string,
    message: string,
  ): FastifyReply => {
    batches.add(1, { result: code.toLowerCase() });
    return reply.code(status).send({ code, message });
  };

  const receive = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const id = request.headers['x-nunchi-agent'];
    const number = Number(request.headers['x-nunchi-batch']);
    if (
      typeof id !== 'string' ||
      !sourceId.test(id) ||
      !Number.isSafeInteger(number) ||
      number < 1
    ) {
      const message =
        'A batch needs the headers x-nunchi-agent (an id) and x-nunchi-batch (a number from 1)';
      return refuse(reply, 400, 'BATCH_INVALID', message);
    }
    const compressed = request.body as Buffer;
    bytes.add(compressed.length);
    let sections: BatchSection[];
    try {
      sections = decodeBatch(await inflateBatch(compressed, maxBatchBytes));
    } catch (error) {
      const message = isAppError(error) ? error.message : 'The body is not a zstd-compressed batch';
      logger.warn('Refused a batch of an agent', { agent: id, number, reason: message });
      return refuse(reply, 400, 'BATCH_INVALID', message);
    }
    try {
      const result = await store.append({ sections, source: { id, number }, compressed });
      batches.add(1, { result: result.duplicate ? 'duplicate' : 'stored' });
      agents?.batch(id, number, result.duplicate ? 0 : result.events);
      return reply.send({ number, events: result.events, duplicate: result.duplicate });
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (error.code === 'STORE_FULL' || error.code === 'STORE_CLOSED') {
        reply.header('retry-after', String(retryAfterSeconds));
        return refuse(reply, 503, error.code, error.message);
      }
      // It would be as wrong the next time; the sender would wait behind it for ever.
      if (error.code === 'BATCH_INVALID') {
        logger.warn('Refused a batch of an agent', { agent: id, number, reason: error.message });
        return refuse(reply, 400, error.code, error.message);
      }
      logger.warn('Cannot store a batch of an agent', { agent: id, number, err: error });
      return refuse(reply, 503, error.code, error.message);
    }
  };

  return {
    name: 'agent-batches',
    register(app: FastifyInstance) {
      // Own scope: the parser must not reach the routes of other edges.
      app.register(async (scope) => {
        scope.addContentTypeParser(
          batchType,
          { parseAs: 'buffer', bodyLimit: maxCompressedBytes },
          (_request, body, done) => done(null, body),
        );
        scope.post(
          '/nunchi/agent/batches',
          {
            bodyLimit: maxCompressedBytes,
            config: { access: 'agent', maxBodyBytes: maxCompressedBytes },
          },
          receive,
        );
        scope.get<{ Params: { id: string } }>(
          '/nunchi/agent/sources/:id',
          { config: { access: 'agent' } },
          async (request) => ({ storedUpTo: store.storedUpTo(request.params.id) }),
        );
        scope.post(
          '/nunchi/agent/status',
          { bodyLimit: maxReportBytes, config: { access: 'agent', maxBodyBytes: maxReportBytes } },
          async (request, reply) => {
            const id = request.headers['x-nunchi-agent'];
            const report = parseReport(request.body);
            if (typeof id !== 'string' || !sourceId.test(id) || report === undefined) {
              const message = 'A report needs the header x-nunchi-agent and a JSON body with host';
              return reply.code(400).send({ code: 'REPORT_INVALID', message });
            }
            agents?.report(id, report);
            return reply.code(204).send();
          },
        );
      });
    },
  };
}
