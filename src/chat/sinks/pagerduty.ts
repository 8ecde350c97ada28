import { createHash } from 'node:crypto';
import type { PagerDutySink } from '../config/contract.ts';
import type { SendTold } from './contract.ts';
import { postJson } from './post.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Errors become alerts of the Events API v2, everything else a change event. The same trouble of the same object has
 * one key, so that it opens one incident.
 */
export const pagerDutySender =
  ({ integrationKey, apiUrl }: PagerDutySink, clusterName: string): SendTold =>
  async ({ sources, event }, signal) => {
    const { data, timeMs } = event;
    const [kind, namespace, name, reason] = ['Kind', 'Namespace', 'Name', 'Reason'].map((key) =>
      text(data[key]),
    );
    const timestamp = new Date(timeMs).toISOString();
    const where = [namespace, name].filter((part) => part !== '').join('/');
    const title = text(data['Title']) || 'event';
    const summary = `[${clusterName}] ${title}${where === '' ? '' : `: ${where}`}${reason === '' ? '' : ` (${reason})`}`;
    const isTrouble = data['Level'] === 'error' || data['State'] === 'firing';
    const labels = JSON.stringify(data['Labels'] ?? {});
    const key = [clusterName, kind, namespace, name, reason, labels].join('\n');
    const details = { ...data, sources };
    const body = isTrouble
      ? {
          routing_key: integrationKey,
          event_action: 'trigger',
          dedup_key: createHash('sha256').update(key).digest('hex'),
          payload: {
            summary: summary.slice(0, 1024),
            source: clusterName,
            severity: 'error',
            timestamp,
            component: where || undefined,
            class: reason || undefined,
            custom_details: details,
          },
        }
      : {
          routing_key: integrationKey,
          payload: {
            summary: summary.slice(0, 1024),
            source: clusterName,
            timestamp,
            custom_details: details,
          },
        };
    const path = isTrouble ? '/v2/enqueue' : '/v2/change/enqueue';
    await postJson(`${apiUrl}${path}`, JSON.stringify(body), {
      headers: {},
      isGood: (status) => status === 202 || status === 200,
      signal,
    });
  };
