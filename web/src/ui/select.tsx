import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import css from './controls.module.css';

export interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
  readonly id?: string;
}

export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  id,
}: SelectProps<T>): ReactNode {
  return (
    <Base.Root
      items={options}
      value={value}
      onValueChange={(next) => {
        if (next !== null) onChange(next as T);
      }}
    >
      <Base.Trigger
        {...(id === undefined ? {} : { id })}
        aria-label={label}
        className={classNames(css.button, css.select)}
      >
        <Base.Value />
        <Base.Icon className={css.selectIcon}>
          <ChevronDown size={16} strokeWidth={1.5} aria-hidden />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner alignItemWithTrigger={false} sideOffset={4} className={css.positioner}>
          <Base.Popup className={css.popup}>
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className={css.item}>
                <span className={css.check}>
                  <Base.ItemIndicator>
                    <Check size={16} strokeWidth={1.5} aria-hidden />
                  </Base.ItemIndicator>
                </span>
                <Base.ItemText>{option.label}</Base.ItemText>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
