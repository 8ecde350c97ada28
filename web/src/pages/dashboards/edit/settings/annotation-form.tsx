import { type ReactNode, useSyncExternalStore } from 'react';
import type { DataQuery } from '../../../../../../src/dashboards/data-sources/contract.ts';
import type {
  AnnotationQuery,
  Dashboard,
  Target,
} from '../../../../../../src/dashboards/model/contract.ts';
import type { DataSource } from '../../../../api/dashboards.ts';
import type { AnnotationStore } from '../../../../dashboards/annotation-store.ts';
import { ownSources, ownType } from '../../../../dashboards/annotations.ts';
import { allPanels } from '../../../../dashboards/editing/panels.ts';
import { findDataSource, isOwnData } from '../../../../dashboards/source-refs.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { useFormat } from '../../../../i18n/use-format.ts';
import { DataQueryEditor } from '../../../../query-editors/query-editor.tsx';
import { useSharedRange } from '../../../../time/shared-range.tsx';
import { Field } from '../../../../ui/field.tsx';
import { Select } from '../../../../ui/select.tsx';
import { Status } from '../../../../ui/states.tsx';
import { ValuePicker } from '../../view/value-picker.tsx';
import { ColorInput } from '../panel/color-input.tsx';
import { DataSourceSelect } from '../panel/data-source-select.tsx';
import panelCss from '../panel/panel-editor.module.css';
import { Check, TextField } from './form-parts.tsx';
import { settingsWords } from './words.ts';

export interface AnnotationFormProps {
  readonly annotation: AnnotationQuery;
  readonly dashboard: Dashboard;
  readonly dataSources: readonly DataSource[];
  readonly store: AnnotationStore;
  readonly onChange: (annotation: AnnotationQuery) => void;
}

type Set = (change: Readonly<Record<string, unknown>>) => void;

/** What is marked, where it comes from, how it reads and in which panels it stands. */
export function AnnotationForm(props: AnnotationFormProps): ReactNode {
  const { annotation, dashboard, onChange } = props;
  const m = useMessages(settingsWords);
  const set: Set = (change) => onChange({ ...annotation, ...change } as AnnotationQuery);
  const isBuiltIn = annotation.builtIn === 1;
  return (
    <>
      <div className={panelCss.line}>
        <TextField label={m.name} value={annotation.name} onCommit={(name) => set({ name })} />
        <Field label={m.color}>
          {({ id }) => (
            <ColorInput
              id={id}
              label={m.color}
              value={annotation.iconColor}
              onChange={(iconColor) => set({ iconColor })}
            />
          )}
        </Field>
        <Check
          label={m.enabled}
          checked={annotation.enable}
          onChange={(enable) => set({ enable })}
        />
        <Check
          label={m.hasSwitch}
          checked={annotation.hide !== true}
          onChange={(isShown) => set({ hide: !isShown })}
        />
      </div>
      {isBuiltIn ? (
        <p className={panelCss.note}>{m.builtIn}</p>
      ) : (
        <>
          <div className={panelCss.line}>
            <DataSourceSelect
              value={annotation.datasource}
              dataSources={props.dataSources}
              variables={dashboard.templating.list}
              hasOwn
              onChange={(datasource) =>
                set({ datasource, ...(isOwnData(datasource) ? { target: storedTarget } : {}) })
              }
            />
          </div>
          <Source {...props} onSet={set} />
        </>
      )}
      <PanelFilter {...props} onSet={set} />
      <Found {...props} />
    </>
  );
}

const storedTarget = { refId: 'Anno', type: 'dashboard' };

interface PartProps extends AnnotationFormProps {
  readonly onSet: Set;
}

function Source(props: PartProps): ReactNode {
  const { annotation, dataSources } = props;
  const found = findDataSource(annotation.datasource, dataSources, () => undefined).source;
  if (isOwnData(annotation.datasource)) return <OwnSource {...props} />;
  if (found !== undefined && found.type !== 'prometheus') {
    return <RowSource {...props} source={found} />;
  }
  return <MetricSource {...props} />;
}

/** Where a document has the words of a metric's marks: beside the query, or within its target. */
function MetricSource({ annotation, onSet }: PartProps): ReactNode {
  const m = useMessages(settingsWords);
  const { target } = annotation;
  const inTarget = target?.['expr'] !== undefined;
  const setQuery = (key: string, text: string): void =>
    onSet(inTarget ? { target: { ...target, [key]: text } } : { [key]: text });
  const written = (key: string): string => String(target?.[key] ?? annotation[key] ?? '');
  return (
    <>
      <TextField
        mono
        label={m.expression}
        placeholder='changes(kube_deployment_status_observed_generation{namespace="$namespace"}[1m]) > 0'
        help={m.expressionHelp}
        value={written('expr')}
        onCommit={(text) => setQuery('expr', text)}
      />
      <div className={panelCss.line}>
        <TextField
          mono
          label={m.step}
          placeholder="60s"
          value={inTarget ? String(target?.['step'] ?? '') : String(annotation['step'] ?? '')}
          onCommit={(text) => setQuery('step', text)}
        />
        <Check
          label={m.timeInValue}
          checked={annotation['useValueForTime'] === true || annotation['useValueForTime'] === 'on'}
          onChange={(useValueForTime) => onSet({ useValueForTime })}
        />
      </div>
      <Formats annotation={annotation} help={m.labelFormats} onSet={onSet} />
    </>
  );
}

/** Log lines, rows of a database: a mark for each. */
function RowSource({
  annotation,
  dashboard,
  source,
  onSet,
}: PartProps & { readonly source: DataSource }): ReactNode {
  const m = useMessages(settingsWords);
  const { fromMs, toMs } = useSharedRange();
  const target: Target = { ...annotation.target, refId: 'Anno' };
  return (
    <>
      <Field label={m.queryText}>
        {() => (
          <DataQueryEditor
            query={target as DataQuery}
            dataSource={source}
            range={{ fromMs, toMs }}
            variables={dashboard.templating.list.map(({ name }) => name)}
            onChange={(next) => onSet({ target: next })}
          />
        )}
      </Field>
      <Formats annotation={annotation} help={m.columnFormats} onSet={onSet} />
    </>
  );
}

function Formats({
  annotation,
  help,
  onSet,
}: {
  readonly annotation: AnnotationQuery;
  readonly help: string;
  readonly onSet: Set;
}): ReactNode {
  const m = useMessages(settingsWords);
  const text = (key: string, label: string, placeholder: string): ReactNode => (
    <TextField
      mono
      label={label}
      placeholder={placeholder}
      value={String(annotation[key] ?? '')}
      onCommit={(value) => onSet({ [key]: value })}
    />
  );
  return (
    <>
      <div className={panelCss.line}>
        {text('titleFormat', m.titleFormat, '{{deployment}}')}
        {text('textFormat', m.textFormat, '{{namespace}}: {{reason}}')}
        {text('tagKeys', m.tagKeys, 'namespace,pod')}
      </div>
      <p className={panelCss.note}>{help}</p>
    </>
  );
}

/** What Nunchi has by itself. */
function OwnSource({ annotation, onSet }: PartProps): ReactNode {
  const m = useMessages(settingsWords);
  const target: Target = annotation.target ?? { refId: 'Anno' };
  const type = String(target['type'] ?? 'dashboard');
  const put: Set = (change) => onSet({ target: { ...target, ...change } });
  const kinds: readonly (readonly [value: string, label: string])[] = [
    ['dashboard', m.ownKinds.dashboard],
    ['tags', m.ownKinds.tags],
    ...ownSources.map((source) => [ownType(source), m.ownKinds[source]] as const),
  ];
  const tags = Array.isArray(target['tags']) ? target['tags'].map(String) : [];
  return (
    <div className={panelCss.line}>
      <Field label={m.ownKind}>
        {({ id }) => (
          <Select
            id={id}
            label={m.ownKind}
            value={type}
            options={kinds.map(([value, label]) => ({ value, label }))}
            onChange={(next) => put({ type: next })}
          />
        )}
      </Field>
      {type === 'tags' && (
        <>
          <TextField
            label={m.tags}
            value={tags.join(', ')}
            onCommit={(text) =>
              put({
                tags: text
                  .split(',')
                  .map((tag) => tag.trim())
                  .filter(Boolean),
              })
            }
          />
          <Check
            label={m.matchAny}
            checked={target['matchAny'] === true}
            onChange={(matchAny) => put({ matchAny })}
          />
        </>
      )}
      {type.startsWith('nunchi-') && (
        <TextField
          mono
          label={m.namespace}
          placeholder="$namespace"
          help={m.namespaceHelp}
          value={String(target['namespace'] ?? '')}
          onCommit={(namespace) => put({ namespace })}
        />
      )}
    </div>
  );
}

type Scope = 'all' | 'only' | 'except';

/** In which panels the marks stand. */
function PanelFilter({ annotation, dashboard, onSet }: PartProps): ReactNode {
  const m = useMessages(settingsWords);
  const filter = annotation['filter'] as
    | { readonly exclude?: boolean; readonly ids?: readonly number[] }
    | undefined;
  const scope: Scope = filter?.ids === undefined ? 'all' : filter.exclude ? 'except' : 'only';
  const ids = filter?.ids ?? [];
  const panels = allPanels(dashboard).filter(({ type }) => type !== 'row');
  const titleOf = (id: string): string =>
    panels.find((panel) => String(panel.id) === id)?.title || `#${id}`;
  return (
    <div className={panelCss.line}>
      <Field label={m.shownIn}>
        {({ id }) => (
          <Select<Scope>
            id={id}
            label={m.shownIn}
            value={scope}
            options={(['all', 'only', 'except'] as const).map((value) => ({
              value,
              label: m.scopes[value],
            }))}
            onChange={(next) =>
              onSet({ filter: next === 'all' ? undefined : { exclude: next === 'except', ids } })
            }
          />
        )}
      </Field>
      {scope !== 'all' && (
        <Field label={m.panels}>
          {() => (
            <ValuePicker
              label={m.panels}
              options={panels.map(({ id, title, type }) => ({
                value: String(id),
                text: `${title || type} (${id})`,
              }))}
              chosen={ids.map(String)}
              isAll={false}
              hasAll={false}
              isMulti
              allowsOther={false}
              shownText={ids.map((id) => titleOf(String(id))).join(', ') || m.noPanels}
              onChoose={(chosen) =>
                onSet({ filter: { exclude: scope === 'except', ids: (chosen ?? []).map(Number) } })
              }
            />
          )}
        </Field>
      )}
    </div>
  );
}

/** What the marks come to over the range in sight. */
function Found({ annotation, store }: AnnotationFormProps): ReactNode {
  const m = useMessages(settingsWords);
  const f = useFormat();
  const { sources, errors } = useSyncExternalStore(store.marks.subscribe, store.marks.get);
  if (!annotation.enable) return null;
  const error = errors.find(({ source }) => source === annotation.name);
  if (error !== undefined) return <Status kind="critical">{error.message}</Status>;
  const marks = sources.flatMap((one) =>
    one.marks.filter(({ source }) => source === annotation.name),
  );
  const [first] = marks;
  return (
    <p className={panelCss.note}>
      {m.marksNow(f.number(marks.length))}
      {first !== undefined && ` ${f.dateTime(first.fromMs)} ${first.title || first.text}`}
    </p>
  );
}
