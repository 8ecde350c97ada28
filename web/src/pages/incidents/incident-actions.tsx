import { useMutation, useQueryClient } from '@tanstack/react-query';
import { BellOff, ChevronDown, Eye, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { incidentsApi, type WireStory } from '../../api/incidents.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { toastError } from '../../ui/toast.tsx';
import { useMayEdit } from '../connections/may-edit.ts';
import css from './incident.module.css';
import { incidentPageWords } from './incident-words.ts';

const hourMs = 3_600_000;
/** An acknowledgement lasts no longer: who is at it for a day says so again. */
const acknowledgedMs = 24 * hourMs;
const periods = { '1h': hourMs, '2h': 2 * hourMs, '8h': 8 * hourMs, '1d': 24 * hourMs } as const;

/** Who is at it, and buttons for who wants to be. */
export function IncidentActions({
  id,
  story,
}: {
  readonly id: string;
  readonly story: WireStory;
}): ReactNode {
  const m = useMessages(incidentPageWords);
  const f = useFormat();
  const mayEdit = useMayEdit();
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (work: () => Promise<unknown>) => work(),
    onError: (error) => toastError(m.failed, error.message),
    onSettled: () => client.invalidateQueries({ queryKey: ['incident-story', id] }),
  });
  const isAcknowledged = story.notes.some(({ note }) => note === 'acknowledged');
  const isOff = !mayEdit || act.isPending;
  const title = mayEdit ? undefined : m.mayNot;
  return (
    <div className={css.actions}>
      {!isAcknowledged && (
        <Button
          look="primary"
          icon={Eye}
          disabled={isOff}
          title={title}
          onClick={() =>
            act.mutate(() =>
              incidentsApi.addNote(id, { note: 'acknowledged', for: acknowledgedMs }),
            )
          }
        >
          {m.acknowledge}
        </Button>
      )}
      <Menu
        trigger={
          <Button icon={BellOff} disabled={isOff} title={title}>
            {m.silence}
            <ChevronDown size={14} strokeWidth={1.5} aria-hidden />
          </Button>
        }
      >
        {Object.entries(periods).map(([name, ms]) => (
          <MenuItem
            key={name}
            onSelect={() =>
              act.mutate(() => incidentsApi.addNote(id, { note: 'silenced', for: ms }))
            }
          >
            {m.silencePeriods[name as keyof typeof periods]}
          </MenuItem>
        ))}
      </Menu>
      {story.notes.map(({ id: note, note: kind, by, until }) => (
        <span key={note} className={css.note}>
          {kind === 'acknowledged'
            ? m.acknowledgedBy(by)
            : m.silencedBy(by, f.shortDateTime(until))}
          <IconButton
            icon={X}
            label={m.takeBack}
            disabled={isOff}
            onClick={() => act.mutate(() => incidentsApi.endNote(id, note))}
          />
        </span>
      ))}
    </div>
  );
}
