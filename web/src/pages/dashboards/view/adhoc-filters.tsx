import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import {
  type AdhocFilter,
  type Lookup,
  optionOf,
  type VariableState,
} from '../../../../../src/dashboards/variables/index.ts';
import { type DataSource, dashboardsApi } from '../../../api/dashboards.ts';
import { findDataSource } from '../../../dashboards/source-refs.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Button } from '../../../ui/button.tsx';
import { Popover } from '../../../ui/popover.tsx';
import { Select } from '../../../ui/select.tsx';
import { ValuePicker } from './value-picker.tsx';
import css from './variables.module.css';
import { viewWords } from './words.ts';

type Operator = '=' | '!=' | '=~' | '!~' | '=|' | '!=|';

const operators: readonly { readonly value: Operator; readonly label: string }[] = [
  { value: '=', label: '=' },
  { value: '!=', label: '≠' },
  { value: '=|', label: '= …' },
  { value: '!=|', label: '≠ …' },
  { value: '=~', label: '=~' },
  { value: '!~', label: '!~' },
];

const operatorText = (operator: string): string =>
  operators.find(({ value }) => value === operator)?.label ?? operator;

const isOfSeveral = (operator: Operator): boolean => operator.endsWith('|');

/** More label names and values than this are not chosen from. */
const maxChoices = 5000;

export interface AdhocFiltersProps {
  readonly state: VariableState;
  readonly dataSources: readonly DataSource[];
  readonly lookup: Lookup;
  readonly onChange: (filters: readonly AdhocFilter[]) => void;
}

/** Filters that go into every query of a data source: the ones that are set, and one more. */
export function AdhocFilters({
  state,
  dataSources,
  lookup,
  onChange,
}: AdhocFiltersProps): ReactNode {
  const m = useMessages(viewWords);
  const filters = state.filters ?? [];
  const source = findDataSource(state.variable.datasource, dataSources, lookup).source;
  const [open, setOpen] = useState(false);
  return (
    <>
      {filters.map((filter, index) => {
        const text = `${filter.key} ${operatorText(filter.operator)} ${(filter.values ?? [filter.value]).join(', ')}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: equal filters are told apart by their place.
          <span key={`${text} ${index}`} className={css.filter}>
            {text}
            <button
              type="button"
              className={css.remove}
              aria-label={m.removeFilter(text)}
              onClick={() => onChange(filters.filter((_, at) => at !== index))}
            >
              <X size={12} strokeWidth={2} aria-hidden />
            </button>
          </span>
        );
      })}
      <Popover
        title={m.addFilter}
        open={open}
        onOpenChange={setOpen}
        trigger={
          <Button look="quiet" icon={Plus}>
            {m.addFilter}
          </Button>
        }
      >
        <NewFilter
          sourceUid={source?.uid}
          onAdd={(filter) => {
            setOpen(false);
            onChange([...filters, filter]);
          }}
        />
      </Popover>
    </>
  );
}

function NewFilter({
  sourceUid,
  onAdd,
}: {
  readonly sourceUid: string | undefined;
  readonly onAdd: (filter: AdhocFilter) => void;
}): ReactNode {
  const m = useMessages(viewWords);
  const [key, setKey] = useState('');
  const [operator, setOperator] = useState<Operator>('=');
  const [values, setValues] = useState<readonly string[]>([]);
  const names = useQuery({
    queryKey: ['adhoc-names', sourceUid],
    enabled: sourceUid !== undefined,
    queryFn: ({ signal }) =>
      dashboardsApi.prometheus<readonly string[]>(
        sourceUid ?? '',
        'labels',
        { limit: maxChoices },
        signal,
      ),
  });
  const known = useQuery({
    queryKey: ['adhoc-values', sourceUid, key],
    enabled: sourceUid !== undefined && key !== '',
    queryFn: ({ signal }) =>
      dashboardsApi.prometheus<readonly string[]>(
        sourceUid ?? '',
        `label/${encodeURIComponent(key)}/values`,
        { limit: maxChoices },
        signal,
      ),
  });
  const picker = { isAll: false, hasAll: false, allowsOther: true } as const;
  return (
    <form
      className={css.newFilter}
      onSubmit={(event) => {
        event.preventDefault();
        const [value = ''] = values;
        if (key === '' || values.length === 0) return;
        onAdd(isOfSeveral(operator) ? { key, operator, value, values } : { key, operator, value });
      }}
    >
      <ValuePicker
        {...picker}
        label={m.filterLabel}
        options={(names.data ?? []).map(optionOf)}
        chosen={key === '' ? [] : [key]}
        shownText={key === '' ? m.filterLabel : key}
        isMulti={false}
        onChoose={(chosen) => {
          setKey(chosen?.[0] ?? '');
          setValues([]);
        }}
      />
      <Select
        label={m.filterOperator}
        value={operator}
        options={operators}
        onChange={(next) => {
          setOperator(next);
          if (!isOfSeveral(next)) setValues(values.slice(0, 1));
        }}
      />
      <ValuePicker
        {...picker}
        label={m.filterValue}
        options={(known.data ?? []).map(optionOf)}
        chosen={values}
        shownText={values.length === 0 ? m.filterValue : values.join(', ')}
        isMulti={isOfSeveral(operator)}
        onChoose={(chosen) => setValues(chosen ?? [])}
      />
      <Button type="submit" look="primary" disabled={key === '' || values.length === 0}>
        {m.addFilter}
      </Button>
    </form>
  );
}
