import { X } from 'lucide-react';
import { type PointerEvent, type ReactNode, useEffect, useState } from 'react';
import { common } from '../i18n/common.ts';
import { useMessages } from '../i18n/messages.ts';
import { IconButton } from './button.tsx';
import css from './overlay.module.css';

const minWidth = 320;
const maxWidth = 720;

export interface SidePanelProps {
  readonly title: ReactNode;
  readonly onClose: () => void;
  /** No padding and no scrolling of its own: for a list that brings both. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** Details beside a list, which stays. Put it after the list in a row flex box. Esc closes. */
export function SidePanel({ title, onClose, flush = false, children }: SidePanelProps): ReactNode {
  const m = useMessages(common);
  const [width, setWidth] = useState(480);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [onClose]);
  const clamp = (value: number): number => Math.min(maxWidth, Math.max(minWidth, value));
  const startDrag = (event: PointerEvent<HTMLButtonElement>): void => {
    const startX = event.clientX;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    target.onpointermove = (move) => setWidth(clamp(width + startX - move.clientX));
    target.onpointerup = () => {
      target.onpointermove = null;
    };
  };
  return (
    <aside className={css.panel} style={{ width }}>
      <button
        type="button"
        className={css.handle}
        aria-label={m.resizeColumn('')}
        onPointerDown={startDrag}
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') setWidth(clamp(width + 32));
          if (event.key === 'ArrowRight') setWidth(clamp(width - 32));
        }}
      />
      <header className={css.panelHead}>
        <div className={css.panelTitle}>{title}</div>
        <IconButton icon={X} label={m.close} shortcut="Esc" onClick={onClose} />
      </header>
      {flush ? (
        <div className={css.panelFlush}>{children}</div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
        <div className={css.panelBody} tabIndex={0}>
          {children}
        </div>
      )}
    </aside>
  );
}
