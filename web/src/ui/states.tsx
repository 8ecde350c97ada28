import {
  CircleAlert,
  CircleCheck,
  CircleHelp,
  Copy,
  Info,
  type LucideIcon,
  RotateCcw,
  TriangleAlert,
} from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { common } from '../i18n/common.ts';
import { useMessages } from '../i18n/messages.ts';
import { Button, IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import css from './states.module.css';
import { copyText } from './toast.tsx';

/** A grey shape where something will be; fades in after 100 ms, so that quick answers do not flash. */
export function Skeleton({
  width = '100%',
  height = 14,
  style,
}: {
  readonly width?: number | string;
  readonly height?: number | string;
  readonly style?: CSSProperties;
}): ReactNode {
  return <span className={css.skeleton} style={{ width, height, ...style }} aria-hidden />;
}

const lineWidths = ['72%', '88%', '64%', '80%', '92%', '58%'];

export function SkeletonLines({ count }: { readonly count: number }): ReactNode {
  const m = useMessages(common);
  return (
    <div className={css.lines} role="status" aria-label={m.loading} aria-busy>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical grey bars.
        <Skeleton key={index} width={lineWidths[index % lineWidths.length] as string} />
      ))}
    </div>
  );
}

export interface EmptyProps {
  readonly icon?: LucideIcon;
  readonly title: string;
  /** What would be here, and why it is not. */
  readonly text?: ReactNode;
  /** The one command that brings it. */
  readonly command?: string;
  readonly children?: ReactNode;
}

export function Empty({ icon: Icon, title, text, command, children }: EmptyProps): ReactNode {
  const m = useMessages(common);
  return (
    <div className={css.empty}>
      {Icon && <Icon size={24} strokeWidth={1.25} aria-hidden />}
      <div className={css.title}>{title}</div>
      {text !== undefined && <div className={css.text}>{text}</div>}
      {command !== undefined && (
        <div className={css.command}>
          <code>{command}</code>
          <IconButton icon={Copy} label={m.copy} onClick={() => void copyText(command)} />
        </div>
      )}
      {children}
    </div>
  );
}

/** What failed, why, and what to do; the server's own words stay as they are. */
export function ErrorState({
  error,
  title,
  onRetry,
}: {
  readonly error: unknown;
  readonly title?: string;
  readonly onRetry?: () => void;
}): ReactNode {
  const m = useMessages(common);
  const message = error instanceof Error ? error.message : String(error);
  const api = error instanceof ApiError ? error : undefined;
  return (
    <div className={css.error} role="alert">
      <CircleAlert size={16} strokeWidth={1.5} aria-hidden />
      <div className={css.errorText}>
        <div className={css.title}>{title ?? m.somethingFailed}</div>
        <div>{message}</div>
        {api?.hint !== undefined && <div className={css.hint}>{api.hint}</div>}
        {api !== undefined && <div className={css.code}>{api.code}</div>}
      </div>
      <IconButton icon={Copy} label={m.copy} onClick={() => void copyText(message)} />
      {onRetry && (
        <Button icon={RotateCcw} onClick={onRetry}>
          {m.retry}
        </Button>
      )}
    </div>
  );
}

export type StatusKind = 'critical' | 'warning' | 'ok' | 'info' | 'unknown';

const statusIcons: Readonly<Record<StatusKind, LucideIcon>> = {
  critical: CircleAlert,
  warning: TriangleAlert,
  ok: CircleCheck,
  info: Info,
  unknown: CircleHelp,
};

/** A state: an icon and a word, never colour alone. */
export function Status({
  kind,
  children,
}: {
  readonly kind: StatusKind;
  readonly children: ReactNode;
}): ReactNode {
  const Icon = statusIcons[kind];
  return (
    <span className={css.status}>
      <Icon size={16} strokeWidth={1.5} className={css[kind]} aria-hidden />
      {children}
    </span>
  );
}

export function StatusIcon({ kind }: { readonly kind: StatusKind }): ReactNode {
  const Icon = statusIcons[kind];
  return <Icon size={16} strokeWidth={1.5} className={css[kind]} aria-hidden />;
}

export function Card({
  title,
  actions,
  className,
  children,
}: {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section className={classNames(css.card, className)}>
      {title !== undefined && (
        <header className={css.cardHead}>
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}

/** A share of a limit, 0 to 1. Grey until it matters. */
export function Meter({
  ratio,
  label,
}: {
  readonly ratio: number;
  readonly label: string;
}): ReactNode {
  const part = Math.min(1, Math.max(0, ratio));
  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> cannot be styled alike everywhere.
    <div
      className={css.meter}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
    >
      <div
        className={classNames(
          css.meterFill,
          part >= 0.95 ? css.meterCritical : part >= 0.8 && css.meterWarning,
        )}
        style={{ width: `${part * 100}%` }}
      />
    </div>
  );
}
