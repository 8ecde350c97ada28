import { refusal } from './answers.ts';
import { DeliveryError, type HttpAnswer, type HttpSender } from './contract.ts';
import { objectOf } from './texts.ts';

const limitedErrors: ReadonlySet<unknown> = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
]);
const passingErrors: ReadonlySet<unknown> = new Set([
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

export interface SlackCall {
  readonly method: string;
  /** JSON; methods of files take a form. */
  readonly body: Readonly<Record<string, unknown>> | URLSearchParams;
  readonly signal: AbortSignal;
}

/** Methods of Slack's Web API, with a bot's token. */
export interface SlackApi {
  /** @throws {DeliveryError}; {@link SlackRefusal} where the method answers that it is not ok */
  call(call: SlackCall): Promise<Readonly<Record<string, unknown>>>;
  /** Keeps a picture with Slack, shown nowhere yet. @returns the file's id @throws {DeliveryError} */
  upload(
    file: { readonly name: string; readonly title: string; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<string>;
}

/** What a method answers that did not do it. */
export class SlackRefusal extends DeliveryError {
  /** Slack's own word, such as `channel_not_found`. */
  readonly code: string;

  constructor(code: string) {
    const how = limitedErrors.has(code) ? 'limited' : passingErrors.has(code) ? 'retry' : 'final';
    const { message, isRetryable, reason } = refusal('error response from Slack', code, how);
    super(message, { isRetryable, reason });
    this.code = code;
  }
}

/** @param options.url of chat.postMessage; the other methods stand beside it */
export function slackApi(
  http: HttpSender,
  options: { readonly url: string; readonly token: string; readonly timeoutMs: number },
): SlackApi {
  const { url, token, timeoutMs } = options;
  const call: SlackApi['call'] = async ({ method, body, signal }) => {
    const isForm = body instanceof URLSearchParams;
    const answer = await http.post({
      url: method === 'chat.postMessage' ? url : new URL(method, url).href,
      body: isForm ? body.toString() : body,
      headers: {
        authorization: `Bearer ${token}`,
        ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      timeoutMs,
      signal,
    });
    return checkSlackAnswer(answer);
  };
  return {
    call,
    upload: async ({ name, title, bytes }, signal) => {
      const asked = new URLSearchParams({ filename: name, length: String(bytes.length) });
      const place = await call({ method: 'files.getUploadURLExternal', body: asked, signal });
      const { upload_url: uploadUrl, file_id: id } = place;
      if (typeof uploadUrl !== 'string' || typeof id !== 'string') {
        throw refusal('slack', 'no place for the file was given');
      }
      const headers = { 'content-type': 'application/octet-stream' };
      await http.post({ url: uploadUrl, body: bytes, headers, timeoutMs, signal });
      await call({
        method: 'files.completeUploadExternal',
        body: { files: [{ id, title }] },
        signal,
      });
      return id;
    },
  };
}

/**
 * A status of 200 is no success yet: hooks answer `ok`, methods `{"ok":true}`.
 * @throws {DeliveryError}
 */
export function checkSlackAnswer({
  contentType,
  text,
}: HttpAnswer): Readonly<Record<string, unknown>> {
  if (/^application\/json\b/i.test(contentType)) {
    const answer = objectOf(text);
    if (answer['ok'] === true) return answer;
    if (answer['ok'] === false) throw new SlackRefusal(String(answer['error']));
    throw new DeliveryError('could not unmarshal JSON response from Slack', { isRetryable: true });
  }
  if (text.trim() === 'ok') return {};
  throw new DeliveryError(`received an error response from Slack: ${text.slice(0, 200)}`, {
    isRetryable: false,
    reason: 'clientError',
  });
}
