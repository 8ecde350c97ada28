import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Info, Moon, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { WireInterval, WireRoute, WireRouting } from '../../../api/alertmanager.ts';
import { grafanaAlertingApi, type WireMuteTiming } from '../../../api/grafana-alerting.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button } from '../../../ui/button.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import page from '../../../ui/page.module.css';
import { Card, Empty, ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import css from '../alerting.module.css';
import { useRouting } from '../use-routing.ts';
import { alertingWords } from '../words.ts';
import { TimingDialog } from './timing-dialog.tsx';
import { emptyInterval, timingFormOf } from './timing-form.ts';
import { Week } from './week.tsx';
import { rangesText } from './week-model.ts';
import { muteTimingsWords } from './words.ts';

type Timing = WireRouting['timeIntervals'][number];

interface Editing {
  /** Undefined: a new one. */
  readonly timing: WireMuteTiming | undefined;
  readonly isDelete?: true;
}

/** Names of hours and days in which policies tell nobody, each with its week drawn. */
export function MuteTimings(): ReactNode {
  const m = useMessages(muteTimingsWords);
  const words = useMessages(alertingWords);
  const shared = useMessages(common);
  const client = useQueryClient();
  const routing = useRouting();
  const isOurs = routing.data?.owner === 'api';
  const written = useQuery({
    queryKey: ['alerting', 'mute-timings'],
    queryFn: ({ signal }) => grafanaAlertingApi.muteTimings(signal),
    enabled: isOurs,
  });
  const [editing, setEditing] = useState<Editing>();
  const done = async (text: string): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['alerting'] });
    setEditing(undefined);
    toast(text);
  };
  const remove = useMutation({
    mutationFn: (name: string) => grafanaAlertingApi.deleteMuteTiming(name),
    onSuccess: () => done(words.deleted),
  });
  if (routing.isError) return <ErrorState error={routing.error} />;
  if (routing.data === undefined) return <SkeletonLines count={6} />;
  const { timeIntervals, route, file } = routing.data;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={words.muteTimings}>
      <div className={css.stack}>
        {isOurs ? (
          <div className={css.tools}>
            <Button
              icon={Plus}
              className={css.push}
              onClick={() => setEditing({ timing: undefined })}
            >
              {m.add}
            </Button>
          </div>
        ) : (
          <p className={page.notice}>
            <Info size={16} strokeWidth={1.5} aria-hidden />
            {words.ownedByFile(file ?? '')}
          </p>
        )}
        {timeIntervals.length === 0 && <Empty icon={Moon} title={m.none} text={m.noneText} />}
        {timeIntervals.map((timing) => {
          const own = written.data?.find(({ name }) => name === timing.name);
          const isEditable = own !== undefined && (own.provenance ?? '') === '';
          return (
            <TimingCard key={timing.name} timing={timing} usedBy={countUses(route, timing.name)}>
              {isEditable && (
                <>
                  <Button onClick={() => setEditing({ timing: own })}>{words.edit}</Button>
                  <Button
                    look="quiet"
                    onClick={() => {
                      remove.reset();
                      setEditing({ timing: own, isDelete: true });
                    }}
                  >
                    {shared.delete}
                  </Button>
                </>
              )}
            </TimingCard>
          );
        })}
      </div>
      {editing !== undefined && editing.isDelete === undefined && (
        <TimingDialog
          initial={
            editing.timing === undefined
              ? { name: '', intervals: [emptyInterval] }
              : timingFormOf(editing.timing)
          }
          {...(editing.timing === undefined ? {} : { oldName: editing.timing.name })}
          onClose={() => setEditing(undefined)}
          onSaved={() => void done(words.saved)}
        />
      )}
      {editing?.isDelete && editing.timing !== undefined && (
        <FormDialog
          open
          danger
          title={m.deleteAsk(editing.timing.name)}
          action={shared.delete}
          busy={remove.isPending}
          onClose={() => setEditing(undefined)}
          onSubmit={() => remove.mutate(editing.timing?.name ?? '')}
        >
          {remove.isError && <p className={css.error}>{remove.error.message}</p>}
        </FormDialog>
      )}
    </section>
  );
}

const countUses = (route: WireRoute, name: string): number =>
  Number(route.muteTimeIntervals.includes(name) || route.activeTimeIntervals.includes(name)) +
  route.routes.reduce((sum, child) => sum + countUses(child, name), 0);

function TimingCard({
  timing,
  usedBy,
  children,
}: {
  readonly timing: Timing;
  readonly usedBy: number;
  readonly children: ReactNode;
}): ReactNode {
  const m = useMessages(muteTimingsWords);
  const f = useFormat();
  const { name, isNow, intervals } = timing;
  const limits = [...new Set(intervals.flatMap((one) => limitsOf(one, m)))];
  return (
    <Card
      title={name}
      actions={
        <>
          {isNow && <Status kind="info">{m.isNow}</Status>}
          <span className={css.quiet}>{usedBy === 0 ? m.unused : m.usedBy(f.number(usedBy))}</span>
          {children}
        </>
      }
    >
      <div className={css.cardBody}>
        <Week name={name} intervals={intervals} />
        {limits.length > 0 && <span className={css.quiet}>{limits.join(' · ')}</span>}
      </div>
    </Card>
  );
}

function limitsOf(interval: WireInterval, m: (typeof muteTimingsWords)['en']): readonly string[] {
  const { daysOfMonth, months, years, location } = interval;
  return [
    ...(daysOfMonth.length === 0 ? [] : [m.onlyDays(rangesText(daysOfMonth))]),
    ...(months.length === 0 ? [] : [m.onlyMonths(rangesText(months))]),
    ...(years.length === 0 ? [] : [m.onlyYears(rangesText(years))]),
    location,
  ];
}
