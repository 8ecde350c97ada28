import { useQuery } from '@tanstack/react-query';
import { Bell, BellOff, Eye, Flag, type LucideIcon, Mail, MailWarning } from 'lucide-react';
import type { ReactNode } from 'react';
import type { WireIncident, WireStory, WireStoryEntry } from '../../api/incidents.ts';
import { metricsApi, type WireAlert } from '../../api/metrics.ts';
import { retryWhenAway } from '../../api/retry.ts';
import type { Format } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { QuickLink } from '../../ui/quick-link.tsx';
import { Status, type StatusKind } from '../../ui/states.tsx';
import { Why } from '../alerting/alerts/why.tsx';
import { AlertList } from '../kubernetes/subject/alert-list.tsx';
import css from './incident.module.css';
import { incidentPageWords } from './incident-words.ts';
import { severityKind } from './severity.ts';
import { incidentWords } from './words.ts';

const alertRefreshMs = 15_000;
const maxAlerts = 10;

/** Beside the evidence: what happened, who was told, what is related. */
export function IncidentSide({
  incident,
  story,
}: {
  readonly incident: WireIncident;
  readonly story: WireStory;
}): ReactNode {
  return (
    <>
      <TimeLine story={story} />
      <Told story={story} />
      <Related story={story} />
      <Alerts incident={incident} />
      <AsAlert incident={incident} story={story} />
    </>
  );
}

type Words = typeof incidentPageWords.en;

interface Row {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text?: string;
}

function TimeLine({ story }: { readonly story: WireStory }): ReactNode {
  const m = useMessages(incidentPageWords);
  const f = useFormat();
  if (story.entries.length === 0) return null;
  return (
    <section className={css.part}>
      <h2>{m.story}</h2>
      <ol className={css.story}>
        {story.entries.toReversed().map((entry) => {
          const { icon: Icon, title, text } = rowOf(entry, m, f);
          return (
            <li key={keyOf(entry)} className={css.row}>
              <Icon size={14} strokeWidth={1.5} aria-hidden />
              <time dateTime={new Date(entry.at).toISOString()} title={f.exactTime(entry.at)}>
                {timeText(entry.at, story.now, f)}
              </time>
              <span>
                {title}
                {text !== undefined && <div>{text}</div>}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Of today the time alone. */
function timeText(atMs: number, nowMs: number, f: Format): string {
  const text = f.logTime(atMs).slice(0, -4);
  const dayChars = 'MM-DD '.length;
  return text.slice(0, dayChars) === f.logTime(nowMs).slice(0, dayChars)
    ? text.slice(dayChars)
    : text;
}

const keyOf = (entry: WireStoryEntry): string =>
  `${entry.kind} ${entry.at} ${'id' in entry ? entry.id : ''} ${'what' in entry ? entry.what : ''}`;

function rowOf(entry: WireStoryEntry, m: Words, f: Format): Row {
  switch (entry.kind) {
    case 'change': {
      const { what, why, reason, affected } = entry;
      const title = what === 'updated' && why !== undefined ? whyOf(why, m) : m.changes[what];
      return { icon: Flag, title, text: `${reason} · ${m.affected(f.number(affected))}` };
    }
    case 'delivery': {
      const { provider, what, state, tries, problem } = entry;
      const stateText = tries <= (state === 'delivered' ? 1 : 0) ? '' : ` · ${m.tries(tries)}`;
      return {
        icon: state === 'dropped' ? MailWarning : Mail,
        title: m.toldTo(provider, m.what[what]),
        text: `${m.states[state]}${stateText}${problem === undefined || state === 'delivered' ? '' : `: ${problem}`}`,
      };
    }
    case 'untold':
      return { icon: BellOff, title: m.untold[entry.why](entry.provider ?? '') };
    case 'note':
      return entry.note === 'acknowledged'
        ? { icon: Eye, title: m.acknowledgedBy(entry.by) }
        : { icon: BellOff, title: m.silencedBy(entry.by, f.shortDateTime(entry.until)) };
    case 'note-ended':
      return { icon: Bell, title: m.noteEnded };
    default:
      return entry satisfies never;
  }
}

const whyOf = (why: string, m: Words): string =>
  Object.hasOwn(m.why, why) ? m.why[why as keyof Words['why']] : m.changes.updated;

const deliveryKind: Readonly<Record<'waiting' | 'delivered' | 'dropped', StatusKind>> = {
  waiting: 'warning',
  delivered: 'ok',
  dropped: 'critical',
};

function Told({ story }: { readonly story: WireStory }): ReactNode {
  const m = useMessages(incidentPageWords);
  const f = useFormat();
  const deliveries = story.entries.filter((one) => one.kind === 'delivery');
  const { providers } = story;
  const isInSummary = story.entries.some(
    (one) => one.kind === 'change' && (one.what === 'baseline' || one.what === 'digest'),
  );
  const none = isInSummary ? m.inSummary(providers.join(', ')) : m.nobody;
  return (
    <section className={css.part}>
      <h2>{m.told}</h2>
      {deliveries.length === 0 ? (
        <p className={css.quiet}>{providers.length === 0 ? m.noProvider : none}</p>
      ) : (
        <table className={css.told}>
          <thead>
            <tr>
              <th scope="col">{m.provider}</th>
              <th scope="col">{m.message}</th>
              <th scope="col">{m.state}</th>
              <th scope="col">{m.when}</th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map(({ id, provider, what, state, tries, problem, at, tried }) => (
              <tr key={id}>
                <td>{provider}</td>
                <td>{m.what[what]}</td>
                <td>
                  <Status kind={deliveryKind[state]}>{m.states[state]}</Status>
                  {(tries > 1 || state !== 'delivered') && tries > 0 && (
                    <span className={css.problem}>{m.tries(tries)}</span>
                  )}
                  {problem !== undefined && state !== 'delivered' && (
                    <span className={css.problem}>{problem}</span>
                  )}
                </td>
                <td>
                  <time title={f.exactTime(tried ?? at)}>
                    {timeText(tried ?? at, story.now, f)}
                  </time>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Related({ story }: { readonly story: WireStory }): ReactNode {
  const m = useMessages(incidentPageWords);
  const w = useMessages(incidentWords);
  const f = useFormat();
  return (
    <section className={css.part}>
      <h2>{m.related}</h2>
      {story.related.length === 0 && <p className={css.quiet}>{m.noRelated}</p>}
      {story.related.map(({ relation, incident }) => (
        <div key={incident.id} className={css.related}>
          <Status kind={incident.state === 'open' ? severityKind[incident.severity] : 'ok'}>
            {incident.reasons.at(-1) ?? ''}
          </Status>
          <QuickLink to={`/incidents/${incident.id}`} search={{}} title={incident.owner.name}>
            {incident.owner.name}
          </QuickLink>
          <span>
            {m.relations[relation]} ·{' '}
            <time title={f.exactTime(incident.start)}>{f.ago(incident.start, story.now)}</time>
            {incident.state === 'open' ? ` · ${w.isOpen}` : ''}
          </span>
        </div>
      ))}
    </section>
  );
}

/** Alerts of rules that name its pods, its node or its owner. */
function Alerts({ incident }: { readonly incident: WireIncident }): ReactNode {
  const m = useMessages(incidentPageWords);
  const query = useQuery({
    queryKey: ['incident-alerts'],
    queryFn: ({ signal }) => metricsApi.alerts(signal),
    refetchInterval: alertRefreshMs,
    retry: retryWhenAway,
  });
  const alerts = (query.data?.alerts ?? []).filter((alert) => names(alert, incident));
  if (query.data === undefined) return null;
  return (
    <section className={css.part}>
      <h2>{m.alerts}</h2>
      {alerts.length === 0 ? (
        <p className={css.quiet}>{m.noAlerts}</p>
      ) : (
        <AlertList alerts={alerts.slice(0, maxAlerts)} />
      )}
    </section>
  );
}

function names({ labels }: WireAlert, { owner, cause, members }: WireIncident): boolean {
  const { namespace = '', pod = '', node = '', instance = '' } = labels;
  if (owner.kind === 'Node') return [node, instance.split(':')[0]].includes(owner.name);
  if (namespace !== owner.namespace) return false;
  const pods = [cause.subject, ...members.map(({ subject }) => subject)];
  if (pod !== '') return pods.some(({ name }) => name === pod);
  return Object.entries(labels).some(
    ([name, value]) => value === owner.name && name !== 'namespace' && name !== 'alertname',
  );
}

function AsAlert({
  incident,
  story,
}: {
  readonly incident: WireIncident;
  readonly story: WireStory;
}): ReactNode {
  const m = useMessages(incidentPageWords);
  if (incident.state !== 'open') return null;
  return (
    <section className={css.part}>
      <h2>{m.asAlert}</h2>
      <p className={css.quiet}>{m.asAlertText}</p>
      <div className={css.why}>
        <Why labels={story.labels} />
      </div>
    </section>
  );
}
