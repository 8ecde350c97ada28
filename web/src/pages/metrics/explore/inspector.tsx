import { Gauge } from 'lucide-react';
import type { ReactNode } from 'react';
import type { WireMatrixItem, WireVectorItem } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Sparkline } from '../../../ui/sparkline.tsx';
import { Empty } from '../../../ui/states.tsx';
import css from './explore.module.css';
import { StepWarning } from './step-warning.tsx';
import type { GridAnswer, Outcome } from './use-results.ts';
import { exploreWords } from './words.ts';

type Costly = WireMatrixItem | WireVectorItem;

/** What each query cost: series, samples, time, and the samples read at each step. */
export function Inspector({
  outcomes,
}: {
  readonly outcomes: readonly (Outcome<WireMatrixItem> | Outcome<WireVectorItem>)[];
}): ReactNode {
  const m = useMessages(exploreWords);
  const answered = outcomes.filter((one) => one.answer !== undefined);
  if (answered.length === 0) return <Empty icon={Gauge} title={m.inspectorEmpty} />;
  return (
    <div className={css.inspector}>
      {answered.map(({ asked, answer }) => (
        <section key={asked.letter}>
          <h2>
            <span className={css.letterMark}>{asked.letter}</span>
            <code>{asked.expr}</code>
          </h2>
          <Cost expr={asked.expr} answer={answer as GridAnswer<Costly>} />
        </section>
      ))}
    </div>
  );
}

function Cost({
  expr,
  answer,
}: {
  readonly expr: string;
  readonly answer: GridAnswer<Costly>;
}): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const { stats, grid, result } = answer;
  const points = result.reduce((sum, item) => sum + pointsOf(item), 0);
  const ms = (seconds: number): string => f.duration(seconds * 1000);
  const rows: (readonly [string, string])[] = [
    [m.inspect.series, f.number(result.length)],
    [m.inspect.points, f.number(points)],
  ];
  if (grid.count > 1) {
    rows.push([m.inspect.step, `${f.duration(grid.stepMs)} × ${f.number(grid.count)}`]);
  }
  if (stats !== undefined) {
    const { timings, samples } = stats;
    rows.push(
      [m.inspect.samples, f.number(samples.totalQueryableSamples)],
      [m.inspect.peak, f.number(samples.peakSamples)],
      [m.inspect.total, ms(timings.execTotalTime)],
      [m.inspect.prepare, ms(timings.queryPreparationTime)],
      [m.inspect.evaluate, ms(timings.innerEvalTime)],
    );
    if (grid.count > 1) {
      const microseconds = (timings.innerEvalTime / grid.count) * 1e6;
      rows.push([m.inspect.perStep, `${f.number(microseconds, microseconds < 10 ? 1 : 0)} µs`]);
    }
  }
  rows.push([m.inspect.roundTrip, f.duration(answer.elapsedMs)]);
  const perStep = stats?.samples.totalQueryableSamplesPerStep ?? [];
  return (
    <>
      {grid.count > 1 && <StepWarning expr={expr} stepMs={grid.stepMs} />}
      <dl className={css.cost}>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {perStep.length > 1 && (
        <figure className={css.perStep}>
          <figcaption>{m.samplesPerStep}</figcaption>
          <Sparkline values={perStep} width={400} height={40} label={m.samplesPerStep} />
        </figure>
      )}
      <Remarks title={m.warnings} texts={answer.warnings} />
      <Remarks title={m.infos} texts={answer.infos} />
    </>
  );
}

function pointsOf(item: Costly): number {
  if ('values' in item || 'histograms' in item) {
    return (item.values?.length ?? 0) + (item.histograms?.length ?? 0);
  }
  return 1;
}

function Remarks({
  title,
  texts,
}: {
  readonly title: string;
  readonly texts: readonly string[];
}): ReactNode {
  if (texts.length === 0) return null;
  return (
    <div className={css.remarks}>
      <h3>{title}</h3>
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}
