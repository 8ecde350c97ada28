import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { removed, replaced } from '../../../../dashboards/editing/lists.ts';
import {
  type MappingRow,
  mappingRows,
  mappingsOf,
} from '../../../../dashboards/editing/mappings.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Button, IconButton } from '../../../../ui/button.tsx';
import { Select } from '../../../../ui/select.tsx';
import { editWords } from '../words.ts';
import { ColorInput } from './color-input.tsx';
import { LazyText } from './lazy-text.tsx';
import css from './panel-editor.module.css';
import { panelWords } from './words.ts';

const kinds = ['value', 'range', 'regex', 'special'] as const;
const specials = ['null', 'nan', 'null+nan', 'true', 'false', 'empty'] as const;

/** Words and colours for values, ranges, patterns and what is no value. */
export function MappingsField({
  value,
  onChange,
}: {
  readonly value: unknown;
  readonly onChange: (value: readonly unknown[]) => void;
}): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(panelWords);
  const rows = mappingRows(value);
  const put = (index: number, row: MappingRow): void =>
    onChange(mappingsOf(replaced(rows, index, row)));
  return (
    <div className={css.rows}>
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: mappings have nothing but their place.
        <div key={index} className={css.mapping}>
          <div className={css.rowLine}>
            <Select
              label={own.mappingKind}
              value={row.kind}
              options={kinds.map((kind) => ({ value: kind, label: own.mappingKinds[kind] }))}
              onChange={(kind) =>
                put(index, { ...row, kind, to: '', match: kind === 'special' ? 'null' : '' })
              }
            />
            {row.kind === 'special' ? (
              <Select
                label={own.mappingMatch}
                value={row.match}
                options={specials.map((one) => ({
                  value: one as string,
                  label: own.specials[one],
                }))}
                onChange={(match) => put(index, { ...row, match })}
              />
            ) : (
              <LazyText
                aria-label={row.kind === 'range' ? own.mappingFrom : own.mappingMatch}
                placeholder={row.kind === 'range' ? own.mappingFrom : own.mappingMatch}
                value={row.match}
                onCommit={(match) => put(index, { ...row, match })}
              />
            )}
            {row.kind === 'range' && (
              <LazyText
                aria-label={own.mappingTo}
                placeholder={own.mappingTo}
                value={row.to}
                onCommit={(to) => put(index, { ...row, to })}
              />
            )}
            <IconButton
              icon={X}
              label={m.remove}
              onClick={() => onChange(mappingsOf(removed(rows, index)))}
            />
          </div>
          <div className={css.rowLine}>
            <LazyText
              aria-label={own.mappingText}
              placeholder={own.mappingText}
              value={row.result.text ?? ''}
              onCommit={(text) => put(index, { ...row, result: { ...row.result, text } })}
            />
            <ColorInput
              label={own.colorName}
              value={row.result.color}
              onChange={(color) => put(index, { ...row, result: { ...row.result, color } })}
            />
          </div>
        </div>
      ))}
      <div>
        <Button
          look="quiet"
          icon={Plus}
          onClick={() =>
            onChange(mappingsOf([...rows, { kind: 'value', match: '', to: '', result: {} }]))
          }
        >
          {own.addMapping}
        </Button>
      </div>
    </div>
  );
}
