import type { ReactNode } from 'react';
import css from './note.module.css';

/** A sentence in the middle of a panel. */
export function Note({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={css.note}>{children}</div>;
}
