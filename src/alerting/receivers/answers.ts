import { DeliveryError, type HttpAnswer } from './contract.ts';
import { objectOf } from './texts.ts';

/** Of what a service says, in an error's text. */
const maxQuotedChars = 200;

/**
 * The object that a service answers with.
 * @throws {DeliveryError} where there is none: perhaps a proxy's page, so that another try may help
 */
export function jsonAnswer(
  service: string,
  { text }: HttpAnswer,
): Readonly<Record<string, unknown>> {
  const answer = objectOf(text);
  if (Object.keys(answer).length > 0) return answer;
  throw new DeliveryError(`${service}: the answer is no JSON`, { isRetryable: true });
}

/** A refusal that comes with a good status: services of chats say what went wrong in the body. */
export function refusal(
  service: string,
  message: unknown,
  how: 'final' | 'limited' | 'retry' = 'final',
): DeliveryError {
  const said = typeof message === 'string' ? message : (JSON.stringify(message) ?? 'no reason');
  return new DeliveryError(`${service}: ${said.slice(0, maxQuotedChars)}`, {
    isRetryable: how !== 'final',
    reason: how === 'limited' ? 'rateLimited' : how === 'final' ? 'clientError' : 'other',
  });
}
