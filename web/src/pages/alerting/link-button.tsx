import { Link } from '@tanstack/react-router';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Search } from '../../state/url.ts';
import { classNames } from '../../ui/class-names.ts';
import controls from '../../ui/controls.module.css';

/** A link to another page that looks like a button. */
export function LinkButton({
  to,
  search = {},
  icon: Icon,
  look = 'plain',
  className,
  children,
}: {
  readonly to: string;
  readonly search?: Search;
  readonly icon?: LucideIcon;
  readonly look?: 'plain' | 'primary' | 'quiet';
  readonly className?: string | undefined;
  readonly children: ReactNode;
}): ReactNode {
  const looks = { plain: undefined, primary: controls.primary, quiet: controls.quiet };
  return (
    <Link
      to={to}
      search={search as never}
      className={classNames(controls.button, looks[look], className)}
    >
      {Icon && <Icon size={16} strokeWidth={1.5} aria-hidden />}
      {children}
    </Link>
  );
}
