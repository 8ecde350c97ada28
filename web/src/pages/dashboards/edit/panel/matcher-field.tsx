import { fieldReducers } from '@grafana/data';
import type { ReactNode } from 'react';
import { fieldTypes } from '../../../../dashboards/editing/transformations/field-forms.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { Select } from '../../../../ui/select.tsx';
import { NamePicker, NamesPicker } from './column-picker.tsx';
import { useColumns } from './columns.ts';
import { JsonField } from './json-field.tsx';
import { LazyText } from './lazy-text.tsx';
import { NumberInput } from './number-input.tsx';
import css from './panel-editor.module.css';
import { panelWords } from './words.ts';

export interface Matcher {
  readonly id: string;
  readonly options?: unknown;
}

const matcherIds = [
  'byName',
  'byRegexp',
  'byType',
  'byFrameRefID',
  'byValue',
  'byNames',
  'byTypes',
  'numeric',
  'time',
  'first',
  'firstTimeField',
] as const;
type MatcherId = (typeof matcherIds)[number];

/** What a matcher begins with. */
const presets: { readonly [id in MatcherId]?: unknown } = {
  byName: '',
  byRegexp: '',
  byType: 'number',
  byFrameRefID: '',
  byValue: { reducer: 'lastNotNull', op: 'gt', value: 0 },
  byNames: { mode: 'include', names: [] },
  byTypes: ['number'],
};

const comparisons = [
  ['gt', '>'],
  ['gte', '≥'],
  ['lt', '<'],
  ['lte', '≤'],
  ['eq', '='],
  ['neq', '≠'],
] as const;

/** Which fields are meant: by name, pattern, type, query or value. */
export function MatcherField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: Matcher;
  readonly onChange: (matcher: Matcher) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const known = matcherIds.find((id) => id === value.id);
  return (
    <div className={css.matcher}>
      <Select
        label={label}
        value={value.id}
        options={[
          ...(known === undefined ? [{ value: value.id, label: value.id || m.choose }] : []),
          ...matcherIds.map((id) => ({ value: id as string, label: m.matchers[id] })),
        ]}
        onChange={(id) => {
          const preset = presets[id as MatcherId];
          onChange(preset === undefined ? { id } : { id, options: preset });
        }}
      />
      {value.id !== '' && (
        <MatcherOptions
          id={value.id}
          options={value.options}
          onChange={(options) => onChange({ ...value, options })}
        />
      )}
    </div>
  );
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];

function MatcherOptions({
  id,
  options,
  onChange,
}: {
  readonly id: string;
  readonly options: unknown;
  readonly onChange: (options: unknown) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const { language } = usePreferences();
  const { names, refIds } = useColumns();
  const text = typeof options === 'string' ? options : '';
  const typeName = (type: string): string => {
    const row = fieldTypes.find(([value]) => value === type);
    return row === undefined ? type : row[language === 'ko' ? 2 : 1];
  };
  switch (id) {
    case 'byName':
      return <NamePicker label={m.matched} names={names} value={text} onChange={onChange} />;
    case 'byFrameRefID':
      return <NamePicker label={m.matched} names={refIds} value={text} onChange={onChange} />;
    case 'byRegexp':
      return (
        <LazyText
          mono
          aria-label={m.matched}
          placeholder="/^CPU/"
          value={text}
          onCommit={onChange}
        />
      );
    case 'byType':
      return (
        <Select
          label={m.matched}
          value={text}
          options={fieldTypes.map(([type]) => ({
            value: String(type),
            label: typeName(String(type)),
          }))}
          onChange={onChange}
        />
      );
    case 'byTypes': {
      const types = textsOf(options);
      return (
        <NamesPicker
          label={m.matched}
          names={fieldTypes.map(([type]) => String(type))}
          value={types}
          onChange={onChange}
        />
      );
    }
    case 'byNames': {
      const given = (options ?? {}) as { readonly names?: unknown; readonly mode?: string };
      return (
        <>
          <Select
            label={m.namesMode}
            value={given.mode ?? 'include'}
            options={(['include', 'exclude'] as const).map((value) => ({
              value: value as string,
              label: m.namesModes[value],
            }))}
            onChange={(mode) => onChange({ ...given, mode })}
          />
          <NamesPicker
            label={m.matched}
            names={names}
            value={textsOf(given.names)}
            onChange={(next) => onChange({ ...given, names: next })}
          />
        </>
      );
    }
    case 'byValue':
      return <ValueMatcher options={options} onChange={onChange} />;
    case 'numeric':
    case 'time':
    case 'first':
    case 'firstTimeField':
      return null;
    default:
      return <JsonField label={m.matched} value={options} onChange={onChange} />;
  }
}

/** Fields of which a calculation compares with a number. */
function ValueMatcher({
  options,
  onChange,
}: {
  readonly options: unknown;
  readonly onChange: (options: unknown) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const given = (options ?? {}) as {
    readonly reducer?: string;
    readonly op?: string;
    readonly value?: number;
  };
  return (
    <>
      <Select
        label={m.calculation}
        value={given.reducer ?? 'lastNotNull'}
        options={fieldReducers.list().map((one) => ({ value: one.id, label: one.name }))}
        onChange={(reducer) => onChange({ ...given, reducer })}
      />
      <Select
        label={m.comparison}
        value={given.op ?? 'gt'}
        options={comparisons.map(([value, shown]) => ({ value: value as string, label: shown }))}
        onChange={(op) => onChange({ ...given, op })}
      />
      <NumberInput
        label={m.comparedValue}
        value={given.value}
        onChange={(value) => onChange({ ...given, value })}
      />
    </>
  );
}
