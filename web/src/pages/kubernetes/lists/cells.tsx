import type { ReactNode } from 'react';
import type { Health } from '../../../api/kubernetes.ts';
import type { Format } from '../../../i18n/format.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { QuickLink } from '../../../ui/quick-link.tsx';
import { Status, type StatusKind } from '../../../ui/states.tsx';
import { kubernetesWords } from '../words.ts';
import css from './lists.module.css';
import { shortNodeName } from './node-name.ts';

export const healthKind: Readonly<Record<Health, StatusKind>> = {
  healthy: 'ok',
  progressing: 'warning',
  degraded: 'critical',
  idle: 'unknown',
};

/** A state in the cluster's word, with the colour of how bad it is. */
export function HealthStatus({
  health,
  children,
}: {
  readonly health: Health;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <span className={css.clip}>
      <Status kind={healthKind[health]}>{children}</Status>
    </span>
  );
}

/** A number with a bar of what it is of: the limit, else the request. */
export function UsageCell({
  used,
  request,
  limit,
  format,
}: {
  readonly used: number | undefined;
  readonly request?: number | undefined;
  readonly limit?: number | undefined;
  readonly format: (value: number) => string;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  if (used === undefined) {
    return <span className={css.missing}>–</span>;
  }
  const whole = limit ?? Math.max(request ?? 0, used);
  const ratio = whole > 0 ? used / whole : 0;
  const words = [
    `${m.usage} ${format(used)}`,
    ...(request === undefined ? [] : [`${m.request} ${format(request)}`]),
    ...(limit === undefined ? [] : [`${m.limit} ${format(limit)} (${f.percent(used / limit)})`]),
  ].join(', ');
  return (
    <span className={css.usage} title={words}>
      <span className={css.usageText}>{format(used)}</span>
      <UsageBar
        ratio={ratio}
        tick={request !== undefined && whole > 0 ? request / whole : undefined}
        isBound={limit !== undefined}
      />
    </span>
  );
}

/** Grey until it matters, and it matters only beside a limit. */
export function UsageBar({
  ratio,
  tick,
  isBound,
}: {
  readonly ratio: number;
  /** Where the request stands, 0 to 1. */
  readonly tick?: number | undefined;
  readonly isBound: boolean;
}): ReactNode {
  const level = !isBound ? 'calm' : ratio >= 0.95 ? 'critical' : ratio >= 0.8 ? 'warning' : 'calm';
  return (
    <span className={css.bar} aria-hidden>
      <span
        className={css.fill}
        data-level={level}
        style={{ width: `${Math.min(1, Math.max(0, ratio)) * 100}%` }}
      />
      {tick !== undefined && tick < 1 && (
        <span className={css.tick} style={{ left: `${tick * 100}%` }} />
      )}
    </span>
  );
}

export function PodLink({
  namespace,
  pod,
}: {
  readonly namespace: string;
  readonly pod: string;
}): ReactNode {
  return (
    <QuickLink to="/kubernetes/pod" search={{ namespace, pod }} title={pod}>
      {pod}
    </QuickLink>
  );
}

/** A link beside the one that a row is about. */
interface QuietProps {
  readonly isQuiet?: boolean;
}

export function NodeLink({
  node,
  isQuiet = false,
}: { readonly node: string } & QuietProps): ReactNode {
  return (
    <QuickLink
      to="/kubernetes/node"
      search={{ node }}
      title={node}
      className={isQuiet ? css.quietLink : undefined}
    >
      {isQuiet ? shortNodeName(node) : node}
    </QuickLink>
  );
}

export function NamespaceLink({
  namespace,
  isQuiet = false,
}: { readonly namespace: string } & QuietProps): ReactNode {
  return (
    <QuickLink
      to="/kubernetes/namespace"
      search={{ namespace }}
      title={namespace}
      className={isQuiet ? css.quietLink : undefined}
    >
      {namespace}
    </QuickLink>
  );
}

export function WorkloadLink({
  namespace,
  kind,
  name,
  isQuiet = false,
}: {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
} & QuietProps): ReactNode {
  if (kind === 'Pod') return <PodLink namespace={namespace} pod={name} />;
  return (
    <QuickLink
      to="/kubernetes/workload"
      search={{ namespace, kind, name }}
      title={`${kind} ${name}`}
      className={isQuiet ? css.quietLink : undefined}
    >
      {name}
    </QuickLink>
  );
}

/** Whatever an event may be about. */
export function ObjectLink({
  namespace = '',
  kind,
  name,
}: {
  readonly namespace?: string | undefined;
  readonly kind: string;
  readonly name: string;
}): ReactNode {
  switch (kind) {
    case 'Pod':
      return <PodLink namespace={namespace} pod={name} />;
    case 'Node':
      return <NodeLink node={name} />;
    case 'Namespace':
      return <NamespaceLink namespace={name} />;
    case 'PersistentVolumeClaim':
      return (
        <QuickLink to="/kubernetes/volume" search={{ namespace, claim: name }}>
          {name}
        </QuickLink>
      );
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
    case 'CronJob':
    case 'ReplicaSet':
      return <WorkloadLink namespace={namespace} kind={kind} name={name} />;
    default:
      return <span>{name}</span>;
  }
}

/** How long ago, in its two largest units. */
export function AgeCell({
  sinceMs,
  nowMs,
}: {
  readonly sinceMs: number;
  readonly nowMs: number;
}): ReactNode {
  const f = useFormat();
  return <span title={f.exactTime(sinceMs)}>{ageText(sinceMs, nowMs, f)}</span>;
}

export const ageText = (sinceMs: number, nowMs: number, f: Format): string =>
  f.duration(Math.max(0, nowMs - sinceMs));
