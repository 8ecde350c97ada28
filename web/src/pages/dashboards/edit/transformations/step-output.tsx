import { type DataFrame, getFieldDisplayName } from '@grafana/data';
import { type ReactNode, useState } from 'react';
import { sortableTime } from '../../../../../../src/time/zone.ts';
import type { StepResult } from '../../../../dashboards/editing/transformations/step-results.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { useFormat } from '../../../../i18n/use-format.ts';
import { Segmented } from '../../../../ui/segmented.tsx';
import { Select } from '../../../../ui/select.tsx';
import css from './transformations.module.css';
import { transformationWords } from './words.ts';

/** A glance, not the data: for that there is Inspect. */
const maxRows = 8;
const maxColumns = 30;

/** What goes into a step, or what comes out of it, as a small table. */
export function StepOutput({
  result,
  zone,
}: {
  readonly result: StepResult;
  readonly zone: string;
}): ReactNode {
  const m = useMessages(transformationWords);
  const f = useFormat();
  const [side, setSide] = useState<'before' | 'after'>('after');
  const [chosen, setChosen] = useState('0');
  const frames = result[side];
  const frame = frames[Number(chosen)] ?? frames[0];
  return (
    <section className={css.output} aria-label={m.output}>
      <div className={css.outputHead}>
        <Segmented
          label={m.output}
          value={side}
          options={[
            { value: 'before', label: m.before },
            { value: 'after', label: m.after },
          ]}
          onChange={setSide}
        />
        {frames.length > 1 && (
          <Select
            label={m.answer}
            value={String(Math.min(Number(chosen), frames.length - 1))}
            options={frames.map((one, index) => ({
              value: String(index),
              label: nameOf(one, frames, index),
            }))}
            onChange={setChosen}
          />
        )}
        <span className={css.help}>
          {m.size(f.number(frames.length), f.number(frame?.length ?? 0))}
        </span>
      </div>
      {frame !== undefined && <FrameTable frame={frame} frames={frames} zone={zone} />}
    </section>
  );
}

function nameOf(frame: DataFrame, frames: readonly DataFrame[], index: number): string {
  const value = frame.fields.find(({ type }) => type !== 'time');
  const shown = value === undefined ? '' : getFieldDisplayName(value, frame, [...frames]);
  return `${frame.refId ?? index + 1}: ${frame.name ?? shown}`;
}

function FrameTable({
  frame,
  frames,
  zone,
}: {
  readonly frame: DataFrame;
  readonly frames: readonly DataFrame[];
  readonly zone: string;
}): ReactNode {
  const m = useMessages(transformationWords);
  const fields = frame.fields.slice(0, maxColumns);
  const rows = Array.from({ length: Math.min(maxRows, frame.length) }, (_, row) => row);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.tableHost} tabIndex={0} aria-label={m.output}>
      <table className={css.table}>
        <thead>
          <tr>
            {fields.map((field, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two fields may have one name.
              <th key={at} scope="col">
                {getFieldDisplayName(field, frame, [...frames])} <span>{field.type}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              {fields.map((field, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above.
                <td key={at}>{cellText(field.values[row], field.type, zone)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function cellText(value: unknown, type: string, zone: string): string {
  if (value === null || value === undefined) return '–';
  if (type === 'time' && typeof value === 'number') return sortableTime(zone, value, 'second');
  if (type === 'frame') return '…';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
