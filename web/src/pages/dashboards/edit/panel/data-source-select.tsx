import type { ReactNode } from 'react';
import type { DataSourceRef, Variable } from '../../../../../../src/dashboards/model/contract.ts';
import type { DataSource } from '../../../../api/dashboards.ts';
import { mixedUid, ownUid, sharedUid } from '../../../../dashboards/source-refs.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Field } from '../../../../ui/field.tsx';
import { Select } from '../../../../ui/select.tsx';
import { panelWords } from './words.ts';

/** A data source by name, by a variable, or the default one. */
export function DataSourceSelect({
  value,
  dataSources,
  variables,
  hasMixed = false,
  hasOwn = false,
  hasShared = false,
  onChange,
}: {
  readonly value: DataSourceRef | null | undefined;
  readonly dataSources: readonly DataSource[];
  readonly variables: readonly Variable[];
  readonly hasMixed?: boolean;
  /** What Nunchi keeps by itself: annotations, events, changes, alerts. */
  readonly hasOwn?: boolean;
  /** The answers of another panel. */
  readonly hasShared?: boolean;
  readonly onChange: (ref: DataSourceRef) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const uid = value?.uid ?? '';
  const options = [
    ...dataSources.map((source) => ({
      value: source.uid,
      label: source.name,
      type: source.type as string,
    })),
    ...variables
      .filter(({ type }) => type === 'datasource')
      .map(({ name, query }) => ({
        value: `\${${name}}`,
        label: m.ofVariable(name),
        type: String(query),
      })),
    ...(hasMixed ? [{ value: mixedUid, label: m.mixed, type: 'datasource' }] : []),
    ...(hasShared ? [{ value: sharedUid, label: m.sharedSource, type: 'datasource' }] : []),
    ...(hasOwn ? [{ value: ownUid, label: m.ownSource, type: 'grafana' }] : []),
  ];
  // What the document says stays a choice, in the way in which it says it.
  if (!options.some((option) => option.value === uid)) {
    const label = uid === '' ? m.defaultSource : uid === sharedUid ? m.sharedSource : uid;
    options.unshift({ value: uid, label, type: value?.type ?? '' });
  }
  return (
    <Field label={m.dataSource}>
      {({ id }) => (
        <Select
          id={id}
          label={m.dataSource}
          value={uid}
          options={options}
          onChange={(next) => {
            const type = options.find((option) => option.value === next)?.type ?? '';
            onChange({ ...(type === '' ? {} : { type }), uid: next });
          }}
        />
      )}
    </Field>
  );
}
