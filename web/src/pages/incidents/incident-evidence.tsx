import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import type { WireIncident, WireStory } from '../../api/incidents.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useSharedRange } from '../../time/shared-range.tsx';
import { Button } from '../../ui/button.tsx';
import { copyText } from '../../ui/toast.tsx';
import type { ChartSpec } from '../kubernetes/subject/chart-spec.ts';
import { chartGrid } from '../kubernetes/subject/grid.ts';
import { SubjectChart } from '../kubernetes/subject/subject-chart.tsx';
import css from './incident.module.css';
import { incidentPageWords } from './incident-words.ts';

/** Its metric around the start, what changed before, events and last lines. */
export function IncidentEvidence({
  incident,
  story,
}: {
  readonly incident: WireIncident;
  readonly story: WireStory;
}): ReactNode {
  const m = useMessages(incidentPageWords);
  const { evidence, chart } = story;
  return (
    <>
      {chart !== undefined && <IncidentChart incident={incident} chart={chart} />}
      {evidence === undefined ? (
        <section className={css.part}>
          <p className={css.quiet}>{m.nothingFound}</p>
        </section>
      ) : (
        <>
          <section className={css.part}>
            <h2>{m.before}</h2>
            {evidence.changes.length === 0 ? (
              <p className={css.quiet}>{m.noChanges}</p>
            ) : (
              <ul className={css.changes}>
                {evidence.changes.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )}
          </section>
          {(evidence.pod !== undefined || evidence.log !== '') && <LastLines evidence={evidence} />}
          <section className={css.part}>
            <h2>{m.events}</h2>
            {evidence.events.length === 0 ? (
              <p className={css.quiet}>{m.noEvents}</p>
            ) : (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
              <pre className={css.lines} tabIndex={0}>
                {evidence.events.join('\n')}
              </pre>
            )}
          </section>
        </>
      )}
    </>
  );
}

function LastLines({
  evidence,
}: {
  readonly evidence: NonNullable<WireStory['evidence']>;
}): ReactNode {
  const m = useMessages(incidentPageWords);
  const { log, logProblem, pod, container, namespace } = evidence;
  return (
    <section className={css.part}>
      <h2>
        {m.log}
        {container !== undefined && <span>{m.logOf(container)}</span>}
        <span className={css.links}>
          {log !== '' && (
            <Button look="quiet" onClick={() => void copyText(log, m.copied)}>
              {m.copy}
            </Button>
          )}
          {pod !== undefined && (
            <Link
              to={'/kubernetes/pod' as string}
              search={
                { namespace, pod, ...(container === undefined ? {} : { container }) } as never
              }
            >
              {m.live}
            </Link>
          )}
        </span>
      </h2>
      {log === '' ? (
        <p className={css.quiet}>{logProblem ?? m.noLog}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
        <pre className={css.lines} tabIndex={0}>
          {log}
        </pre>
      )}
    </section>
  );
}

function IncidentChart({
  incident,
  chart,
}: {
  readonly incident: WireIncident;
  readonly chart: NonNullable<WireStory['chart']>;
}): ReactNode {
  const m = useMessages(incidentPageWords);
  const { fromMs, toMs } = useSharedRange();
  const { start, resolved } = incident;
  const grid = useMemo(() => chartGrid({ fromMs, toMs }), [fromMs, toMs]);
  const key = JSON.stringify(chart);
  const spec = useMemo((): ChartSpec => {
    const { title, unit, lines } = JSON.parse(key) as typeof chart;
    return {
      id: 'incident',
      title,
      unit,
      height: 180,
      isOptional: true,
      lines: lines.map(({ name, query, isLimit }) => ({
        expr: query,
        name: isLimit && name === 'limit' ? m.limit : name,
        ...(isLimit ? { isBound: true, colorToken: '--critical' } : {}),
      })),
    };
  }, [key, m]);
  const marks = useMemo(
    () => [
      { atMs: start, colorToken: '--critical' },
      ...(resolved === undefined ? [] : [{ atMs: resolved, colorToken: '--ok' }]),
    ],
    [start, resolved],
  );
  return (
    <section className={`${css.part} ${css.chart}`}>
      <SubjectChart spec={spec} grid={grid} marks={marks} logs={{}} />
    </section>
  );
}
