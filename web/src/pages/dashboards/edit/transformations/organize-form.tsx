import { Eye, EyeOff } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  fieldRows,
  withHiddenField,
  withMovedField,
  withRenamedField,
} from '../../../../dashboards/editing/transformations/organize.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { IconButton } from '../../../../ui/button.tsx';
import { classNames } from '../../../../ui/class-names.ts';
import { Select } from '../../../../ui/select.tsx';
import { SortableList } from '../../../../ui/sortable-list.tsx';
import { useColumns } from '../panel/columns.ts';
import { LazyText } from '../panel/lazy-text.tsx';
import type { SpecialFormProps } from './special-forms.tsx';
import css from './transformations.module.css';
import { transformationWords } from './words.ts';

/** Which parts of it the step knows. */
export interface OrganizeParts {
  readonly hasOrder: boolean;
  readonly hasNames: boolean;
  readonly hasHiding: boolean;
}

export const organizeParts = (id: string): OrganizeParts => ({
  hasOrder: id !== 'rename',
  hasNames: id !== 'order',
  hasHiding: id === 'organize',
});

type AutoOrder = 'manual' | 'asc' | 'desc';

function autoOrderOf(options: SpecialFormProps['options']): AutoOrder {
  if (options['orderByMode'] !== 'auto') return 'manual';
  const [first] = (options['orderBy'] ?? []) as readonly { readonly desc?: boolean }[];
  return first?.desc === true ? 'desc' : 'asc';
}

/** The fields in their order, each with an eye and a name. */
export function OrganizeForm({
  parts,
  options,
  onChange,
}: SpecialFormProps & { readonly parts: OrganizeParts }): ReactNode {
  const m = useMessages(transformationWords);
  const { names } = useColumns();
  const rows = fieldRows(names, options);
  const order = autoOrderOf(options);
  if (rows.length === 0) return <p className={css.help}>{m.noFields}</p>;
  return (
    <div className={css.wide}>
      {parts.hasOrder && (
        <Select
          label={m.order}
          value={order}
          options={(['manual', 'asc', 'desc'] as const).map((value) => ({
            value,
            label: m.orders[value],
          }))}
          onChange={(next) =>
            onChange(
              next === 'manual'
                ? { ...options, orderByMode: 'manual' }
                : {
                    ...options,
                    orderByMode: 'auto',
                    orderBy: [{ type: 'name', desc: next === 'desc' }],
                  },
            )
          }
        />
      )}
      <SortableList
        items={rows}
        className={css.fieldRows}
        keyOf={({ name }) => name}
        gripLabel={({ name }) => m.move(name)}
        onMove={(from, to) => onChange(withMovedField(names, options, from, to))}
      >
        {({ name, newName, isHidden }, _, grip) => (
          <div className={classNames(css.fieldRow, isHidden && css.isHidden)}>
            {parts.hasOrder && order === 'manual' && grip}
            {parts.hasHiding && (
              <IconButton
                icon={isHidden ? EyeOff : Eye}
                label={isHidden ? m.showField(name) : m.hideField(name)}
                pressed={isHidden}
                onClick={() => onChange(withHiddenField(options, name, !isHidden))}
              />
            )}
            <span className={css.fieldName} title={name}>
              {name}
            </span>
            {parts.hasNames && (
              <LazyText
                aria-label={m.newName(name)}
                placeholder={m.rename}
                value={newName}
                onCommit={(next) => onChange(withRenamedField(options, name, next))}
              />
            )}
          </div>
        )}
      </SortableList>
    </div>
  );
}
