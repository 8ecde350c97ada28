import { ChevronDown, ChevronUp, CopyPlus, Eye, EyeOff, Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DataQuery } from '../../../../../../src/dashboards/data-sources/contract.ts';
import type {
  DataSourceRef,
  Panel,
  Target,
  Variable,
} from '../../../../../../src/dashboards/model/contract.ts';
import type { DataSource } from '../../../../api/dashboards.ts';
import { withValueAt } from '../../../../dashboards/editing/paths.ts';
import {
  addQuery,
  duplicateQuery,
  moveQuery,
  removeQuery,
  replaceQuery,
  withDataSource,
} from '../../../../dashboards/editing/queries.ts';
import { findDataSource, mixedUid, sharedUid } from '../../../../dashboards/source-refs.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { DataQueryEditor } from '../../../../query-editors/query-editor.tsx';
import { Button, IconButton } from '../../../../ui/button.tsx';
import { Field } from '../../../../ui/field.tsx';
import { Status } from '../../../../ui/states.tsx';
import type { PanelContext } from '../../view/panel-frame.tsx';
import { editWords } from '../words.ts';
import { DataSourceSelect } from './data-source-select.tsx';
import { LazyText } from './lazy-text.tsx';
import css from './panel-editor.module.css';
import { SharedSource } from './shared-source.tsx';
import { panelWords } from './words.ts';

export type ChangePanel = (change: (panel: Panel) => Panel, step?: string) => void;

export interface QueriesTabProps {
  readonly panel: Panel;
  readonly dataSources: readonly DataSource[];
  readonly variables: readonly Variable[];
  /** All of the dashboard. */
  readonly panels: readonly Panel[];
  readonly context: PanelContext;
  readonly onChange: ChangePanel;
  /** Ctrl- or Cmd-Enter in an editor. */
  readonly onRun: () => void;
}

/** What a panel asks: its data source and its queries. */
export function QueriesTab(props: QueriesTabProps): ReactNode {
  const { panel, dataSources, variables, context, onChange, onRun } = props;
  const m = useMessages(editWords);
  const own = useMessages(panelWords);
  const targets = panel.targets ?? [];
  const isMixed = panel.datasource?.uid === mixedUid;
  const isShared = panel.datasource?.uid === sharedUid;
  const range = { fromMs: context.fromMs, toMs: context.toMs };
  const names = variables.map(({ name }) => name);
  return (
    <div className={css.tab}>
      <div className={css.line}>
        <DataSourceSelect
          value={panel.datasource}
          dataSources={dataSources}
          variables={variables}
          hasMixed
          hasShared
          onChange={(ref) => onChange((before) => withDataSource(before, ref), 'source')}
        />
        <QueryOptions panel={panel} onChange={onChange} />
      </div>
      {isShared && <SharedSource panel={panel} panels={props.panels} onChange={onChange} />}
      {(isShared ? [] : targets).map((target, index) => (
        <section key={target.refId} className={css.query} aria-label={own.query(target.refId)}>
          <header className={css.queryHead}>
            <h3>{target.refId}</h3>
            {target.hide === true && <span className={css.note}>{own.hidden}</span>}
            {isMixed && (
              <DataSourceSelect
                value={target.datasource}
                dataSources={dataSources}
                variables={variables}
                onChange={(datasource) =>
                  onChange((before) =>
                    replaceQuery(before, index, { refId: target.refId, datasource }),
                  )
                }
              />
            )}
            <span className={css.space} />
            <IconButton
              icon={target.hide === true ? EyeOff : Eye}
              label={target.hide === true ? own.show : own.hide}
              pressed={target.hide === true}
              onClick={() => {
                const { hide, ...rest } = target;
                const next = hide === true ? rest : { ...target, hide: true };
                onChange((before) => replaceQuery(before, index, next as Target));
              }}
            />
            <IconButton
              icon={CopyPlus}
              label={m.duplicate}
              onClick={() => onChange((before) => duplicateQuery(before, index))}
            />
            <IconButton
              icon={ChevronUp}
              label={m.up}
              disabled={index === 0}
              onClick={() => onChange((before) => moveQuery(before, index, -1))}
            />
            <IconButton
              icon={ChevronDown}
              label={m.down}
              disabled={index === targets.length - 1}
              onClick={() => onChange((before) => moveQuery(before, index, 1))}
            />
            <IconButton
              icon={Trash2}
              label={m.remove}
              onClick={() => onChange((before) => removeQuery(before, index))}
            />
          </header>
          <QueryBody
            target={target}
            panelRef={panel.datasource}
            {...{ dataSources, context, range, names, onRun }}
            onChange={(next) =>
              onChange((before) => replaceQuery(before, index, next), `query ${target.refId}`)
            }
          />
        </section>
      ))}
      {!isShared && (
        <div>
          <Button icon={Plus} onClick={() => onChange(addQuery)}>
            {own.addQuery}
          </Button>
        </div>
      )}
    </div>
  );
}

function QueryBody({
  target,
  panelRef,
  dataSources,
  context,
  range,
  names,
  onChange,
  onRun,
}: {
  readonly target: Target;
  readonly panelRef: DataSourceRef | null | undefined;
  readonly dataSources: readonly DataSource[];
  readonly context: PanelContext;
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly names: readonly string[];
  readonly onChange: (target: Target) => void;
  readonly onRun: () => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const ref = target.datasource ?? panelRef;
  if (ref?.uid === sharedUid) {
    return (
      <Field label={m.panel}>
        {(control) => (
          <LazyText
            {...control}
            value={String(target['panelId'] ?? '')}
            onCommit={(text) => onChange({ ...target, panelId: Number(text) })}
          />
        )}
      </Field>
    );
  }
  const found = findDataSource(ref, dataSources, context.runtime.lookup);
  if (found.source === undefined) {
    return <Status kind="warning">{m.noSource(found.missing)}</Status>;
  }
  return (
    <DataQueryEditor
      query={target as DataQuery}
      dataSource={found.source}
      range={range}
      variables={names}
      onChange={(next) => onChange(next as Target)}
      onRun={onRun}
    />
  );
}

const optionKeys = ['maxDataPoints', 'interval', 'timeFrom', 'timeShift'] as const;

function QueryOptions({
  panel,
  onChange,
}: {
  readonly panel: Panel;
  readonly onChange: ChangePanel;
}): ReactNode {
  const m = useMessages(panelWords);
  const labels = {
    maxDataPoints: m.maxDataPoints,
    interval: m.minInterval,
    timeFrom: m.timeFrom,
    timeShift: m.timeShift,
  };
  return (
    <details className={css.queryOptions}>
      <summary>{m.queryOptions}</summary>
      <div className={css.line}>
        {optionKeys.map((key) => (
          <Field key={key} label={labels[key]}>
            {(control) => (
              <LazyText
                {...control}
                placeholder={key === 'maxDataPoints' || key === 'interval' ? m.auto : ''}
                value={String(panel[key] ?? '')}
                onCommit={(text) => {
                  const isNumber = key === 'maxDataPoints';
                  const value = text === '' ? undefined : isNumber ? Number(text) : text;
                  if (Number.isNaN(value)) return;
                  onChange((before) => withValueAt(before, key, value) as unknown as Panel);
                }}
              />
            )}
          </Field>
        ))}
      </div>
    </details>
  );
}
