import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { listOf, type Search, textOf } from './url.ts';

/** The parameters of this page's link. */
export function useView(): Search {
  return useSearch({ strict: false }) as Search;
}

export type SetView = (change: Search, options?: { readonly replace?: boolean }) => void;

/**
 * Changes parameters of this page's link; the others stay. A step that Back should undo pushes (the
 * default); typing and scrolling replace.
 */
export function useSetView(): SetView {
  const navigate = useNavigate();
  return useCallback(
    (change, options = {}) => {
      void navigate({
        to: '.',
        search: (previous: Search) => ({ ...previous, ...change }),
        replace: options.replace ?? false,
      } as never);
    },
    [navigate],
  );
}

export function useTextParam(key: string): string {
  return textOf(useView()[key]);
}

export function useListParam(key: string): readonly string[] {
  return listOf(useView()[key]);
}
