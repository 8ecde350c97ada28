import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ShieldQuestion } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { ApiError } from '../../api/client.ts';
import {
  incidentsApi,
  type WireIncident,
  type WireStory,
  type WireTrouble,
} from '../../api/incidents.ts';
import { kubernetesApi } from '../../api/kubernetes.ts';
import { retryWhenAway } from '../../api/retry.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { usePreferences } from '../../state/preferences.ts';
import { isoInstant } from '../../time/range.ts';
import { type PageRange, usePageRange } from '../../time/shared-range.tsx';
import page from '../../ui/page.module.css';
import { QuickLink } from '../../ui/quick-link.tsx';
import { Empty, ErrorState, SkeletonLines, Status } from '../../ui/states.tsx';
import { ObjectLink } from '../kubernetes/lists/cells.tsx';
import { HappeningLine } from '../kubernetes/subject/event-lane.tsx';
import { Fact, SubjectHeader } from '../kubernetes/subject/fact.tsx';
import { happeningsOf } from '../kubernetes/subject/use-timeline.ts';
import { kubernetesWords } from '../kubernetes/words.ts';
import look from './incident.module.css';
import { IncidentActions } from './incident-actions.tsx';
import { IncidentEvidence } from './incident-evidence.tsx';
import { IncidentSide } from './incident-side.tsx';
import { incidentPageWords } from './incident-words.ts';
import css from './incidents.module.css';
import { severityKind } from './severity.ts';
import { incidentWords } from './words.ts';

const refreshMs = 5000;
const beforeMs = 30 * 60_000;
const afterMs = 5 * 60_000;
const minShownBeforeMs = 15 * 60_000;
const maxShownBeforeMs = 60 * 60_000;
const maxShownMs = 6 * 60 * 60_000;
const maxEvents = 100;
const maxMembers = 100;

/** One incident: what it is in words, who is in trouble, what happened around it. */
export function IncidentPage(): ReactNode {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const m = useMessages(incidentWords);
  const { language } = usePreferences();
  const query = useQuery({
    queryKey: ['incident', id, language],
    queryFn: ({ signal }) => incidentsApi.get(id, language, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  });
  usePageTitle(
    { label: m.title, to: '/incidents' },
    { label: query.data === undefined ? id : query.data.owner.name },
  );
  if (query.data !== undefined) return <Shown incident={query.data} />;
  if (query.error === null) return <SkeletonLines count={10} />;
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <Empty icon={ShieldQuestion} title={m.gone} text={m.goneText}>
        <Link to={'/incidents' as string}>{m.toList}</Link>
      </Empty>
    );
  }
  return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
}

function Shown({ incident }: { readonly incident: WireIncident }): ReactNode {
  const m = useMessages(incidentWords);
  const f = useFormat();
  const { owner, state, severity, cause, reasons, members, peak, start, resolved } = incident;
  const isOpen = state === 'open';
  usePageRange(useMemo(() => rangeAround({ start, resolved }), [start, resolved]));
  const words = useMessages(incidentPageWords);
  const { language } = usePreferences();
  const story = useQuery<WireStory>({
    queryKey: ['incident-story', incident.id, language],
    queryFn: ({ signal }) => incidentsApi.story(incident.id, language, signal),
    refetchInterval: isOpen ? refreshMs : refreshMs * 12,
    retry: retryWhenAway,
  });
  return (
    <div className={page.page}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus. */}
      <section className={css.scroll} tabIndex={0} aria-label={m.title}>
        <SubjectHeader
          kind={owner.kind}
          name={owner.namespace === '' ? owner.name : `${owner.namespace}/${owner.name}`}
          status={isOpen ? severityKind[severity] : 'ok'}
          state={isOpen ? `${m.severities[severity]}, ${m.isOpen}` : m.isOver}
        >
          <Fact name={m.reasons}>{reasons.join(', ')}</Fact>
          <Fact name={m.atOnce}>{f.number(peak)}</Fact>
          <Fact name={m.began}>
            <time dateTime={new Date(start).toISOString()} title={f.exactTime(start)}>
              {f.dateTime(start)}
            </time>
          </Fact>
          {resolved !== undefined && (
            <Fact name={m.ended}>
              <time dateTime={new Date(resolved).toISOString()} title={f.exactTime(resolved)}>
                {f.dateTime(resolved)}
              </time>
            </Fact>
          )}
          <Fact name={m.lasted}>{f.duration((resolved ?? Date.now()) - start)}</Fact>
        </SubjectHeader>
        {isOpen && story.data !== undefined && (
          <IncidentActions id={incident.id} story={story.data} />
        )}
        <div className={look.body}>
          <div>
            <p className={look.sentence}>{story.data?.explanation ?? cause.explanation}</p>
            {story.data?.advice !== undefined && isOpen && (
              <p className={look.advice}>{story.data.advice}</p>
            )}
            {incident.causedBy !== undefined && (
              <p className={look.advice}>
                {words.causedBy}{' '}
                <QuickLink
                  to={`/incidents/${incident.causedBy.incident}`}
                  search={{}}
                  title={incident.causedBy.owner.name}
                >
                  {incident.causedBy.owner.kind} {incident.causedBy.owner.name}
                </QuickLink>
                : {incident.causedBy.explanation}
              </p>
            )}
            {story.data?.mutedBy?.kind === 'maintenance' && (
              <p className={look.advice}>{words.mutedBy(story.data.mutedBy.name)}</p>
            )}
            {story.data !== undefined ? (
              <IncidentEvidence incident={incident} story={story.data} />
            ) : story.error !== null ? (
              <ErrorState error={story.error} onRetry={() => void story.refetch()} />
            ) : (
              <SkeletonLines count={8} />
            )}
            <section className={look.part}>
              <h2>
                {isOpen ? m.inTrouble : m.wereInTrouble} <span>{f.number(members.length)}</span>
              </h2>
              {members
                .slice(0, maxMembers)
                .map(({ subject, troubles }) =>
                  troubles.map((trouble) => (
                    <TroubleCard
                      key={`${subject.kind}/${subject.namespace}/${subject.name}/${trouble.container}/${trouble.reason}`}
                      trouble={trouble}
                      subject={subject}
                    />
                  )),
                )}
            </section>
          </div>
          <div>
            {story.data === undefined ? (
              story.error === null && <SkeletonLines count={6} />
            ) : (
              <IncidentSide incident={incident} story={story.data} />
            )}
          </div>
        </div>
        <div className={look.rest}>
          <Around incident={incident} />
        </div>
      </section>
    </div>
  );
}

/** What the page shows of time: more before the start of what has lasted longer. */
function rangeAround({ start, resolved }: Pick<WireIncident, 'start' | 'resolved'>): PageRange {
  const lastedMs = (resolved ?? Date.now()) - start;
  const from = isoInstant(start - Math.min(maxShownBeforeMs, Math.max(minShownBeforeMs, lastedMs)));
  // One of days is looked at where it began.
  if (lastedMs > maxShownMs) {
    return { range: { from, to: isoInstant(start + maxShownMs) }, refreshMs: 0 };
  }
  return resolved === undefined
    ? { range: { from, to: 'now' }, refreshMs: 60_000 }
    : {
        range: { from, to: isoInstant(Math.min(resolved + afterMs, Date.now())) },
        refreshMs: 0,
      };
}

function TroubleCard({
  trouble,
  subject,
}: {
  readonly trouble: WireTrouble;
  readonly subject: WireIncident['owner'];
}): ReactNode {
  const m = useMessages(incidentWords);
  const { container, node, image } = trouble;
  return (
    <article className={css.card}>
      <div className={css.cardHead}>
        <Status kind={severityKind[trouble.severity]}>{trouble.reason}</Status>
        <span className={css.mono}>
          <ObjectLink kind={subject.kind} namespace={subject.namespace} name={subject.name} />
        </span>
        {container !== undefined && (
          <span className={css.quiet}>
            {m.container} {container}
          </span>
        )}
        {node !== undefined && subject.kind !== 'Node' && (
          <span className={css.quiet}>
            {m.node} <ObjectLink kind="Node" name={node} />
          </span>
        )}
      </div>
      <p className={css.words}>{trouble.explanation}</p>
      {trouble.message !== '' && <pre className={css.message}>{trouble.message}</pre>}
      {image !== undefined && (
        <div className={css.quiet}>
          {m.image} <code>{image}</code>
        </div>
      )}
    </article>
  );
}

/** Events and changes of the owner, from half an hour before. */
function Around({ incident }: { readonly incident: WireIncident }): ReactNode {
  const m = useMessages(incidentWords);
  const k = useMessages(kubernetesWords);
  const { owner, start, resolved } = incident;
  const query = useQuery({
    queryKey: ['incident-timeline', incident.id, resolved],
    queryFn: ({ signal }) =>
      kubernetesApi.timeline(
        {
          kind: owner.kind,
          name: owner.name,
          ...(owner.namespace === '' ? {} : { namespace: owner.namespace }),
          from: start - beforeMs,
          to: (resolved ?? Date.now()) + afterMs,
          limit: maxEvents,
        },
        signal,
      ),
    refetchInterval: resolved === undefined ? refreshMs * 3 : false,
    retry: retryWhenAway,
  });
  const happenings = useMemo(
    () => happeningsOf(query.data?.items ?? [], owner.name, k),
    [query.data, owner.name, k],
  );
  if (happenings.length === 0) return null;
  return (
    <>
      <h2 className={css.heading}>{m.happened}</h2>
      {happenings
        .toSorted((a, b) => b.atMs - a.atMs)
        .map((one) => (
          <HappeningLine key={one.key} happening={one} />
        ))}
    </>
  );
}
