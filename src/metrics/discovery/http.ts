import { AppError, describeError, isAbortError } from '#base';
import type { HttpSdConfig } from '#metrics/config';
import { createHttpClient } from '#metrics/http';
import type { Discoverer, DiscoveryDeps, TargetGroup } from './contract.ts';
import { parseGroups } from './group-file.ts';

const maxAnswerBytes = 64 * 1024 * 1024;

/** A server that answers with a list of `{targets, labels}`. A failure keeps the old groups. */
export function httpDiscoverer(config: HttpSdConfig, deps: DiscoveryDeps): Discoverer {
  const { clock, metrics } = deps;
  const log = deps.log.child('metrics/discovery');
  const failures = metrics.counter(
    'prometheus_sd_http_failures_total',
    'Number of HTTP service discovery refresh failures',
  );
  // In labels and logs it is seen by everybody.
  const shownUrl = config.url.replace(/^(\w+:\/\/[^/@\s:]*):[^/@\s]*@/, '$1:xxxxx@');
  let groupCount = 0;
  let lastProblem = '';

  return {
    run: async (emit, signal) => {
      using client = createHttpClient(config, deps);
      const ask = async (): Promise<TargetGroup[]> => {
        const answer = await client.request({
          url: config.url,
          headers: {
            accept: 'application/json',
            'accept-encoding': 'gzip',
            'x-prometheus-refresh-interval-seconds': String(config.refreshIntervalMs / 1000),
          },
          maxBytes: maxAnswerBytes,
          signal: AbortSignal.any([signal, AbortSignal.timeout(config.refreshIntervalMs)]),
        });
        if (answer.status !== 200) {
          throw failed(`server returned HTTP status ${answer.status} ${answer.statusText}`);
        }
        const type = String(answer.headers['content-type'] ?? '');
        if (!/^\s*application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type)) {
          throw failed(`unsupported content type "${type}"`);
        }
        return parseGroups(answer.body.toString('utf8'), false).map(
          ({ targets, labels }, index) => ({
            source: `${shownUrl}:${index}`,
            targets: targets.map((address) => ({ __address__: address })),
            labels: { ...labels, __meta_url: shownUrl },
          }),
        );
      };
      while (!signal.aborted) {
        try {
          const groups = await ask();
          const count = groups.length;
          for (let index = count; index < groupCount; index++) {
            groups.push({ source: `${shownUrl}:${index}`, targets: [], labels: {} });
          }
          groupCount = count;
          lastProblem = '';
          emit(groups);
        } catch (error) {
          if (signal.aborted) return;
          failures.add(1);
          const reason = isAbortError(error) ? 'no answer in time' : describeError(error);
          if (reason !== lastProblem) {
            log.error('Cannot get targets from a server, the last ones stay', {
              url: new URL(config.url).origin,
              reason,
            });
          }
          lastProblem = reason;
        }
        await clock.sleep(config.refreshIntervalMs, signal).catch(() => {});
      }
    },
  };
}

const failed = (message: string): AppError => new AppError('DISCOVERY_FAILED', message);
