import type { Clock } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import { type Subject, subjectKey, type Trouble } from '../contract.ts';
import {
  type CertificateRules,
  certificateTrouble,
  type TlsSecret,
} from '../detect/certificates.ts';
import type { TroublesListener } from '../observer.ts';

/** Certificates with their keys: some kilobytes each. */
const maxSecretsBytes = 64 * 1024 * 1024;
const secretsPerPage = 200;

interface SecretPage {
  readonly items?: readonly TlsSecret[];
  readonly metadata?: { readonly continue?: string };
}

export interface CertificateLookDeps {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly hear: TroublesListener;
}

/** Reads TLS Secrets when they are looked at: contents of Secrets are mirrored by nobody. */
export class CertificateLook {
  readonly #rules: CertificateRules;
  readonly #deps: CertificateLookDeps;
  #ending = new Map<string, Subject>();

  /** @param known of certificates that were ending when the program ended: so they are until they are read */
  constructor(rules: CertificateRules, known: readonly Trouble[], deps: CertificateLookDeps) {
    this.#rules = rules;
    this.#deps = deps;
    for (const trouble of known) {
      this.#ending.set(subjectKey(trouble.subject), trouble.subject);
      deps.hear(trouble.subject, [trouble]);
    }
  }

  async look(signal: AbortSignal): Promise<void> {
    const { cluster, clock, hear } = this.#deps;
    const ending = new Map<string, Subject>();
    let next: string | undefined;
    do {
      const page: SecretPage = await cluster.client.json({
        path: '/api/v1/secrets',
        query: {
          fieldSelector: 'type=kubernetes.io/tls',
          limit: String(secretsPerPage),
          continue: next,
        },
        maxBytes: maxSecretsBytes,
        signal,
      });
      for (const secret of page.items ?? []) {
        const trouble = certificateTrouble(secret, this.#rules, clock.nowMs());
        if (trouble === undefined) continue;
        ending.set(subjectKey(trouble.subject), trouble.subject);
        hear(trouble.subject, [trouble]);
      }
      next = page.metadata?.continue || undefined;
    } while (next !== undefined);
    // Renewed, or gone.
    for (const [key, subject] of this.#ending) if (!ending.has(key)) hear(subject, []);
    this.#ending = ending;
  }
}
