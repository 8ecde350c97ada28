import { X509Certificate } from 'node:crypto';
import type { Trouble } from '../contract.ts';

export interface CertificateRules {
  /** So long before its end a certificate is told of, ms. */
  readonly thresholdMs: number;
  readonly criticalThresholdMs: number;
}

/** A Secret of type kubernetes.io/tls, as the API server has it. */
export interface TlsSecret {
  readonly metadata?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
  };
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
}

const dayMs = 86_400_000;

/** Whether the first certificate of a Secret has ended, or does so soon. What is no certificate is none. */
export function certificateTrouble(
  { metadata, data }: TlsSecret,
  { thresholdMs, criticalThresholdMs }: CertificateRules,
  nowMs: number,
): Trouble | undefined {
  const pem = data?.['tls.crt'];
  if (pem === undefined) return undefined;
  let endMs: number;
  let name: string;
  try {
    const certificate = new X509Certificate(Buffer.from(pem, 'base64'));
    endMs = certificate.validToDate.getTime();
    name = certificate.subjectAltName ?? certificate.subject;
  } catch {
    return undefined;
  }
  const leftMs = endMs - nowMs;
  if (leftMs > thresholdMs) return undefined;
  const subject = {
    kind: 'Secret',
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
  };
  const isOver = leftMs <= 0;
  const when = new Date(endMs).toISOString().slice(0, 16).replace('T', ' ');
  const days = Math.abs(Math.round(leftMs / dayMs));
  const names = name.replaceAll('\n', ', ');
  return {
    reason: isOver ? 'TLSCertExpired' : 'TLSCertExpiringSoon',
    severity: leftMs <= criticalThresholdMs ? 'critical' : 'medium',
    subject,
    owner: subject,
    uid: metadata?.uid,
    finding: {
      code: isOver ? 'certificateEnded' : 'certificateEnds',
      parameters: [names, when, days],
    },
    message: `The certificate of ${names} ${isOver ? 'ended' : 'ends'} on ${when} UTC, ${isOver ? `${days} days ago` : `in ${days} days`}`,
    sinceMs: nowMs,
  };
}
