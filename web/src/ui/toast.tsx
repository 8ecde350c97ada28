import { Toast as Base } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { common } from '../i18n/common.ts';
import { messagesNow, useMessages } from '../i18n/messages.ts';
import { IconButton } from './button.tsx';
import css from './overlay.module.css';

const manager: ReturnType<typeof Base.createToastManager> = Base.createToastManager();

/** Sparse: the result of something that was asked for and is not in sight. */
export function toast(title: string, description?: string): void {
  manager.add({ title, type: 'ok', ...(description === undefined ? {} : { description }) });
}

export function toastError(title: string, description?: string): void {
  manager.add({
    title,
    type: 'error',
    priority: 'high',
    timeout: 10_000,
    ...(description === undefined ? {} : { description }),
  });
}

export async function copyText(text: string, done?: string): Promise<void> {
  const m = messagesNow(common);
  try {
    await navigator.clipboard.writeText(text);
    toast(done ?? m.copied);
  } catch {
    toastError(m.copyFailed);
  }
}

export function ToastRegion({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Base.Provider toastManager={manager} limit={3}>
      {children}
      <Base.Portal>
        <Base.Viewport className={css.viewport}>
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function Toasts(): ReactNode {
  const { toasts } = Base.useToastManager();
  const m = useMessages(common);
  return toasts.map((item) => (
    <Base.Root key={item.id} toast={item} className={css.toast}>
      {item.type === 'error' ? (
        <CircleAlert size={16} strokeWidth={1.5} className={css.toastIconError} aria-hidden />
      ) : (
        <CircleCheck size={16} strokeWidth={1.5} className={css.toastIconOk} aria-hidden />
      )}
      <div className={css.toastText}>
        <Base.Title className={css.toastTitle} />
        <Base.Description className={css.toastBody} />
      </div>
      <Base.Close render={<IconButton icon={X} label={m.close} />} />
    </Base.Root>
  ));
}
