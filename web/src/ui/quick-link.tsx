import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import { type Search, stringifySearch } from '../state/url.ts';

/**
 * A link within the console for long lists: the router's own follows every change of the address, which
 * is felt where hundreds are drawn while somebody scrolls. `to` has no parameters in its path.
 */
export function QuickLink({
  to,
  search,
  title,
  className,
  children,
}: {
  readonly to: string;
  readonly search: Search;
  readonly title?: string | undefined;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}): ReactNode {
  const router = useRouter();
  const open = (event: MouseEvent<HTMLAnchorElement>): void => {
    const { button, metaKey, ctrlKey, shiftKey, altKey } = event;
    if (button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
    event.preventDefault();
    void router.navigate({ to, search } as never);
  };
  // Relative to <base>, as every address is.
  const href = `${to.slice(1)}${stringifySearch(search)}`;
  return (
    <a href={href} title={title} className={className} onClick={open}>
      {children}
    </a>
  );
}
