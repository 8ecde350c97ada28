import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { kubernetesApi, type ObjectName, type PodRow } from '../../../api/kubernetes.ts';
import type { WireAlert } from '../../../api/metrics.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { HealthStatus, NodeLink, ObjectLink, PodLink } from '../lists/cells.tsx';
import { AlertList } from '../subject/alert-list.tsx';
import { coresText } from '../subject/chart-spec.ts';
import css from '../subject/subject.module.css';
import { kubernetesWords } from '../words.ts';
import type { PodFacts } from './pod-facts.ts';

const refreshMs = 15_000;
const maxSiblings = 100;

/** Alerts of the pod, its containers, what it belongs to, and the others of its workload. */
export function RelatedTab({
  facts,
  row,
  owners,
  alerts,
}: {
  readonly facts: PodFacts;
  /** As the cluster has it now; undefined: it is gone. */
  readonly row: PodRow | undefined;
  /** From the nearest to the last. */
  readonly owners: readonly ObjectName[];
  readonly alerts: readonly WireAlert[];
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const words = useMessages(frameWords);
  const f = useFormat();
  const { namespace, pod } = facts;
  const workload = row?.workload ?? owners.at(-1);
  const siblings = useQuery({
    queryKey: ['kubernetes-siblings', namespace, workload],
    queryFn: ({ signal }) =>
      kubernetesApi.list(
        'pods',
        { namespace, workload: workload?.name, workloadKind: workload?.kind, limit: maxSiblings },
        signal,
      ),
    enabled: workload !== undefined && workload.kind !== 'Pod',
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={m.related}>
      <div className={css.section}>
        <h3>{m.alerts}</h3>
        <AlertList alerts={alerts} />
      </div>
      <div className={css.section}>
        <h3>{m.ownerChain}</h3>
        <div className={css.chain}>
          {owners.toReversed().map((owner) => (
            <Fragment key={`${owner.kind} ${owner.name}`}>
              <span>
                <span className={css.kind}>{owner.kind}</span>{' '}
                <ObjectLink namespace={namespace} kind={owner.kind} name={owner.name} />
              </span>
              <ChevronRight size={14} strokeWidth={1.5} aria-hidden />
            </Fragment>
          ))}
          <span>
            <span className={css.kind}>Pod</span> {pod}
          </span>
        </div>
      </div>
      <div className={css.section}>
        <h3>{m.containers}</h3>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{m.name}</th>
              <th scope="col">{m.state}</th>
              <th scope="col">{m.restarts}</th>
              <th scope="col">{m.requestAndLimit}</th>
            </tr>
          </thead>
          <tbody>
            {facts.containers.map((one) => (
              <tr key={one.name}>
                <td title={one.image}>
                  {one.name} {one.isInit && <span className={css.kind}>init</span>}
                </td>
                <td>{one.stateReason ?? (one.state === 'running' ? m.running : one.state)}</td>
                <td>{f.number(one.restarts)}</td>
                <td>
                  {[
                    [one.cpuRequest, one.cpuLimit, (value: number) => coresText(value, f)] as const,
                    [one.memoryRequest, one.memoryLimit, f.bytes] as const,
                  ]
                    .map(([request, limit, format]) =>
                      [request, limit]
                        .map((value) => (value === undefined ? '–' : format(value)))
                        .join(' / '),
                    )
                    .join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(siblings.data?.items.length ?? 0) > 1 && (
        <div className={css.section}>
          <h3>{m.siblings(f.number(siblings.data?.total ?? 0))}</h3>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{words.pods}</th>
                <th scope="col">{m.state}</th>
                <th scope="col">{m.restarts}</th>
                <th scope="col">{m.node}</th>
              </tr>
            </thead>
            <tbody>
              {siblings.data?.items.map((one) => (
                <tr key={one.name} aria-current={one.name === pod}>
                  <td>
                    {one.name === pod ? (
                      <strong>{one.name}</strong>
                    ) : (
                      <PodLink namespace={namespace} pod={one.name} />
                    )}
                  </td>
                  <td>
                    <HealthStatus health={one.health}>{one.status}</HealthStatus>
                  </td>
                  <td>{f.number(one.restarts)}</td>
                  <td>{one.node !== undefined && <NodeLink node={one.node} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
