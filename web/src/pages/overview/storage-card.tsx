import type { ReactNode } from 'react';
import type { WireOverview } from '../../api/logs.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Card, Meter } from '../../ui/states.tsx';
import css from './overview.module.css';
import { overviewWords } from './words.ts';

/** Further than this a forecast from an hour is fiction. */
const farMs = 730 * 86_400_000;

/** Size, limit, and when it is reached at the rate of the last hour. */
export function StorageCard({ store }: { readonly store: WireOverview['store'] }): ReactNode {
  const m = useMessages(overviewWords);
  const f = useFormat();
  const limit =
    store.maxDiskBytes ??
    (store.diskFreeBytes === null ? null : store.diskBytes + store.diskFreeBytes);
  const growth = store.growthBytesPerSecond;
  const leftMs =
    limit === null || growth === null || growth <= 0
      ? null
      : (Math.max(0, limit - store.diskBytes) / growth) * 1000;
  const forecast =
    growth === null
      ? m.tooEarly
      : leftMs === null
        ? m.idle
        : leftMs > farMs
          ? m.longTime
          : store.maxDiskBytes === null
            ? m.diskFullIn(f.duration(leftMs))
            : m.fullIn(f.duration(leftMs));
  return (
    <Card title={m.storage}>
      <div className={css.storage}>
        <div className={css.storageHead}>
          <span className={css.figure}>{f.bytes(store.diskBytes)}</span>
          {limit !== null && <span className={css.muted}>{m.ofLimit(f.bytes(limit))}</span>}
        </div>
        {limit !== null && <Meter ratio={store.diskBytes / limit} label={m.storage} />}
        <p className={css.muted}>{forecast}</p>
        <dl className={css.facts}>
          <dt>{m.held}</dt>
          <dd>{f.number(store.events)}</dd>
          <dt>{m.writeAhead}</dt>
          <dd>{f.bytes(store.walBytes)}</dd>
          <dt>{m.segments}</dt>
          <dd>{f.number(store.segments)}</dd>
        </dl>
      </div>
    </Card>
  );
}
