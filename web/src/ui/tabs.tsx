import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import css from './tabs.module.css';

export interface TabsProps<T extends string> {
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly tabs: readonly {
    readonly value: T;
    readonly label: string;
    /** A count or a state, dimmed beside the label. */
    readonly note?: string | undefined;
    readonly content: ReactNode;
  }[];
}

/** Only the chosen tab's content exists. */
export function Tabs<T extends string>({ value, onChange, tabs }: TabsProps<T>): ReactNode {
  return (
    <Base.Root
      value={value}
      onValueChange={(next) => onChange(next as T)}
      style={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 }}
    >
      <Base.List className={css.list}>
        {tabs.map((tab) => (
          <Base.Tab key={tab.value} value={tab.value} className={css.tab}>
            {tab.label}
            {tab.note !== undefined && <span className={css.note}>{tab.note}</span>}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className={css.panel}>
          {tab.content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
