import { type FieldDisplay, formattedValueToString, type GrafanaTheme2 } from '@grafana/data';
import { type ReactNode, useMemo } from 'react';
import {
  gaugeRange,
  ringPath,
  shareOf,
  thresholdParts,
} from '../../../../src/dashboards/fields/models/gauge-arcs.ts';
import {
  choiceAt,
  flagAt,
  maybeNumberAt,
  numberAt,
  objectAt,
} from '../../../../src/dashboards/fields/read.ts';
import { displayText, singleValues } from '../../../../src/dashboards/fields/single-values.ts';
import { token } from '../../charts/colors.ts';
import type { PanelBodyProps } from '../body.ts';
import { readable } from '../shared/contrast.ts';
import { fittingFontPx, gridLayout, useFonts } from '../shared/layout.ts';
import { ValueLink } from '../shared/value-link.tsx';
import css from './gauge.module.css';

const gapPx = 8;
/** Half of the opening at the bottom of the arc, in radians. */
const halfOpening = Math.PI * 0.32;

/** Values on arcs with their thresholds. */
export function Body(props: PanelBodyProps): ReactNode {
  useFonts();
  const { panel, widthPx, heightPx, fields } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts of props that values are made of.
  const values = useMemo(
    () => singleValues(props),
    [props.fields, props.panel, props.interpolate, props.timeZone],
  );
  const orientation = choiceAt(
    panel.options,
    'orientation',
    ['auto', 'horizontal', 'vertical'],
    'auto',
  );
  const text = objectAt(panel.options, 'text');
  const textMode = choiceAt(
    panel.options,
    'textMode',
    ['auto', 'value', 'value_and_name', 'name', 'none'],
    'auto',
  );
  const layout = gridLayout(values.length, widthPx, heightPx, gapPx, 1.15, orientation);
  return (
    <div
      className={css.grid}
      style={{
        gridTemplateColumns: `repeat(${layout.columns}, minmax(0, 1fr))`,
        gap: gapPx,
        height: heightPx,
      }}
    >
      {values.map((value, index) => (
        <Gauge
          // biome-ignore lint/suspicious/noArrayIndexKey: values have no other identity.
          key={index}
          value={value}
          theme={fields.theme}
          hasName={
            textMode === 'auto'
              ? values.length > 1 || value.field.displayName !== undefined
              : textMode === 'name' || textMode === 'value_and_name'
          }
          hasMarkers={flagAt(panel.options, 'showThresholdMarkers', true)}
          hasLabels={flagAt(panel.options, 'showThresholdLabels', false)}
          isCircle={panel.options['shape'] === 'circle'}
          widthFactor={Math.min(1, Math.max(0.05, numberAt(panel.options, 'barWidthFactor', 0.5)))}
          hasText={textMode !== 'name' && textMode !== 'none'}
          valuePx={maybeNumberAt(text, 'valueSize')}
          titlePx={maybeNumberAt(text, 'titleSize')}
          widthPx={layout.cellWidthPx}
          heightPx={layout.cellHeightPx}
        />
      ))}
    </div>
  );
}

function Gauge({
  value,
  theme,
  hasName,
  hasMarkers,
  hasLabels,
  isCircle,
  widthFactor,
  hasText,
  valuePx,
  titlePx,
  widthPx,
  heightPx,
}: {
  readonly value: FieldDisplay;
  readonly theme: GrafanaTheme2;
  readonly hasName: boolean;
  readonly hasMarkers: boolean;
  readonly hasLabels: boolean;
  readonly isCircle: boolean;
  /** Of the bar, 0 to 1. */
  readonly widthFactor: number;
  readonly hasText: boolean;
  readonly valuePx: number | undefined;
  readonly titlePx: number | undefined;
  readonly widthPx: number;
  readonly heightPx: number;
}): ReactNode {
  const name = value.display.title ?? '';
  const nameHeight = hasName && name !== '' ? 20 : 0;
  const labelRoom = hasLabels ? 20 : 0;
  const room = Math.max(20, heightPx - nameHeight);
  const half = isCircle ? 0 : halfOpening;
  // An arc that is open below is lower than it is wide.
  const heightShare = isCircle ? 2 : 1 + Math.cos(half);
  const radius = Math.max(
    10,
    Math.min((widthPx - labelRoom * 2) / 2, (room - labelRoom) / heightShare) - 4,
  );
  const cx = widthPx / 2;
  const cy = (room - radius * heightShare) / 2 + radius + labelRoom / 2;
  const thickness = Math.max(5, radius * 0.4 * widthFactor);
  const markers = hasMarkers ? Math.max(2, radius * 0.05) : 0;
  const inner = radius - markers * 1.6;
  const range = gaugeRange(value);
  const share = shareOf(value.display.numeric, range);
  const start = -Math.PI + half;
  const length = 2 * (Math.PI - half);
  const angleOf = (at: number): number => start + at * length;
  const color = value.display.color ?? token('--text');
  const text = displayText(value);
  const fontPx =
    valuePx ?? fittingFontPx(text, (inner - thickness) * 1.62, radius * 0.62, { maxPx: 64 });
  const parts = hasMarkers || hasLabels ? thresholdParts(value, range, theme) : [];
  return (
    <ValueLink value={value} className={css.gauge} style={{ height: heightPx }}>
      <svg width={widthPx} height={room} role="img" aria-label={`${name} ${text}`}>
        <path
          d={ringPath(cx, cy, inner, inner - thickness, angleOf(0), angleOf(1))}
          fill="var(--hover)"
        />
        {share > 0 && (
          <path
            d={ringPath(cx, cy, inner, inner - thickness, angleOf(0), angleOf(share))}
            fill={color}
          />
        )}
        {hasMarkers &&
          parts.map((part) => (
            <path
              key={part.from}
              d={ringPath(cx, cy, radius, radius - markers, angleOf(part.from), angleOf(part.to))}
              fill={part.color}
            />
          ))}
        {hasLabels &&
          parts.map((part) =>
            part.value === undefined ? null : (
              <text
                key={part.from}
                className={css.label}
                x={cx + (radius + 4) * Math.sin(angleOf(part.from))}
                y={cy - (radius + 4) * Math.cos(angleOf(part.from))}
                textAnchor={anchorOf(angleOf(part.from))}
              >
                {labelOf(value, part.value)}
              </text>
            ),
          )}
        <text
          className={css.value}
          x={cx}
          y={cy + fontPx * (isCircle ? 0.34 : 0.28)}
          textAnchor="middle"
          style={{ fontSize: fontPx, fill: readable(color, token('--raised'), fontPx >= 24) }}
        >
          {hasText ? text : ''}
        </text>
      </svg>
      {nameHeight > 0 && (
        <div className={css.name} style={{ fontSize: titlePx }} title={name}>
          {name}
        </div>
      )}
    </ValueLink>
  );
}

function anchorOf(angle: number): 'start' | 'middle' | 'end' {
  const side = Math.sin(angle);
  return side > 0.3 ? 'start' : side < -0.3 ? 'end' : 'middle';
}

function labelOf(value: FieldDisplay, at: number): string {
  const field = value.view?.dataFrame.fields[value.colIndex ?? -1];
  return field?.display === undefined ? String(at) : formattedValueToString(field.display(at));
}
