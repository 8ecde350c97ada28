import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { metricsApi } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Status, StatusIcon } from '../../../ui/states.tsx';
import css from './explore.module.css';
import { hiddenData } from './hidden-data.ts';
import { stepMsOf } from './step.ts';
import { exploreWords } from './words.ts';

const staleTime = 60_000;

/** How often most targets are scraped; undefined: nothing is, or nobody knows. */
function useScrapeMs(): number | undefined {
  const query = useQuery({
    queryKey: ['scrape-interval'],
    queryFn: async ({ signal }) => {
      // One number, however many targets there are.
      const { result } = await metricsApi.instant(
        'quantile(0.5, 300 / count_over_time(up[5m]))',
        Date.now(),
        signal,
      );
      return Number(result[0]?.value?.[1] ?? Number.NaN) * 1000;
    },
    staleTime,
  });
  return Number.isFinite(query.data) ? query.data : undefined;
}

/** Says what the distance of the points hides of an expression; nothing where it hides nothing. */
export function StepWarning({
  expr,
  stepMs,
  isShort = false,
}: {
  readonly expr: string;
  readonly stepMs: number;
  /** One line: the sentence is its title. */
  readonly isShort?: boolean;
}): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const scrapeMs = useScrapeMs();
  const parsed = useQuery({
    queryKey: ['windows-of', expr],
    // With the grammar, which is larger than the page, and not needed to draw it.
    queryFn: async () => (await import('../../../promql/selectors.ts')).windowsOf(expr),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const hidden = useMemo(
    () => (parsed.data === undefined ? undefined : hiddenData(parsed.data, stepMs, scrapeMs)),
    [parsed.data, stepMs, scrapeMs],
  );
  if (hidden === undefined) return null;
  const step = f.duration(stepMs);
  const text =
    hidden.kind === 'window'
      ? m.windowHides(
          `[${hidden.window}]`,
          step,
          f.percent(1 - (stepMsOf(hidden.window) ?? 0) / stepMs),
        )
      : m.samplesHide(f.number(hidden.oneOf), step);
  if (isShort) {
    return (
      <span title={text}>
        <Status kind="warning">{m.stepHides}</Status>
      </span>
    );
  }
  return (
    <div className={css.hides}>
      <StatusIcon kind="warning" />
      <p>{text}</p>
    </div>
  );
}
