import type { FastifyInstance } from 'fastify';
import type { MetricsApiDeps } from './contract.ts';
import { prometheusRoute } from './http.ts';

/** Streams at once; the reference's `--web.max-notifications-subscribers`. */
const maxSubscribers = 16;
/** From one look to the next, while somebody listens. */
const lookEveryMs = 1000;

interface Notification {
  readonly text: string;
  /** RFC 3339. */
  readonly date: string;
  readonly active: boolean;
}

/** `/notifications`: what an administrator should know now, and as server-sent events. */
export function registerNotificationRoutes(app: FastifyInstance, deps: MetricsApiDeps): void {
  const current = (): readonly Notification[] => {
    const reload = deps.config?.lastReload;
    if (reload === undefined || reload.ok) return [];
    const date = new Date(reload.atMs).toISOString();
    return [{ text: 'Configuration reload has failed.', date, active: true }];
  };

  prometheusRoute(app, '/api/v1/notifications', {}, () => ({ data: current() }));

  let subscribers = 0;
  app.get('/api/v1/notifications/live', { config: { access: 'viewer' } }, (_request, reply) => {
    if (subscribers >= maxSubscribers) {
      reply.code(204).send();
      return;
    }
    subscribers++;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      connection: 'keep-alive',
    });
    let shown: readonly Notification[] = [];
    const look = (): void => {
      const now = current();
      const ended = shown.filter(({ date }) => !now.some((each) => each.date === date));
      const begun = now.filter(({ date }) => !shown.some((each) => each.date === date));
      shown = now;
      // Who does not read what is sent gets no more of it.
      if (raw.writableNeedDrain) return;
      for (const each of [...ended.map((one) => ({ ...one, active: false })), ...begun]) {
        raw.write(`data: ${JSON.stringify(each)}\n\n`);
      }
    };
    raw.flushHeaders();
    look();
    const timer = setInterval(look, lookEveryMs).unref();
    raw.once('close', () => {
      clearInterval(timer);
      subscribers--;
    });
  });
}
