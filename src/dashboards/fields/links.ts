/**
 * Links of Grafana begin at the root of the program (`/d/uid`): ours may stand under a path of a proxy,
 * which is `<base>`. Addresses that are not http, mail or relative lead nowhere.
 */
export function resolvedLink(href: string, base: string = baseAddress()): string {
  const text = href.trim();
  if (/^[a-z][a-z0-9+.-]*:/i.test(text))
    return /^(https?|mailto):/i.test(text) ? text : 'about:blank';
  if (text.startsWith('/') && !text.startsWith('//')) return new URL(`.${text}`, base).href;
  return text;
}

function baseAddress(): string {
  const page = globalThis as { readonly document?: { readonly baseURI: string } };
  return page.document?.baseURI ?? 'http://localhost/';
}
