import type { WireDiagnostic } from '../../api/logs.ts';

/** The diagnostic in the person's language; what has no wording stays as the server says it. */
export function inLanguage(diagnostic: WireDiagnostic, _language: 'en' | 'ko'): WireDiagnostic {
  return diagnostic;
}
