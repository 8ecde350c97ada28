import { Bell, BellOff, Hourglass, type LucideIcon, Moon, VolumeX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Labels } from '../../api/metrics.ts';
import { useMessages } from '../../i18n/messages.ts';
import css from './alert-state.module.css';
import type { AlertState } from './alerts/alert-model.ts';
import { isMild } from './severity.ts';
import { alertingWords } from './words.ts';

const icons: Readonly<Record<AlertState, LucideIcon>> = {
  firing: Bell,
  pending: Hourglass,
  silenced: BellOff,
  inhibited: VolumeX,
  muted: Moon,
};

/** The state of an alert: an icon and a word; only what fires has a colour. */
export function AlertStateWord({
  state,
  labels,
}: {
  readonly state: AlertState;
  readonly labels: Labels;
}): ReactNode {
  const m = useMessages(alertingWords);
  const Icon = icons[state];
  const look =
    state === 'firing'
      ? isMild(labels)
        ? css.warning
        : css.critical
      : state === 'pending'
        ? css.info
        : css.held;
  return (
    <span className={css.state}>
      <Icon size={16} strokeWidth={1.5} className={look} aria-hidden />
      {m.states[state]}
    </span>
  );
}
