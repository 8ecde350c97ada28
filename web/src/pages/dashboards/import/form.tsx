import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import {
  type DashboardInput,
  isUid,
  maxUidLength,
} from '../../../../../src/dashboards/model/index.ts';
import {
  dashboardStoreApi,
  type Imported,
  type InputAnswer,
  type WireHit,
} from '../../../api/dashboard-store.ts';
import type { DataSource } from '../../../api/dashboards.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useTextParam } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import { FolderSelect } from '../list/folder-select.tsx';
import { refreshDashboards } from '../list/use-list.ts';
import css from './import.module.css';
import { ImportReport } from './report.tsx';
import { documentOf, firstAnswer, type ImportSource, reportOf, sourcesFor } from './source.ts';
import { importWords } from './words.ts';

/** Name, folder, uid, data sources and values of a document, beside what will come of it. */
export function ImportForm({
  source,
  sources,
  all,
  onOther,
  onImported,
}: {
  readonly source: ImportSource;
  readonly sources: readonly DataSource[];
  readonly all: readonly WireHit[];
  readonly onOther: () => void;
  readonly onImported: (imported: Imported) => void;
}): ReactNode {
  const m = useMessages(importWords);
  const f = useFormat();
  const client = useQueryClient();
  const wantedFolder = useTextParam('folderUid');
  const [title, setTitle] = useState(source.title);
  const [uid, setUid] = useState(source.uid);
  const [folderUid, setFolderUid] = useState(wantedFolder);
  const [isReplacing, setReplacing] = useState(false);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(source.inputs.map((input) => [input.name, firstAnswer(input, sources)])),
  );
  const answers = useMemo(
    (): readonly InputAnswer[] =>
      source.inputs.map(({ name, type, pluginId }) => ({
        name,
        type,
        ...(pluginId === undefined ? {} : { pluginId }),
        value: values[name] ?? '',
      })),
    [source.inputs, values],
  );
  const { items, panels } = useMemo(
    () => reportOf(source, answers, sources),
    [source, answers, sources],
  );
  const isValidUid = uid === '' || isUid(uid);
  const holder = all.find((hit) => hit.type === 'dash-db' && hit.uid === uid)?.title;
  const save = useMutation({
    mutationFn: () =>
      dashboardStoreApi.import({
        dashboard: documentOf(source, { title: title.trim(), uid }),
        folderUid,
        overwrite: isReplacing,
        inputs: answers,
      }),
    onSuccess: async (imported) => {
      await refreshDashboards(client);
      onImported(imported);
    },
  });
  const isReady =
    title.trim() !== '' &&
    isValidUid &&
    (holder === undefined || isReplacing) &&
    source.inputs.every(({ name, type }) => type === 'constant' || values[name] !== '');
  const set = (name: string, value: string): void =>
    setValues((latest) => ({ ...latest, [name]: value }));
  const of = (type: DashboardInput['type']): readonly DashboardInput[] =>
    source.inputs.filter((input) => input.type === type);
  return (
    <div className={css.columns}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) save.mutate();
        }}
      >
        <p className={css.summary}>
          {source.isBundled ? m.bundled : m.from(source.origin)}{' '}
          <Button look="quiet" onClick={onOther}>
            {m.other}
          </Button>
        </p>
        <Field label={m.name}>
          {(control) => <TextInput {...control} value={title} onChange={setTitle} />}
        </Field>
        <FolderSelect all={all} value={folderUid} onChange={setFolderUid} />
        <Field label={m.uid} help={m.uidHelp} error={isValidUid ? undefined : m.uidInvalid}>
          {(control) => (
            <TextInput {...control} mono maxLength={maxUidLength} value={uid} onChange={setUid} />
          )}
        </Field>
        {holder !== undefined && (
          <label className={css.replace}>
            <input
              type="checkbox"
              checked={isReplacing}
              onChange={(event) => setReplacing(event.target.checked)}
            />
            {m.taken(holder)} {m.replace}
          </label>
        )}
        {of('datasource').map((input) => (
          <SourceField
            key={input.name}
            input={input}
            sources={sources}
            value={values[input.name] ?? ''}
            onChange={(value) => set(input.name, value)}
          />
        ))}
        {of('constant').map((input) => (
          <Field key={input.name} label={input.label} help={input.description || undefined}>
            {(control) => (
              <TextInput
                {...control}
                mono
                value={values[input.name] ?? ''}
                onChange={(value) => set(input.name, value)}
              />
            )}
          </Field>
        ))}
        {source.libraryPanels > 0 && (
          <p className={css.summary}>{m.library(f.number(source.libraryPanels))}</p>
        )}
        {save.isError && <ErrorState error={save.error} />}
        <div>
          <Button type="submit" look="primary" disabled={!isReady || save.isPending}>
            {m.import}
          </Button>
        </div>
      </form>
      <ImportReport items={items} panels={panels} />
    </div>
  );
}

function SourceField({
  input,
  sources,
  value,
  onChange,
}: {
  readonly input: DashboardInput;
  readonly sources: readonly DataSource[];
  readonly value: string;
  readonly onChange: (uid: string) => void;
}): ReactNode {
  const m = useMessages(importWords);
  const fitting = sourcesFor(input, sources);
  const isMissing = fitting.length === 0;
  return (
    <Field
      label={input.label}
      help={input.description || undefined}
      error={isMissing ? m.noSource(input.pluginId ?? '') : undefined}
    >
      {(control) =>
        isMissing ? (
          <TextInput {...control} mono value={value} onChange={onChange} />
        ) : (
          <Select
            id={control.id}
            label={input.label}
            value={value}
            options={fitting.map(({ uid, name }) => ({ value: uid, label: name }))}
            onChange={onChange}
          />
        )
      }
    </Field>
  );
}
