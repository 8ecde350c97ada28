import type { DashboardLink, PanelLink } from '../../../../../src/dashboards/model/contract.ts';
import type { Interpolate, ScopedVars } from '../../../panels/contract.ts';

/** Parameters that a link to another dashboard takes along. */
export interface CarriedParameters {
  /** `var-a=1&var-b=2`. */
  readonly variables: string;
  /** `from=now-1h&to=now`. */
  readonly time: string;
}

/** The address with what `includeVars` and `keepTime` take along. */
export function withCarried(
  url: string,
  { includeVars, keepTime }: Pick<DashboardLink, 'includeVars' | 'keepTime'>,
  carried: CarriedParameters,
): string {
  const more = [
    ...(keepTime === true ? [carried.time] : []),
    ...(includeVars === true ? [carried.variables] : []),
  ].filter((text) => text !== '');
  if (more.length === 0) return url;
  const [address = '', fragment] = url.split('#', 2);
  const joint = address.includes('?') ? '&' : '?';
  return `${address}${joint}${more.join('&')}${fragment === undefined ? '' : `#${fragment}`}`;
}

/**
 * An address as dashboards write it to one that the browser may open: paths are from the console's
 * root, wherever it is mounted. Undefined: it would run a script.
 */
export function safeHref(url: string): string | undefined {
  const trimmed = url.trim();
  const fromRoot = trimmed.startsWith('//') ? trimmed : trimmed.replace(/^\//, '');
  try {
    const { href, protocol } = new URL(fromRoot, document.baseURI);
    return ['http:', 'https:', 'mailto:'].includes(protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}

export interface OpenLink {
  readonly title: string;
  readonly href: string;
  readonly isNewTab: boolean;
}

/** Links of a panel, variables put in; those that cannot be opened are left out. */
export function panelLinks(
  links: readonly PanelLink[],
  interpolate: Interpolate,
  scopedVars: ScopedVars,
): readonly OpenLink[] {
  return links.flatMap(({ url, title, targetBlank }) => {
    const href = safeHref(interpolate(url, scopedVars, 'uriencode'));
    const isNewTab = targetBlank === true;
    return href === undefined ? [] : [{ title: interpolate(title, scopedVars), href, isNewTab }];
  });
}
