import type { Principal } from '#server';
import { AwsError } from './errors.ts';

/**
 * The Security Token Service, as far as tools need it to learn who they are: GetCallerIdentity in
 * the query protocol (form body in, XML out).
 */
export interface StsCaller {
  readonly accountId: string;
  readonly principal: Principal;
  readonly accessKeyId: string | undefined;
  readonly requestId: string;
}

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';
export const stsContentType = 'text/xml';

/** The reply to a form body. @throws {AwsError} InvalidAction */
export function answerSts(form: URLSearchParams, caller: StsCaller): string {
  const action = form.get('Action') ?? '';
  if (action !== 'GetCallerIdentity') {
    throw new AwsError(
      'InvalidAction',
      `Could not find operation ${action} for version 2011-06-15`,
    );
  }
  const { accountId, principal, accessKeyId, requestId } = caller;
  return element(
    `GetCallerIdentityResponse xmlns="${namespace}"`,
    element(
      'GetCallerIdentityResult',
      element('Arn', escapeXml(userArn(accountId, principal))) +
        element('UserId', escapeXml(accessKeyId ?? principal.name)) +
        element('Account', accountId),
    ) + element('ResponseMetadata', element('RequestId', requestId)),
  );
}

/** Errors of the query protocol. Some codes have other names here than in the JSON protocol. */
export function stsErrorXml(error: AwsError, requestId: string): string {
  const code =
    error.code === 'UnrecognizedClientException'
      ? 'InvalidClientTokenId'
      : error.code.replace(
          /(InvalidSignature|MissingAuthenticationToken|IncompleteSignature)Exception$/,
          '$1',
        );
  return element(
    `ErrorResponse xmlns="${namespace}"`,
    element(
      'Error',
      element('Type', error.status >= 500 ? 'Receiver' : 'Sender') +
        element('Code', escapeXml(code)) +
        element('Message', escapeXml(error.message)),
    ) + element('RequestId', requestId),
  );
}

export const userArn = (accountId: string, principal: Principal): string =>
  `arn:aws:iam::${accountId}:user/${principal.name}`;

function element(open: string, content: string): string {
  return `<${open}>${content}</${open.split(' ')[0]}>`;
}

const xmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (c) => xmlEscapes[c]!);
