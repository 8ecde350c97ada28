import { useRouter } from '@tanstack/react-router';
import { type MouseEvent, useCallback } from 'react';

export type OpenHref = (href: string, how: MouseEvent | { readonly isNewTab: boolean }) => void;

/** The path of one of the console's own pages, wherever it is mounted. */
function ownPath(href: string): string | undefined {
  const base = new URL(document.baseURI);
  const url = new URL(href);
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}

/**
 * Opens an address: one of the console's own without loading the console again. Of a click on a link
 * only the plain ones are taken; the browser does the rest.
 */
export function useOpenHref(): OpenHref {
  const router = useRouter();
  return useCallback(
    (href, how) => {
      const path = ownPath(href);
      if ('isNewTab' in how) {
        if (how.isNewTab) window.open(href, '_blank', 'noreferrer');
        else if (path === undefined) window.location.assign(href);
        else router.history.push(path);
        return;
      }
      const { button, metaKey, ctrlKey, shiftKey, altKey, currentTarget } = how;
      const isPlain = button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey;
      if (path === undefined || !isPlain || currentTarget.getAttribute('target') === '_blank')
        return;
      how.preventDefault();
      router.history.push(path);
    },
    [router],
  );
}
