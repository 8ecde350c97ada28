import type { FieldDisplay } from '@grafana/data';
import type { CSSProperties, ReactNode } from 'react';
import { Menu, MenuItem } from '../../ui/menu.tsx';

/** A box that leads where the value's links lead: one is a link itself, several are a menu. */
export function ValueLink({
  value,
  className,
  style,
  children,
}: {
  readonly value: FieldDisplay;
  readonly className?: string | undefined;
  readonly style?: CSSProperties;
  readonly children: ReactNode;
}): ReactNode {
  const links = value.hasLinks ? (value.getLinks?.() ?? []) : [];
  const [first] = links;
  if (first === undefined) {
    return (
      <div className={className} style={style}>
        {children}
      </div>
    );
  }
  const look = { ...style, color: style?.color ?? 'inherit' };
  if (links.length === 1) {
    return (
      <a
        className={className}
        style={look}
        href={first.href}
        title={first.title}
        {...(first.target === '_blank' ? { target: '_blank', rel: 'noreferrer' } : {})}
      >
        {children}
      </a>
    );
  }
  return (
    <Menu
      trigger={
        <button
          type="button"
          className={className}
          style={{
            ...look,
            border: 0,
            background: style?.background ?? 'none',
            textAlign: 'inherit',
            cursor: 'pointer',
          }}
        >
          {children}
        </button>
      }
    >
      {links.map((link) => (
        <MenuItem
          key={`${link.title} ${link.href}`}
          onSelect={() => window.open(link.href, link.target ?? '_self')}
        >
          {link.title === '' ? link.href : link.title}
        </MenuItem>
      ))}
    </Menu>
  );
}
