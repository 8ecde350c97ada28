import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { metricsApi } from '../../api/metrics.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Card } from '../../ui/states.tsx';
import { hostFigures } from './host-figures.ts';
import css from './overview.module.css';
import { overviewWords } from './words.ts';

const refreshMs = 5000;

/** The machines' CPU, memory, disk and network of the last hour; nothing while nobody reports them. */
export function HostTiles(): ReactNode {
  const m = useMessages(overviewWords);
  const f = useFormat();
  const query = useQuery({
    queryKey: ['host-figures'],
    queryFn: ({ signal }) => hostFigures(metricsApi, Date.now(), signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
    retry: false,
  });
  // A server without metrics is no trouble of the overview's.
  if (query.data === undefined || query.data.figures.length === 0) return null;
  const { figures, machines } = query.data;
  return (
    <section className={css.tiles} aria-label={m.machine}>
      {figures.map(({ id, expr, last, values }) => (
        <Card key={id}>
          <div className={css.tile}>
            <Link
              to="/metrics/explore"
              search={{ q: expr } as never}
              className={css.tileLabel}
              aria-label={`${m.host[id]}: ${m.inExplore}`}
            >
              {m.host[id]}
            </Link>
            <div className={css.tileMain}>
              <span className={css.figure}>
                {id === 'network' ? f.bytesPerSecond(last) : f.percent(last)}
              </span>
              <Sparkline values={values} width={110} height={30} />
            </div>
            <span className={css.tileNote}>{m.machines(f.number(machines))}</span>
          </div>
        </Card>
      ))}
    </section>
  );
}
