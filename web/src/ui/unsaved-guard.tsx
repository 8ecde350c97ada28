import { useBlocker } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { common } from '../i18n/common.ts';
import { useMessages } from '../i18n/messages.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import css from './overlay.module.css';

/**
 * Asks before a page with unsaved changes is left, by a link, by Back, by closing the tab; steps within
 * the page are free. A page that leaves by itself navigates with `ignoreBlocker`.
 */
export function UnsavedGuard({ isDirty }: { readonly isDirty: boolean }): ReactNode {
  const m = useMessages(common);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <Dialog open onClose={blocker.reset} title={m.unsaved}>
      <div className={css.body}>
        <p>{m.unsavedText}</p>
        <div className={css.actions}>
          <Button onClick={blocker.reset}>{m.stay}</Button>
          <Button look="danger" onClick={blocker.proceed}>
            {m.leaveWithout}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
