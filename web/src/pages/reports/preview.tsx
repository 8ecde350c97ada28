import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { fetchApi } from '../../api/client.ts';
import { type ReportSchedule, reportsApi } from '../../api/reports.ts';
import { retryWhenAway } from '../../api/retry.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import css from './reports.module.css';
import { reportWords } from './words.ts';

/** A text that stays the same for so long is asked for. */
const settleMs = 600;

/** What would be sent now. */
export function Preview({ schedule }: { readonly schedule: ReportSchedule }): ReactNode {
  const m = useMessages(reportWords);
  const wanted = schedule.dashboard === '' ? undefined : reportsApi.pictureUrl(schedule);
  const [url, setUrl] = useState(wanted);
  useEffect(() => {
    const timer = window.setTimeout(() => setUrl(wanted), settleMs);
    return () => window.clearTimeout(timer);
  }, [wanted]);
  const picture = useQuery({
    queryKey: ['report-picture', url],
    queryFn: async ({ signal }) => {
      const response = await fetchApi(url ?? '', { signal, headers: { accept: 'image/png' } });
      return await response.blob();
    },
    enabled: url !== undefined,
    retry: retryWhenAway,
    gcTime: 60_000,
  });
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    if (picture.data === undefined) return;
    const own = URL.createObjectURL(picture.data);
    setShown(own);
    return () => URL.revokeObjectURL(own);
  }, [picture.data]);
  if (picture.isError) {
    return <ErrorState error={picture.error} onRetry={() => void picture.refetch()} />;
  }
  if (shown === undefined) return url === undefined ? null : <Skeleton height="240px" />;
  return <img className={css.picture} src={shown} alt={m.previewAlt(schedule.title)} />;
}
