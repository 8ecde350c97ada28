import { Tooltip as Base } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';
import css from './controls.module.css';
import { Kbd } from './kbd.tsx';

export interface TooltipProps {
  readonly text: ReactNode;
  readonly shortcut?: string | undefined;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that takes a ref and the events. */
  readonly children: ReactElement<Record<string, unknown>>;
}

export function Tooltip({ text, shortcut, side = 'bottom', children }: TooltipProps): ReactNode {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} className={css.positioner}>
          <Base.Popup className={css.tooltip}>
            {text}
            {shortcut !== undefined && (
              <>
                {' '}
                <Kbd keys={shortcut} />
              </>
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Once around the app: after the first tooltip the next ones come at once. */
export const TooltipProvider = Base.Provider;
