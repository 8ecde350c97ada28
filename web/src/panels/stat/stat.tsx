import type { FieldDisplay } from '@grafana/data';
import { type ReactNode, useMemo } from 'react';
import {
  type StatOptions,
  statOptions,
} from '../../../../src/dashboards/fields/models/stat-options.ts';
import { statText } from '../../../../src/dashboards/fields/models/stat-text.ts';
import { singleValues } from '../../../../src/dashboards/fields/single-values.ts';
import { token } from '../../charts/colors.ts';
import { classNames } from '../../ui/class-names.ts';
import type { PanelBodyProps } from '../body.ts';
import { readable, textOn } from '../shared/contrast.ts';
import { fittingFontPx, gridLayout, useFonts } from '../shared/layout.ts';
import { ValueLink } from '../shared/value-link.tsx';
import css from './stat.module.css';
import { StatSparkline } from './stat-sparkline.tsx';

const gapPx = 6;

/** Big numbers, each as large as its box allows, over the shape of their last while. */
export function Body(props: PanelBodyProps): ReactNode {
  useFonts();
  const { panel, widthPx, heightPx } = props;
  const options = useMemo(() => statOptions(panel.options), [panel]);
  const wantsSparkline = options.graphMode !== 'none';
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts of props that values are made of.
  const values = useMemo(
    () => singleValues(props, { sparkline: wantsSparkline, percentChange: options.showsChange }),
    [props.fields, props.panel, props.interpolate, props.timeZone],
  );
  const layout = gridLayout(values.length, widthPx, heightPx, gapPx, 2.2, options.orientation);
  // All numbers in one size: what is larger would look like more.
  const fonts = values.map((value) =>
    fontsOf(value, values.length, options, layout.cellWidthPx, layout.cellHeightPx),
  );
  const valuePx = Math.min(...fonts.map((font) => font.valuePx));
  const namePx = Math.min(...fonts.map((font) => font.namePx));
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
        <Stat
          // biome-ignore lint/suspicious/noArrayIndexKey: values have no other identity.
          key={index}
          value={value}
          isOne={values.length === 1}
          options={options}
          widthPx={layout.cellWidthPx}
          heightPx={layout.cellHeightPx}
          valuePx={valuePx}
          namePx={namePx}
          isWide={fonts[index]?.isWide === true}
        />
      ))}
    </div>
  );
}

const padPx = 10;

function fontsOf(
  value: FieldDisplay,
  count: number,
  options: StatOptions,
  widthPx: number,
  heightPx: number,
): { readonly valuePx: number; readonly namePx: number; readonly isWide: boolean } {
  const { name, text } = statText(value, count === 1, options);
  const width = Math.max(8, widthPx - padPx * 2);
  const height = Math.max(8, heightPx - 8);
  const change = options.showsChange ? 1.35 : 1;
  // Flat boxes have the name beside the number.
  const isWide = options.isWide && name !== '' && widthPx / heightPx > 2.5 && heightPx < 80;
  if (isWide) {
    const namePx =
      options.titlePx ?? fittingFontPx(name, width * 0.58, height, { maxPx: 16, minPx: 11 });
    const valuePx =
      options.valuePx ?? fittingFontPx(text, width * 0.4, height / change, { maxPx: 80 });
    return { valuePx, namePx, isWide };
  }
  const namePx = name === '' ? 0 : (options.titlePx ?? Math.min(16, Math.max(11, heightPx * 0.13)));
  const valuePx =
    options.valuePx ??
    fittingFontPx(text, width * 0.94, Math.max(10, (height - namePx * 1.4) * 0.72) / change, {
      maxPx: 120,
    });
  return { valuePx, namePx, isWide };
}

function Stat({
  value,
  isOne,
  options,
  widthPx,
  heightPx,
  valuePx,
  namePx,
  isWide,
}: {
  readonly value: FieldDisplay;
  readonly isOne: boolean;
  readonly options: StatOptions;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly valuePx: number;
  readonly namePx: number;
  readonly isWide: boolean;
}): ReactNode {
  const { name, text } = statText(value, isOne, options);
  const color = value.display.color ?? token('--text');
  const isFilled = options.colorMode === 'background' || options.colorMode === 'background_solid';
  const onColor = isFilled ? textOn(color) : undefined;
  const textColor =
    onColor ??
    (options.colorMode === 'value' ? readable(color, token('--raised'), valuePx >= 24) : undefined);
  const sparkHeight = Math.round(heightPx * (isWide ? 0.7 : 0.42));
  const hasShape = heightPx > 50 && (value.sparkline?.y.values.length ?? 0) > 1;
  return (
    <ValueLink
      value={value}
      className={classNames(
        css.stat,
        isFilled && css.filled,
        isWide && css.wide,
        !hasShape && css.alone,
        (options.isCentered || isOne) && css.centered,
      )}
      style={{
        height: heightPx,
        // Above its shape a number stands in the middle of what is left.
        ...(hasShape && isOne ? { paddingBottom: sparkHeight * 0.8 } : {}),
        ...(isFilled ? { background: color, color: onColor ?? 'inherit' } : {}),
      }}
    >
      {hasShape && value.sparkline !== undefined && (
        <StatSparkline
          sparkline={value.sparkline}
          color={onColor ?? (options.colorMode === 'none' ? token('--series-count') : color)}
          widthPx={widthPx}
          heightPx={sparkHeight}
          hasArea={options.graphMode === 'area'}
        />
      )}
      {name !== '' && (
        <div className={css.name} style={{ fontSize: namePx }} title={name}>
          {name}
        </div>
      )}
      <div className={css.value} style={{ fontSize: valuePx, color: textColor }} title={text}>
        {text}
        {options.showsChange && value.display.percentChange !== undefined && (
          <Change
            percent={value.display.percentChange}
            options={options}
            onColor={onColor}
            sizePx={valuePx}
          />
        )}
      </div>
    </ValueLink>
  );
}

function Change({
  percent,
  options,
  onColor,
  sizePx,
}: {
  readonly percent: number;
  readonly options: StatOptions;
  readonly onColor: string | undefined;
  readonly sizePx: number;
}): ReactNode {
  if (!Number.isFinite(percent)) return null;
  const isGood = options.changeColor === 'inverted' ? percent <= 0 : percent >= 0;
  const color =
    onColor ??
    (options.changeColor === 'same_as_value'
      ? undefined
      : `var(${isGood ? '--ok' : '--critical'})`);
  const arrow = percent === 0 ? '→' : percent > 0 ? '↗' : '↘';
  return (
    <div
      className={css.change}
      style={{ fontSize: options.percentPx ?? Math.max(11, sizePx * 0.3), color }}
    >
      {arrow} {Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0)}%
    </div>
  );
}
