import type { WebhookSink } from '../config/contract.ts';
import type { SendTold } from './contract.ts';
import { postJson } from './post.ts';

/** `{"source": "a,b", "data": EVENT, "timeStamp": RFC 3339}`; 200 is what it wants to hear. */
export const webhookSender =
  ({ url }: WebhookSink): SendTold =>
  async ({ sources, event }, signal) => {
    const body = JSON.stringify({
      source: sources.join(','),
      data: event.data,
      timeStamp: new Date(event.timeMs).toISOString(),
    });
    await postJson(url, body, {
      headers: {},
      isGood: (status) => status >= 200 && status < 300,
      signal,
    });
  };
