import { Plus, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useMessages } from '../i18n/messages.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { TextInput } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import type { QueryEditorProps } from './contract.ts';
import { Choice, TextOption } from './option.tsx';
import css from './query-editors.module.css';
import { editorWords } from './words.ts';

interface ColumnDraft {
  readonly selector: string;
  readonly text: string;
  readonly type: string;
}

const columnTypes = [
  'string',
  'number',
  'boolean',
  'timestamp',
  'timestamp_epoch',
  'timestamp_epoch_s',
] as const;
const dataTypes = ['json', 'csv', 'tsv', 'graphql'] as const;

/** A query for JSON or CSV over HTTP. */
export function InfinityEditor({ query, onChange, dataSource }: QueryEditorProps): ReactNode {
  const m = useMessages(editorWords);
  const textId = useId();
  const set = (change: Readonly<Record<string, unknown>>): void =>
    onChange({ ...query, ...change });
  const text = (key: string): string => (typeof query[key] === 'string' ? query[key] : '');
  const options = (query['url_options'] ?? {}) as Readonly<Record<string, unknown>>;
  const type = dataTypes.find((one) => one === query['type']) ?? 'json';
  const isInline = query['source'] === 'inline';
  const method = options['method'] === 'POST' || type === 'graphql' ? 'POST' : 'GET';
  const columns = Array.isArray(query['columns']) ? (query['columns'] as ColumnDraft[]) : [];
  const body = typeof options['data'] === 'string' ? options['data'] : '';
  return (
    <div className={css.editor}>
      <div className={css.options}>
        <Choice
          label={m.dataType}
          value={type}
          options={dataTypes.map((value) => ({
            value,
            label: value === 'graphql' ? 'GraphQL' : value.toUpperCase(),
          }))}
          onChange={(value) => set({ type: value })}
        />
        <Choice
          label={m.source}
          value={isInline ? 'inline' : 'url'}
          options={[
            { value: 'url', label: m.sources.url },
            { value: 'inline', label: m.sources.inline },
          ]}
          onChange={(source) => set({ source })}
        />
        {!isInline && (
          <>
            <Choice
              label={m.method}
              value={method}
              options={[
                { value: 'GET', label: 'GET' },
                { value: 'POST', label: 'POST' },
              ]}
              onChange={(next) => set({ url_options: { ...options, method: next } })}
            />
            <TextOption
              label={m.url}
              value={text('url')}
              width="full"
              placeholder={dataSource.url === '' ? 'https://api.github.com/…' : '/path'}
              onChange={(url) => set({ url })}
            />
          </>
        )}
        <Choice
          label={m.format}
          value={query['format'] === 'timeseries' ? 'timeseries' : 'table'}
          options={[
            { value: 'table', label: m.formats.table },
            { value: 'timeseries', label: m.formats.time_series },
          ]}
          onChange={(format) => set({ format })}
        />
      </div>
      {(isInline || method === 'POST') && (
        <div className={css.option}>
          <label className={css.label} htmlFor={textId}>
            {isInline ? m.inline : m.body}
          </label>
          <textarea
            id={textId}
            className={css.text}
            spellCheck={false}
            value={isInline ? text('data') : body}
            onChange={({ target }) =>
              isInline
                ? set({ data: target.value })
                : set({ url_options: { ...options, data: target.value } })
            }
          />
        </div>
      )}
      {(type === 'json' || type === 'graphql') && (
        <div className={css.options}>
          <TextOption
            label={m.root}
            value={text('root_selector')}
            width="wide"
            placeholder="data.items"
            help={m.rootHelp}
            onChange={(value) => set({ root_selector: value })}
          />
          <p className={css.help}>{m.rootHelp}</p>
        </div>
      )}
      <Columns columns={columns} onChange={(next) => set({ columns: next })} />
    </div>
  );
}

function Columns({
  columns,
  onChange,
}: {
  readonly columns: readonly ColumnDraft[];
  readonly onChange: (columns: readonly ColumnDraft[]) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const change = (index: number, part: Partial<ColumnDraft>): void =>
    onChange(columns.map((one, at) => (at === index ? { ...one, ...part } : one)));
  return (
    <fieldset className={css.editor}>
      <legend className={css.label}>{m.columns}</legend>
      {columns.length === 0 && <p className={css.help}>{m.columnsHelp}</p>}
      {columns.map((column, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column has no name of its own while it is written.
        <div key={index} className={css.columns}>
          <TextInput
            aria-label={m.selector}
            placeholder={m.selector}
            mono
            value={column.selector ?? ''}
            onChange={(selector) => change(index, { selector })}
          />
          <TextInput
            aria-label={m.title}
            placeholder={m.title}
            value={column.text ?? ''}
            onChange={(title) => change(index, { text: title })}
          />
          <Select
            label={m.type}
            value={columnTypes.find((one) => one === column.type) ?? 'string'}
            options={columnTypes.map((value) => ({ value, label: m.types[value] }))}
            onChange={(type) => change(index, { type })}
          />
          <IconButton
            icon={X}
            label={m.removeColumn(column.text || column.selector)}
            onClick={() => onChange(columns.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div>
        <Button
          icon={Plus}
          look="quiet"
          onClick={() => onChange([...columns, { selector: '', text: '', type: 'string' }])}
        >
          {m.addColumn}
        </Button>
      </div>
    </fieldset>
  );
}
