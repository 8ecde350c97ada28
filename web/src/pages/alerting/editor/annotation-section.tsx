import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { dashboardsApi } from '../../../api/dashboards.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Field, TextInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import { Select } from '../../../ui/select.tsx';
import css from '../alerting.module.css';
import look from './editor.module.css';
import { PairRows } from './pair-rows.tsx';
import type { RuleDraft } from './rule-draft.ts';
import { editorWords } from './words.ts';

/** What people are told beside the labels. */
export function AnnotationSection({
  draft,
  onChange,
}: {
  readonly draft: RuleDraft;
  readonly onChange: (change: Partial<RuleDraft>) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const area = (
    label: string,
    value: string,
    change: (text: string) => void,
    placeholder = '',
  ): ReactNode => (
    <Field label={label}>
      {(control) => (
        <textarea
          {...control}
          className={css.textarea}
          placeholder={placeholder}
          value={value}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  );
  return (
    <>
      {area(m.summary, draft.summary, (summary) => onChange({ summary }), m.summaryPlaceholder)}
      {area(m.description, draft.description, (description) => onChange({ description }))}
      <Field label={m.runbook}>
        {(control) => (
          <TextInput
            {...control}
            placeholder="https://"
            value={draft.runbook}
            onChange={(runbook) => onChange({ runbook })}
          />
        )}
      </Field>
      <PanelLink draft={draft} onChange={onChange} />
      <PairRows
        legend=""
        nameLabel={m.annotationName}
        valueLabel={m.annotationValue}
        addLabel={m.addAnnotation}
        value={draft.annotations}
        onChange={(annotations) => onChange({ annotations })}
      />
    </>
  );
}

function PanelLink({
  draft,
  onChange,
}: {
  readonly draft: RuleDraft;
  readonly onChange: (change: Partial<RuleDraft>) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const { dashboardUid, panelId } = draft;
  const dashboards = useQuery({
    queryKey: ['dashboards', 'all'],
    queryFn: ({ signal }) => dashboardsApi.withTags([], signal),
    retry: false,
  });
  const dashboard = useQuery({
    queryKey: ['dashboards', dashboardUid],
    queryFn: ({ signal }) => dashboardsApi.get(dashboardUid, signal),
    enabled: dashboardUid !== '',
    retry: false,
  });
  const panels = (dashboard.data?.dashboard.panels ?? [])
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .filter(({ type }) => type !== 'row');
  const known = (dashboards.data ?? []).map(({ uid, title }) => ({ value: uid, label: title }));
  const isUnknown = dashboardUid !== '' && !known.some(({ value }) => value === dashboardUid);
  return (
    <fieldset className={page.fieldset}>
      <legend>{m.linkPanel}</legend>
      <div className={look.controls}>
        <Select
          label={m.dashboard}
          value={dashboardUid}
          options={[
            { value: '', label: m.noDashboard },
            ...known,
            ...(isUnknown ? [{ value: dashboardUid, label: dashboardUid }] : []),
          ]}
          onChange={(uid) => onChange({ dashboardUid: uid, panelId: '' })}
        />
        {dashboardUid !== '' && (
          <Select
            label={m.panel}
            value={panelId}
            options={[
              { value: '', label: m.noPanel },
              ...panels.map(({ id, title }) => ({
                value: String(id ?? ''),
                label: title || String(id ?? ''),
              })),
            ]}
            onChange={(next) => onChange({ panelId: next })}
          />
        )}
      </div>
    </fieldset>
  );
}
