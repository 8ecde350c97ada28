import type { FieldDisplay, GrafanaTheme2 } from '@grafana/data';
import type { CSSProperties, ReactNode } from 'react';
import { colorStops } from '../../../../src/dashboards/fields/models/color-stops.ts';
import { gaugeRange, shareOf } from '../../../../src/dashboards/fields/models/gauge-arcs.ts';
import css from './bargauge.module.css';

export type BarMode = 'gradient' | 'lcd' | 'basic';

/** Width of one lamp with its gap. */
const lampPx = 12;

/** How much of its range a value fills, along the length of a bar. */
export function Bar({
  value,
  theme,
  mode,
  lengthPx,
  thicknessPx,
  isUpright,
  hasUnfilled,
}: {
  readonly value: FieldDisplay;
  readonly theme: GrafanaTheme2;
  readonly mode: BarMode;
  readonly lengthPx: number;
  readonly thicknessPx: number;
  readonly isUpright: boolean;
  readonly hasUnfilled: boolean;
}): ReactNode {
  const share = shareOf(value.display.numeric, gaugeRange(value));
  const color = value.display.color ?? 'var(--series-count)';
  const along: CSSProperties = isUpright
    ? { height: lengthPx, width: thicknessPx }
    : { width: lengthPx, height: thicknessPx };
  if (mode === 'lcd') {
    return (
      <Lamps
        value={value}
        theme={theme}
        share={share}
        lengthPx={lengthPx}
        isUpright={isUpright}
        style={along}
      />
    );
  }
  const size = `${Math.max(share * 100, share > 0 ? 0.5 : 0)}%`;
  return (
    <div
      className={css.bar}
      style={{ ...along, background: hasUnfilled ? 'var(--hover)' : 'none' }}
    >
      <div
        className={css.fill}
        style={{
          ...(isUpright ? { height: size, width: '100%' } : { width: size, height: '100%' }),
          ...(mode === 'gradient'
            ? { background: gradientOf(value, theme, share, isUpright) }
            : {
                background: `color-mix(in oklch, ${color} 32%, transparent)`,
                [isUpright ? 'borderTop' : 'borderRight']: `2px solid ${color}`,
              }),
        }}
      />
    </div>
  );
}

/** From the colours below the value up to its own. */
function gradientOf(
  value: FieldDisplay,
  theme: GrafanaTheme2,
  share: number,
  isUpright: boolean,
): string {
  const color = value.display.color ?? 'var(--series-count)';
  const field = value.view?.dataFrame.fields[value.colIndex ?? -1];
  const stops = field === undefined ? undefined : colorStops(field, theme);
  const direction = isUpright ? 'to top' : 'to right';
  if (stops === undefined) {
    return `linear-gradient(${direction}, color-mix(in oklch, ${color} 45%, transparent), ${color})`;
  }
  const range = gaugeRange(value);
  const parts = stops
    .map((stop) => ({ color: stop.color, at: shareOf(stop.value, range) }))
    .filter(({ at }, index) => index === 0 || at <= share)
    .map(({ color: own, at }) => `${own} ${((at / (share || 1)) * 100).toFixed(1)}%`);
  return `linear-gradient(${direction}, ${[...parts, `${color} 100%`].join(', ')})`;
}

function Lamps({
  value,
  theme,
  share,
  lengthPx,
  isUpright,
  style,
}: {
  readonly value: FieldDisplay;
  readonly theme: GrafanaTheme2;
  readonly share: number;
  readonly lengthPx: number;
  readonly isUpright: boolean;
  readonly style: CSSProperties;
}): ReactNode {
  const count = Math.max(1, Math.floor(lengthPx / lampPx));
  const range = gaugeRange(value);
  const field = value.view?.dataFrame.fields[value.colIndex ?? -1];
  const colorAt = (at: number): string =>
    field?.display?.(range.min + (range.max - range.min) * at).color ??
    value.display.color ??
    theme.visualization.getColorByName('green');
  return (
    <div
      className={css.lamps}
      style={{ ...style, flexDirection: isUpright ? 'column-reverse' : 'row' }}
    >
      {Array.from({ length: count }, (_, index) => {
        const at = index / count;
        const color = colorAt(at);
        return (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: lamps are places.
            key={index}
            className={css.lamp}
            style={{
              background: at < share ? color : `color-mix(in oklch, ${color} 18%, transparent)`,
            }}
          />
        );
      })}
    </div>
  );
}
