import type { GrafanaTheme2 } from '@grafana/data';
import type uPlot from 'uplot';
import type { YScale } from '../../../../src/dashboards/fields/models/scales.ts';
import { faded } from '../../charts/colors.ts';

/** Areas lie under everything, lines over the series. */
export function drawThresholds(
  u: uPlot,
  scales: readonly YScale[],
  theme: GrafanaTheme2,
  layer: 'areas' | 'lines',
): void {
  const { ctx, bbox } = u;
  for (const scale of scales) {
    const series = scale.members.find(({ options }) => options.thresholdsStyle !== 'off');
    const style = series?.options.thresholdsStyle ?? 'off';
    const { min, max } = u.scales[scale.key] ?? {};
    const thresholds = series?.field.config.thresholds;
    if (series === undefined || thresholds === undefined || min == null || max == null) continue;
    const wantsAreas = style.endsWith('area');
    const wantsLines = style.startsWith('line') || style.startsWith('dashed');
    if (layer === 'areas' ? !wantsAreas : !wantsLines) continue;
    const range = { min: series.field.config.min ?? min, max: series.field.config.max ?? max };
    const levels = thresholds.steps.map(({ value, color }) => ({
      at:
        thresholds.mode === 'percentage' && value !== -Infinity
          ? range.min + ((range.max - range.min) * value) / 100
          : value,
      color: theme.visualization.getColorByName(color),
    }));
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const [index, { at, color }] of levels.entries()) {
      if (color === 'transparent' || /,\s*0\)$/.test(color)) continue;
      const from = u.valToPos(Math.max(min, at), scale.key, true);
      if (layer === 'areas') {
        const next = levels[index + 1]?.at ?? Number.POSITIVE_INFINITY;
        if (next < min || at > max) continue;
        const to = u.valToPos(Math.min(max, next), scale.key, true);
        ctx.fillStyle = faded(color, 0.12);
        ctx.fillRect(bbox.left, to, bbox.width, from - to);
      } else if (at !== -Infinity && at >= min && at <= max) {
        ctx.strokeStyle = faded(color, 0.85);
        ctx.lineWidth = 1.5 * window.devicePixelRatio;
        ctx.setLineDash(style.startsWith('dashed') ? [10, 10] : []);
        ctx.beginPath();
        ctx.moveTo(bbox.left, from);
        ctx.lineTo(bbox.left + bbox.width, from);
        ctx.stroke();
      }
    }
    ctx.restore();
  }
}
