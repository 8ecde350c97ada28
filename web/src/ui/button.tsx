import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import css from './controls.module.css';
import { Tooltip } from './tooltip.tsx';

export interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly icon?: LucideIcon | undefined;
}

const looks = { plain: undefined, primary: css.primary, danger: css.danger, quiet: css.quiet };

export function Button({
  look = 'plain',
  icon: Icon,
  className,
  children,
  ...rest
}: ButtonProps): ReactNode {
  return (
    <button type="button" className={classNames(css.button, looks[look], className)} {...rest}>
      {Icon && <Icon size={16} strokeWidth={1.5} aria-hidden />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: LucideIcon;
  /** The accessible name, and the tooltip. */
  readonly label: string;
  /** For a button that stays on or off. */
  readonly pressed?: boolean;
  readonly shortcut?: string;
}

export function IconButton({
  icon: Icon,
  label,
  look = 'quiet',
  pressed,
  shortcut,
  className,
  ...rest
}: IconButtonProps): ReactNode {
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        className={classNames(
          css.button,
          css.icon,
          looks[look],
          pressed === true && css.pressed,
          className,
        )}
        {...rest}
      >
        <Icon size={16} strokeWidth={1.5} aria-hidden />
      </button>
    </Tooltip>
  );
}
