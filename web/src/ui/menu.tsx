import { Menu as Base } from '@base-ui/react/menu';
import { Check, ChevronRight, type LucideIcon } from 'lucide-react';
import { type ReactElement, type ReactNode, useMemo } from 'react';
import { classNames } from './class-names.ts';
import css from './controls.module.css';

export interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement<Record<string, unknown>>;
  readonly align?: 'start' | 'center' | 'end';
  readonly children: ReactNode;
}

export function Menu({ trigger, align = 'start', children }: MenuProps): ReactNode {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={4} className={css.positioner}>
          <Base.Popup className={css.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export interface MenuAtProps {
  /** In the window. */
  readonly x: number;
  readonly y: number;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A menu that is open at a place, as of a point that was clicked. */
export function MenuAt({ x, y, onClose, children }: MenuAtProps): ReactNode {
  const anchor = useMemo(
    () => ({ getBoundingClientRect: () => DOMRect.fromRect({ x, y, width: 0, height: 0 }) }),
    [x, y],
  );
  return (
    <Base.Root
      open
      modal={false}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Base.Portal>
        <Base.Positioner anchor={anchor} align="start" sideOffset={6} className={css.positioner}>
          <Base.Popup className={css.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** An item that opens more of them beside it. */
export function Submenu({
  icon: Icon,
  label,
  children,
}: {
  readonly icon?: LucideIcon;
  readonly label: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Base.SubmenuRoot>
      <Base.SubmenuTrigger className={css.item}>
        {Icon && <Icon size={16} strokeWidth={1.5} aria-hidden />}
        {label}
        <span className={css.itemNote}>
          <ChevronRight size={14} strokeWidth={1.5} aria-hidden />
        </span>
      </Base.SubmenuTrigger>
      <Base.Portal>
        <Base.Positioner className={css.positioner} sideOffset={2}>
          <Base.Popup className={css.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.SubmenuRoot>
  );
}

export interface MenuItemProps {
  readonly icon?: LucideIcon;
  readonly note?: ReactNode;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

export function MenuItem({
  icon: Icon,
  note,
  danger = false,
  disabled = false,
  onSelect,
  children,
}: MenuItemProps): ReactNode {
  return (
    <Base.Item
      className={classNames(css.item, danger && css.itemDanger)}
      disabled={disabled}
      onClick={onSelect}
    >
      {Icon && <Icon size={16} strokeWidth={1.5} aria-hidden />}
      {children}
      {note !== undefined && <span className={css.itemNote}>{note}</span>}
    </Base.Item>
  );
}

export interface MenuCheckProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ReactNode;
}

export function MenuCheck({ checked, onChange, children }: MenuCheckProps): ReactNode {
  return (
    <Base.CheckboxItem
      className={css.item}
      checked={checked}
      onCheckedChange={onChange}
      closeOnClick={false}
    >
      <span className={css.check}>
        {checked && <Check size={16} strokeWidth={1.5} aria-hidden />}
      </span>
      {children}
    </Base.CheckboxItem>
  );
}

export interface MenuRadioProps {
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: ReactNode }[];
  readonly onChange: (value: string) => void;
}

export function MenuRadio({ value, options, onChange }: MenuRadioProps): ReactNode {
  return (
    <Base.RadioGroup value={value} onValueChange={(next) => onChange(String(next))}>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} className={css.item} closeOnClick>
          <span className={css.check}>
            {option.value === value && <Check size={16} strokeWidth={1.5} aria-hidden />}
          </span>
          {option.label}
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

export function MenuGroup({
  label,
  children,
}: {
  readonly label: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Base.Group>
      <Base.GroupLabel className={css.groupLabel}>{label}</Base.GroupLabel>
      {children}
    </Base.Group>
  );
}

export function MenuSeparator(): ReactNode {
  return <Base.Separator className={css.separator} />;
}
