import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { Container } from 'lucide-react';
import type { ReactNode } from 'react';
import { kubernetesApi, type WireKubernetesStatus } from '../../api/kubernetes.ts';
import { retryWhenAway } from '../../api/retry.ts';
import { useMessages } from '../../i18n/messages.ts';
import { Empty, SkeletonLines, StatusIcon } from '../../ui/states.tsx';
import css from './subject/subject.module.css';
import { kubernetesWords } from './words.ts';

const refreshMs = 15_000;

export function useKubernetesStatus(): WireKubernetesStatus | undefined {
  return useStatusQuery().data;
}

function useStatusQuery(): UseQueryResult<WireKubernetesStatus> {
  return useQuery({
    queryKey: ['kubernetes-status'],
    queryFn: ({ signal }) => kubernetesApi.status(signal),
    refetchInterval: refreshMs,
    // A server without the endpoint watches no cluster; what the series tell is shown all the same.
    retry: retryWhenAway,
  });
}

/**
 * Shows the page where there is a cluster, or series of one; else says what would be here and what
 * brings it. What is degraded is said above the page.
 */
export function ClusterGate({
  hasData = false,
  children,
}: {
  /** Something to show though no cluster is watched now. */
  readonly hasData?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const { data: status, isPending } = useStatusQuery();
  if (isPending && !hasData) return <SkeletonLines count={12} />;
  if (status !== undefined && !status.enabled && !hasData) {
    return (
      <Empty
        icon={Container}
        title={m.noCluster}
        text={
          <>
            {m.noClusterText}
            {status.reason !== undefined && (
              <>
                <br />
                {status.reason}
              </>
            )}
          </>
        }
        command={m.noClusterCommand}
      />
    );
  }
  return (
    <>
      {status !== undefined && <Degraded status={status} />}
      {children}
    </>
  );
}

function Degraded({ status }: { readonly status: WireKubernetesStatus }): ReactNode {
  const m = useMessages(kubernetesWords);
  // What an API server never had is missing to nobody.
  const degraded = status.degraded.filter(({ reason }) => reason !== 'absent');
  if (degraded.length === 0) return null;
  const isDown = degraded.some(({ reason }) => reason === 'unreachable');
  const forbidden = degraded.filter(({ reason }) => reason === 'forbidden');
  const stale = degraded.filter(({ reason }) => reason === 'stale');
  return (
    <div className={css.degraded} role="status">
      <StatusIcon kind={isDown ? 'critical' : 'warning'} />
      <div>
        {isDown && <strong>{m.unreachable} </strong>}
        {forbidden.length > 0 && (
          <span>{m.forbidden(forbidden.map(({ resource }) => resource).join(', '))} </span>
        )}
        {stale.length > 0 && (
          <span title={stale.map(({ message }) => message).join('\n')}>
            {m.stale(stale.map(({ resource }) => resource).join(', '))}{' '}
          </span>
        )}
        {degraded
          .filter(({ reason }) => reason === 'unreachable')
          .map(({ resource, message }) => (
            <span key={resource} className={css.degradedText}>
              {message}
            </span>
          ))}
      </div>
    </div>
  );
}
