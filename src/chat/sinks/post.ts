import { AppError } from '#base';
import { messageRefused } from '../platforms/failures.ts';

const timeoutMs = 30_000;
const maxAnswerChars = 300;

/**
 * Posts JSON. The address may be a secret: it is in no message.
 * @throws {AppError} CHAT_MESSAGE_REFUSED when another try would not help, else CHAT_SINK_FAILED
 */
export async function postJson(
  url: string,
  body: string,
  {
    headers,
    isGood,
    signal,
    method = 'POST',
  }: {
    readonly headers: Readonly<Record<string, string>>;
    readonly isGood: (status: number) => boolean;
    readonly signal: AbortSignal;
    readonly method?: 'POST' | 'PUT';
  },
): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
    throw new AppError('CHAT_SINK_FAILED', `${hostOf(url)} cannot be reached: ${cause}`);
  }
  const answer = await firstChars(response);
  if (isGood(response.status)) return answer;
  const said = `${hostOf(url)} answers ${response.status}: ${answer.slice(0, maxAnswerChars)}`;
  // What is wrong with this one stays wrong; a limit and what is broken over there pass.
  const isFinal = response.status < 500 && response.status !== 429 && response.status !== 408;
  throw isFinal ? messageRefused(said) : new AppError('CHAT_SINK_FAILED', said);
}

const maxReadBytes = 1_048_576;

/** As much as is looked at; the rest is not waited for. */
async function firstChars(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxReadBytes) break;
    }
  } catch {
    // The status says enough.
  }
  return Buffer.concat(chunks).toString('utf8');
}

const hostOf = (url: string): string => new URL(url).host;
