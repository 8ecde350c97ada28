import type { DisplayValue, Field } from '@grafana/data';
import type { ReactNode } from 'react';
import css from './table.module.css';

const lampPx = 10;
const valueRoomPx = 78;

/** A value as a bar along the range of its column, with its text behind it. */
export function CellBar({
  field,
  shown,
  text,
  mode,
  valueMode,
  widthPx,
  heightPx,
}: {
  readonly field: Field;
  readonly shown: DisplayValue;
  readonly text: string;
  readonly mode: 'basic' | 'gradient' | 'lcd';
  readonly valueMode: 'color' | 'text' | 'hidden';
  readonly widthPx: number;
  readonly heightPx: number;
}): ReactNode {
  const range = field.state?.range;
  const min = field.config.min ?? range?.min ?? 0;
  const max = field.config.max ?? range?.max ?? 100;
  const share = Math.min(1, Math.max(0, (shown.numeric - min) / (max - min || 1) || 0));
  const color = shown.color ?? 'var(--series-count)';
  const room = Math.max(16, widthPx - 20 - (valueMode === 'hidden' ? 0 : valueRoomPx));
  const height = Math.max(6, heightPx - 12);
  return (
    <span className={css.cellBar}>
      {mode === 'lcd' ? (
        <span className={css.lamps} style={{ width: room, height }}>
          {Array.from(
            { length: Math.max(1, Math.floor(room / lampPx)) },
            (_, at, count = Math.max(1, Math.floor(room / lampPx))) => {
              const own = field.display?.(min + ((max - min) * at) / count).color ?? color;
              return (
                <span
                  // biome-ignore lint/suspicious/noArrayIndexKey: lamps are places.
                  key={at}
                  style={{ background: at / count < share ? own : 'var(--hover)' }}
                />
              );
            },
          )}
        </span>
      ) : (
        <span className={css.track} style={{ width: room, height }}>
          <span
            style={{
              width: `${share * 100}%`,
              background:
                mode === 'gradient'
                  ? `linear-gradient(to right, color-mix(in oklch, ${color} 45%, transparent), ${color})`
                  : `color-mix(in oklch, ${color} 55%, transparent)`,
            }}
          />
        </span>
      )}
      {valueMode !== 'hidden' && (
        <span className={css.barValue} style={valueMode === 'color' ? { color } : {}}>
          {text}
        </span>
      )}
    </span>
  );
}
