import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { dashboardsApi } from '../../../../api/dashboards.ts';
import {
  partsOfQuery,
  type QueryKind,
  type QueryParts,
  queryKinds,
  queryOfParts,
} from '../../../../dashboards/editing/variable-query.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { useSharedRange } from '../../../../time/shared-range.tsx';
import { Field } from '../../../../ui/field.tsx';
import { Select } from '../../../../ui/select.tsx';
import { NamePicker } from '../panel/column-picker.tsx';
import panelCss from '../panel/panel-editor.module.css';
import { TextField } from './form-parts.tsx';
import { settingsWords } from './words.ts';

/** More labels than these are typed, not chosen. */
const maxLabels = 5000;

/** What a variable asks a Prometheus: by its parts, or as the text that they come to. */
export function PrometheusVariableQuery({
  text,
  sourceUid,
  onChange,
}: {
  readonly text: string;
  readonly sourceUid: string | undefined;
  readonly onChange: (text: string) => void;
}): ReactNode {
  const m = useMessages(settingsWords);
  const parts = partsOfQuery(text);
  const labels = useLabels(sourceUid);
  const put = (change: Partial<QueryParts>): void =>
    onChange(queryOfParts({ ...parts, ...change }));
  return (
    <>
      <div className={panelCss.line}>
        <Field label={m.queryKind}>
          {({ id }) => (
            <Select
              id={id}
              label={m.queryKind}
              value={parts.kind}
              options={queryKinds.map((kind) => ({
                value: kind as QueryKind,
                label: m.queryKinds[kind],
              }))}
              onChange={(kind) => put({ kind })}
            />
          )}
        </Field>
        {parts.kind === 'labelValues' && (
          <Field label={m.queryLabel}>
            {() => (
              <NamePicker
                label={m.queryLabel}
                names={labels}
                value={parts.label}
                onChange={(label) => put({ label })}
              />
            )}
          </Field>
        )}
        <div className={panelCss.grow}>
          <TextField
            mono
            label={m.queryPart[parts.kind]}
            placeholder={placeholders[parts.kind]}
            value={parts.text}
            onCommit={(next) => put({ text: next })}
          />
        </div>
      </div>
      <TextField mono label={m.queryText} help={m.queryHelp} value={text} onCommit={onChange} />
    </>
  );
}

const placeholders: Readonly<Record<QueryKind, string>> = {
  labelValues: 'kube_pod_info{namespace="$namespace"}',
  labelNames: 'kube_.*',
  metrics: 'node_.*',
  queryResult: 'topk(5, up)',
  series: 'up{job="api"}',
};

function useLabels(sourceUid: string | undefined): readonly string[] {
  const { fromMs, toMs } = useSharedRange();
  const window = useMemo(
    () => ({ start: Math.floor(fromMs / 1000), end: Math.ceil(toMs / 1000), limit: maxLabels }),
    [fromMs, toMs],
  );
  const found = useQuery({
    queryKey: ['label-names', sourceUid],
    queryFn: ({ signal }) =>
      dashboardsApi.prometheus<readonly string[]>(sourceUid ?? '', 'labels', window, signal),
    enabled: sourceUid !== undefined,
    staleTime: 60_000,
  });
  return found.data ?? noLabels;
}

const noLabels: readonly string[] = [];
