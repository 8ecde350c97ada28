import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { metricsApi } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { LabelChips } from '../../../ui/label-chips.tsx';
import page from '../../../ui/page.module.css';
import { ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import css from '../metrics.module.css';
import { metricsWords } from '../words.ts';
import { type FoundTarget, scrapedMs } from './found-targets.ts';

/** A target: its labels before and after, what each relabelling rule did, its last scrape. */
export function TargetDetail({ target }: { readonly target: FoundTarget }): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  const { active } = target;
  const atMs = active === undefined ? undefined : scrapedMs(active);
  return (
    <div className={page.detail}>
      {active?.lastError ? <p className={css.error}>{active.lastError}</p> : null}
      {active !== undefined && (
        <dl className={page.facts}>
          <dt>{m.endpoint}</dt>
          <dd>
            <code>{active.scrapeUrl}</code>
          </dd>
          <dt>{m.interval}</dt>
          <dd>
            {active.scrapeInterval}, {m.timeout} {active.scrapeTimeout}
          </dd>
          {atMs !== undefined && (
            <>
              <dt>{m.lastScrape}</dt>
              <dd>
                {f.exactTime(atMs)}, {f.duration(active.lastScrapeDuration * 1000)}
              </dd>
            </>
          )}
        </dl>
      )}
      <section>
        <h2>{m.after}</h2>
        {active === undefined ? (
          <Status kind="unknown">{m.dropped}</Status>
        ) : (
          <LabelChips labels={active.labels} />
        )}
      </section>
      <section>
        <h2>{m.before}</h2>
        <LabelChips isWithInternal labels={target.discovered} />
      </section>
      <Steps target={target} />
    </div>
  );
}

function Steps({ target }: { readonly target: FoundTarget }): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  const query = useQuery({
    queryKey: ['relabel-steps', target.pool, target.discovered],
    queryFn: ({ signal }) => metricsApi.relabelSteps(target.pool, target.discovered, signal),
  });
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonLines count={4} />;
  const { steps } = query.data;
  return (
    <section className={page.detail}>
      <h2>{m.steps}</h2>
      {steps.length === 0 && <p className={css.quiet}>{m.noSteps}</p>}
      {steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same rule may come twice.
        <div key={index}>
          <h3>{m.step(f.number(index + 1))}</h3>
          <pre className={css.code}>
            {Object.entries(step.rule)
              .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
              .join('\n')}
          </pre>
          {step.keep ? (
            <LabelChips isWithInternal labels={step.output} />
          ) : (
            <Status kind="warning">{m.droppedHere}</Status>
          )}
        </div>
      ))}
    </section>
  );
}
