import { type ReactNode, useMemo } from 'react';
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
import { fittingFontPx, textWidthPx, useFonts } from '../shared/layout.ts';
import { ScrollGroup } from '../shared/scroll-group.tsx';
import { ValueLink } from '../shared/value-link.tsx';
import { Bar } from './bar.tsx';
import css from './bargauge.module.css';

const gapPx = 8;
const maxNameShare = 0.4;

/** Values as bars, below each other or side by side. */
export function Body(props: PanelBodyProps): ReactNode {
  useFonts();
  const { panel, widthPx, heightPx, fields } = props;
  const { options } = panel;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts of props that values are made of.
  const values = useMemo(
    () => singleValues(props),
    [props.fields, props.panel, props.interpolate, props.timeZone],
  );
  const orientation = choiceAt(options, 'orientation', ['auto', 'horizontal', 'vertical'], 'auto');
  const isUpright =
    orientation === 'vertical' ||
    (orientation === 'auto' && widthPx > heightPx * 1.8 && values.length > 1 && heightPx > 150);
  const valueMode = choiceAt(options, 'valueMode', ['color', 'text', 'hidden'], 'color');
  const placement = choiceAt(options, 'namePlacement', ['auto', 'left', 'top', 'hidden'], 'auto');
  const common = {
    theme: fields.theme,
    mode: choiceAt(options, 'displayMode', ['gradient', 'lcd', 'basic'], 'gradient'),
    hasUnfilled: flagAt(options, 'showUnfilled', true),
    isUpright,
  };
  const sizes = objectAt(options, 'text');
  const [valuePx, titlePx] = [maybeNumberAt(sizes, 'valueSize'), maybeNumberAt(sizes, 'titleSize')];
  const texts = values.map(displayText);
  const longest = texts.reduce((a, b) => (b.length > a.length ? b : a), '');
  const names = values.map((value) =>
    placement === 'hidden' || (values.length === 1 && placement === 'auto')
      ? ''
      : (value.display.title ?? ''),
  );
  const hasNames = names.some((name) => name !== '');
  const textColor = (color: string | undefined, fontPx: number): string | undefined =>
    valueMode === 'color' && color !== undefined
      ? readable(color, token('--raised'), fontPx >= 24)
      : undefined;
  if (isUpright) {
    const cell = Math.max(
      numberAt(options, 'minVizWidth', 8),
      (widthPx - gapPx * (values.length - 1)) / values.length,
    );
    const fontPx = valuePx ?? fittingFontPx(longest, cell - 4, 28, { maxPx: 18, minPx: 9 });
    const valueRoom = valueMode === 'hidden' ? 0 : fontPx * 1.4;
    const length = Math.max(10, heightPx - valueRoom - (hasNames ? 20 : 0));
    return (
      <div className={css.upright} style={{ gap: gapPx, height: heightPx }}>
        {values.map((value, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: values have no other identity.
          <ValueLink key={index} value={value} className={css.column} style={{ width: cell }}>
            {valueMode !== 'hidden' && (
              <div
                className={css.value}
                style={{ fontSize: fontPx, color: textColor(value.display.color, fontPx) }}
              >
                {texts[index]}
              </div>
            )}
            <Bar {...common} value={value} lengthPx={length} thicknessPx={cell} />
            {hasNames && (
              <div className={css.nameBelow} title={names[index]}>
                {names[index]}
              </div>
            )}
          </ValueLink>
        ))}
      </div>
    );
  }
  const rowHeight = Math.min(
    numberAt(options, 'maxVizHeight', 300),
    Math.max(
      numberAt(options, 'minVizHeight', 16),
      (heightPx - gapPx * (values.length - 1)) / values.length,
    ),
  );
  const isNameAbove = hasNames && (placement === 'top' || (placement === 'auto' && rowHeight > 44));
  const barHeight = Math.max(8, isNameAbove ? rowHeight - 20 : rowHeight);
  const fontPx =
    valuePx ?? fittingFontPx(longest, widthPx * 0.3, barHeight * 0.8, { maxPx: 28, minPx: 10 });
  const valueRoom = valueMode === 'hidden' ? 0 : textWidthPx(longest, fontPx) + 14;
  const nameFontPx = titlePx ?? Math.min(14, Math.max(11, barHeight * 0.45));
  const nameRoom = hasNames && !isNameAbove ? nameWidth(names, widthPx, nameFontPx) : 0;
  const length = Math.max(10, widthPx - valueRoom - nameRoom);
  return (
    <ScrollGroup className={css.rows} style={{ gap: gapPx, height: heightPx }} label={panel.title}>
      {values.map((value, index) => (
        <ValueLink
          // biome-ignore lint/suspicious/noArrayIndexKey: values have no other identity.
          key={index}
          value={value}
          className={css.row}
          style={{
            minHeight: rowHeight,
            flexDirection: isNameAbove ? 'column' : 'row',
            alignItems: isNameAbove ? 'stretch' : 'center',
          }}
        >
          {hasNames && (
            <div
              className={css.name}
              style={isNameAbove ? {} : { width: nameRoom, fontSize: nameFontPx }}
              title={names[index]}
            >
              {names[index]}
            </div>
          )}
          <div className={css.line}>
            <Bar {...common} value={value} lengthPx={length} thicknessPx={barHeight} />
            {valueMode !== 'hidden' && (
              <div
                className={css.value}
                style={{
                  width: valueRoom,
                  fontSize: fontPx,
                  color: textColor(value.display.color, fontPx),
                }}
              >
                {texts[index]}
              </div>
            )}
          </div>
        </ValueLink>
      ))}
    </ScrollGroup>
  );
}

function nameWidth(names: readonly string[], widthPx: number, fontPx: number): number {
  const widest = Math.max(...names.map((name) => textWidthPx(name, fontPx)));
  return Math.min(widthPx * maxNameShare, widest + 14);
}
