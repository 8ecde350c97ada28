import { shortNumber, type Threshold, timeSeriesSvg } from '#picture';
import { sortableTime } from '#time';
import type { Condition } from './condition.ts';
import type { AlertFacts, EvidenceSeries, MessageSettings } from './contract.ts';
import { wordsOf } from './words.ts';

export const pictureSize = { width: 720, height: 300 } as const;

/** Lines beyond these cannot be told apart. */
const maxLines = 12;

export interface PictureRequest {
  readonly title: string;
  readonly condition: Condition;
  readonly window: { readonly startMs: number; readonly endMs: number; readonly stepMs: number };
  readonly series: readonly EvidenceSeries[];
  readonly alerts: readonly AlertFacts[];
  readonly settings: MessageSettings;
}

/** The rule's expression around the start of its alerts, with threshold and moment. */
export function alertSvg(request: PictureRequest): string {
  const { title, condition, window, settings, alerts } = request;
  const words = wordsOf[settings.language];
  const series = request.series.slice(0, maxLines);
  const varying = varyingNames(series);
  const { threshold } = condition;
  const thresholds: Threshold[] =
    threshold === undefined
      ? []
      : [
          {
            value: threshold.value,
            label: `${threshold.operator} ${shortNumber(threshold.value)}`,
            region:
              threshold.isAbove === undefined ? undefined : threshold.isAbove ? 'above' : 'below',
          },
        ];
  const startsMs = Math.min(...alerts.map(({ sinceMs }) => sinceMs));
  const time = sortableTime(settings.timeZone, startsMs, 'minute').slice(-5);
  return timeSeriesSvg({
    ...pictureSize,
    theme: settings.theme,
    title,
    subtitle: condition.query.replace(/\s+/g, ' '),
    fromMs: window.startMs,
    toMs: window.endMs,
    stepMs: window.stepMs,
    zone: settings.timeZone,
    series: series.map(({ labels, timesMs, values }) => ({
      name: seriesName(labels, varying),
      timesMs,
      values,
    })),
    thresholds,
    // Two fills over each other say nothing.
    fillOpacity: threshold === undefined ? undefined : 0,
    marks: [{ timeMs: startsMs, label: `${words.firingSince} ${time}` }],
  });
}

/** Names of labels whose values differ. */
function varyingNames(series: readonly EvidenceSeries[]): readonly string[] {
  const names = new Set(series.flatMap(({ labels }) => Object.keys(labels)));
  names.delete('__name__');
  return [...names]
    .filter((name) => new Set(series.map(({ labels }) => labels[name])).size > 1)
    .sort();
}

/** As short as tells it from the others. */
function seriesName(labels: Readonly<Record<string, string>>, varying: readonly string[]): string {
  const shown = varying.filter((name) => labels[name] !== undefined);
  if (shown.length === 1) return labels[shown[0] as string] as string;
  if (shown.length > 1) {
    return shown.map((name) => `${name}=${labels[name]}`).join(', ');
  }
  const { pod, instance, node, namespace } = labels;
  return pod ?? instance ?? node ?? namespace ?? labels['__name__'] ?? 'value';
}
