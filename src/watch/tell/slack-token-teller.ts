import type { HttpClient } from '#metrics/http';
import type { Collection } from '#state';
import type { ProviderConfig } from '../config/contract.ts';
import type { IncidentMessage, SilenceNote } from '../messages/contract.ts';
import { followUpBlocks, rootBlocks } from '../messages/slack.ts';
import { headline } from '../messages/words.ts';
import type { Teller } from './contract.ts';
import { failed, post, send } from './http-teller.ts';

/** Errors of Slack that pass. */
const passing = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
]);

/** The first message of a thread, which is written anew when its state changes. */
export interface SlackRoot {
  /** Id of the channel: changes and uploads take no name. */
  readonly channel: string;
  readonly ts: string;
  readonly message: IncidentMessage;
  readonly notes: readonly SilenceNote[];
}

export interface SlackTokenDeps {
  /** By the id of the incident. */
  readonly roots: Collection<SlackRoot>;
  /** Whether a bot with this token answers buttons. */
  readonly isAnswered: (token: string) => boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** A bot: one thread for one incident, whose first message has the state that it is in. */
export function slackTokenTeller(
  config: ProviderConfig,
  client: HttpClient,
  { roots, isAnswered }: SlackTokenDeps,
): Teller {
  const { token = '', channel = '', title, text } = config.settings;
  const base = (config.settings['apiurl'] ?? 'https://slack.com/api').replace(/\/$/, '');
  const headers = { authorization: `Bearer ${token}` };
  const call = async (method: string, body: Fields, signal: AbortSignal): Promise<Fields> =>
    checked(await post(client, { url: `${base}/${method}`, headers, body }, signal));
  /** Methods of files take a form. */
  const callForm = async (
    method: string,
    form: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Fields> => {
    const type = 'application/x-www-form-urlencoded';
    const request = {
      url: `${base}/${method}`,
      headers: { ...headers, 'content-type': type },
      body: Buffer.from(new URLSearchParams(form).toString()),
    };
    return checked(await send(client, request, signal));
  };
  const blocksOf = (
    { message, notes }: Pick<SlackRoot, 'message' | 'notes'>,
    resolvedMs?: number,
  ) => rootBlocks(message, { title, text }, { isAnswered: isAnswered(token), notes, resolvedMs });

  const rewrite = async (
    root: SlackRoot,
    signal: AbortSignal,
    over?: IncidentMessage,
  ): Promise<void> => {
    const resolvedMs = over?.incident.resolvedMs ?? over?.nowMs;
    try {
      await call(
        'chat.update',
        {
          channel: root.channel,
          ts: root.ts,
          text: headline(over ?? root.message),
          blocks: blocksOf(root, resolvedMs),
        },
        signal,
      );
    } catch (error) {
      // Somebody has deleted it: there is nothing to write anew.
      if (!isGone(error)) throw error;
    }
  };

  return {
    type: 'slack',
    takesTexts: true,
    tell: async (message, thread, signal) => {
      if (message.kind === 'text') {
        await call('chat.postMessage', { channel, text: message.text }, signal);
        return undefined;
      }
      if (message.body !== undefined) {
        const inThread = thread === undefined ? {} : { thread_ts: thread };
        const written = { channel, text: message.body, ...inThread };
        const { ts } = await call('chat.postMessage', written, signal);
        return thread ?? (typeof ts === 'string' ? ts : undefined);
      }
      const { id } = message.incident;
      const isRoot = thread === undefined && message.change !== 'resolved';
      const notes = message.notes ?? [];
      const answer = await call(
        'chat.postMessage',
        {
          channel,
          text: headline(message),
          blocks: isRoot ? blocksOf({ message, notes }) : followUpBlocks(message),
          ...(thread === undefined ? {} : { thread_ts: thread }),
          // That it is over concerns everybody who saw that it began.
          ...(thread !== undefined && message.change === 'resolved'
            ? { reply_broadcast: true }
            : {}),
        },
        signal,
      );
      const ts = typeof answer['ts'] === 'string' ? answer['ts'] : undefined;
      if (isRoot && ts !== undefined) {
        await roots.put(id, { channel: String(answer['channel'] ?? channel), ts, message, notes });
      }
      const root = message.change === 'resolved' ? (await roots.get(id))?.value : undefined;
      if (root !== undefined) {
        await roots.delete(id);
        // It is told already: a try that fails is not worth a second message.
        await rewrite(root, signal, message).catch(() => {});
      }
      return thread ?? ts;
    },
    tellNotes: async ({ id }, notes, signal) => {
      const root = (await roots.get(id))?.value;
      if (root === undefined) return;
      await roots.put(id, { ...root, notes });
      await rewrite({ ...root, notes }, signal);
    },
    tellPicture: async ({ png, altText }, { incident: { id }, thread }, signal) => {
      const root = (await roots.get(id))?.value;
      if (root === undefined || thread === undefined) return;
      const place = await callForm(
        'files.getUploadURLExternal',
        { filename: 'incident.png', length: String(png.length) },
        signal,
      );
      const { upload_url: url, file_id: fileId } = place;
      if (typeof url !== 'string') throw failed('Slack: no place for the chart was given', {});
      const type = { 'content-type': 'application/octet-stream' };
      await send(client, { url, headers: type, body: png }, signal);
      await call(
        'files.completeUploadExternal',
        {
          files: [{ id: fileId, title: altText }],
          channel_id: root.channel,
          thread_ts: thread,
        },
        signal,
      );
    },
    [Symbol.dispose]: () => {},
  };
}

/** @throws {AppError} WATCH_DELIVERY_FAILED */
function checked(answer: string): Fields {
  const body = parse(answer);
  if (body['ok'] === true) return body;
  const code = String(body['error']);
  throw failed(`Slack: ${code}`, { isFinal: !passing.has(code), code });
}

const isGone = (error: unknown): boolean =>
  ['message_not_found', 'cant_update_message', 'edit_window_closed'].includes(
    String((error as { readonly details?: Fields }).details?.['code']),
  );

function parse(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : {};
  } catch {
    return { error: 'no JSON' };
  }
}
