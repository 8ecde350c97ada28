import { type Clock, describeError, type Logger } from '#base';
import type { Charts } from './chart/charts.ts';
import type { ProviderConfig, ProviderRoute, WatchConfig } from './config/contract.ts';
import {
  type Incident,
  type IncidentChange,
  type LinesOfKind,
  reasonNames,
  type Trouble,
} from './contract.ts';
import { type Evidence, type EvidenceDeps, gatherEvidence, noEvidence } from './evidence.ts';
import type { Language } from './explain/language.ts';
import type { Filters } from './filters.ts';
import type {
  IncidentMessage,
  IncidentNews,
  MessageLink,
  MessagePicture,
  SilenceNote,
  WatchMessage,
  Written,
} from './messages/contract.ts';
import { phrasesOf } from './messages/phrases.ts';
import { templateText } from './messages/template.ts';
import { headline, latestTrouble, ownerText, tellingTrouble } from './messages/words.ts';
import type { Stories } from './story.ts';
import type { OpenedOutbox } from './tell/open-outboxes.ts';

export interface ReporterDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly evidence: EvidenceDeps;
  readonly filters: Filters;
  readonly outboxes: readonly OpenedOutbox[];
  /** Where people look at it; undefined: nowhere. */
  readonly publicUrl: string | undefined;
  readonly clusterName: string;
  readonly stories: Stories;
  /** Of sentences, for providers that name none. */
  readonly language: Language;
  /** Undefined: none are drawn. */
  readonly charts?: Charts | undefined;
}

/** How many lines a digest has. */
const maxDigestLines = 20;

/** Makes messages of what happened to incidents, and gives them to the providers that want them. */
export class Reporter {
  readonly #config: WatchConfig;
  readonly #deps: ReporterDeps;
  /** Incidents that a log pattern has kept quiet: their later messages are too. */
  readonly #quiet = new Set<string>();

  constructor(config: WatchConfig, deps: ReporterDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  async report(change: IncidentChange): Promise<void> {
    switch (change.kind) {
      case 'baseline':
        if (this.#config.reportStartupBaseline)
          await this.#tellAll(this.#list('baseline', change.incidents));
        return;
      case 'digest':
        if (change.incidents.length > 0)
          await this.#tellAll(this.#list('digest', change.incidents));
        if (change.resolved.length > 0) await this.#tellAll(this.#list('ended', change.resolved));
        return;
      case 'noted':
      case 'linked':
        return;
      case 'resolved':
        if (!change.isQuiet) await this.#incident(change);
        else this.#quiet.delete(change.incident.id);
        return;
      default:
        await this.#incident(change);
    }
  }

  async text(text: string): Promise<void> {
    await this.#tellAll(() => ({ kind: 'text', text }));
  }

  async #incident(
    change: Extract<IncidentChange, { kind: 'created' | 'updated' | 'resolved' }>,
  ): Promise<void> {
    const { filters, clock, clusterName } = this.#deps;
    const { kind, incident } = change;
    if (this.#quiet.has(incident.id)) {
      if (kind === 'resolved') this.#quiet.delete(incident.id);
      return;
    }
    const { stories, charts } = this.#deps;
    const trouble = tellingTrouble(incident);
    const evidence = kind === 'resolved' ? noEvidence : await this.#evidence(trouble);
    if (kind !== 'resolved') await this.#found(incident, trouble, evidence);
    if (
      kind !== 'resolved' &&
      filters.needsLogs &&
      !filters.isWantedWithLog(trouble, evidence.log)
    ) {
      this.#quiet.add(incident.id);
      await this.#untold(incident, 'log-pattern');
      return;
    }
    const picture =
      kind === 'resolved'
        ? undefined
        : await charts?.of(
            incident,
            trouble,
            evidence,
            (late) => void this.#tellLate(incident, late),
          );
    if (picture !== undefined) await stories.pictured(incident.id, picture);
    const message: IncidentMessage = {
      kind: 'incident',
      change: kind,
      incident,
      evidence,
      clusterName,
      links: this.#links(incident),
      runbook: byReason(this.#config.runbooks, incident.cause),
      picture,
      why: kind === 'updated' ? change.why : undefined,
      nowMs: clock.nowMs(),
    };
    const onlyNamespace = kind === 'updated' ? change.onlyNamespace : undefined;
    await this.#tellAll((language) => ({ ...message, language }), onlyNamespace);
  }

  /** Gathers what can be found of it now, for its page. */
  async find(incident: Incident): Promise<void> {
    const trouble = tellingTrouble(incident);
    await this.#found(incident, trouble, await this.#evidence(trouble));
  }

  async #found({ id }: Incident, trouble: Trouble, evidence: Evidence): Promise<void> {
    const { stories, clock } = this.#deps;
    const { subject, container: containerName } = trouble;
    await stories.found(id, { ...evidence, atMs: clock.nowMs(), subject, containerName });
  }

  /** A chart that was not ready when its incident was told. Never throws. */
  async #tellLate(incident: Incident, picture: MessagePicture): Promise<void> {
    try {
      await this.#deps.stories.pictured(incident.id, picture);
      await this.#tellAll(() => ({ kind: 'picture', incident, picture }));
    } catch (error) {
      this.#deps.log.warn('The chart of an incident is not told', { reason: describeError(error) });
    }
  }

  /** People acknowledged or silenced it, or took that back. */
  async notes(incident: Incident, notes: readonly SilenceNote[]): Promise<void> {
    await this.#tellAll(() => ({ kind: 'notes', incident, notes }));
  }

  async #untold(
    { id }: Incident,
    why: 'route' | 'log-pattern' | 'no-provider',
    provider?: string,
  ): Promise<void> {
    const { stories, clock } = this.#deps;
    await stories.add(id, { kind: 'untold', atMs: clock.nowMs(), provider, why });
  }

  async #evidence(trouble: Trouble): Promise<Evidence> {
    const { maxRecentLogLines, includeEvents, includeLogs } = this.#config;
    const options = { maxLogLines: maxRecentLogLines, includeEvents, includeLogs };
    return gatherEvidence(trouble, options, this.#deps.evidence);
  }

  #links(incident: Incident): readonly MessageLink[] {
    const { publicUrl } = this.#deps;
    const { cause, owner } = incident;
    const found: MessageLink[] = [];
    if (publicUrl !== undefined) {
      found.push({ text: 'Incident', url: `${publicUrl}/incidents/${incident.id}` });
      if (cause.subject.kind === 'Pod') {
        const query = new URLSearchParams({
          namespace: cause.subject.namespace,
          pod: cause.subject.name,
        });
        found.push({ text: 'Pod', url: `${publicUrl}/kubernetes/pod?${query}` });
      }
    }
    const { lines } = latestTrouble(incident);
    if (publicUrl !== undefined && lines !== undefined) {
      found.push({ text: 'Log lines', url: insightsUrl(publicUrl, lines) });
    }
    const { dashboardUrlTemplate: template } = this.#config;
    if (template !== '') {
      const values: Readonly<Record<string, string>> = {
        namespace: cause.subject.namespace,
        owner: owner.name,
        pod: cause.subject.name,
      };
      const url = template.replace(/\{(namespace|owner|pod)\}/g, (_whole, name: string) =>
        encodeURIComponent(values[name] ?? ''),
      );
      found.push({ text: 'Dashboard', url });
    }
    return found;
  }

  #list(
    what: 'baseline' | 'digest' | 'ended',
    incidents: readonly Incident[],
  ): Written<WatchMessage> {
    return (language) => ({ kind: 'text', text: this.#listText(what, incidents, language) });
  }

  #listText(
    what: 'baseline' | 'digest' | 'ended',
    incidents: readonly Incident[],
    language: Language,
  ): string {
    const words = phrasesOf[language].lists;
    const lines = incidents
      .slice(0, maxDigestLines)
      .map(
        (incident) =>
          `• ${ownerText(incident)}: ${incident.reasons.join(', ')}${incident.peak > 1 ? ` ${words.affected(incident.peak)}` : ''}`,
      );
    const more = incidents.length - lines.length;
    const { publicUrl } = this.#deps;
    const head = `${words.count(incidents.length)} ${words[what]}`;
    return [
      `:information_source: ${this.#deps.clusterName}: ${head}`,
      ...lines,
      ...(more > 0 ? [words.more(more)] : []),
      ...(publicUrl === undefined ? [] : [`${publicUrl}/incidents`]),
    ].join('\n');
  }

  /** @param onlyNamespace those who have heard of it without this namespace have heard of it */
  async #tellAll(
    write: Written<WatchMessage | IncidentNews>,
    onlyNamespace?: string,
  ): Promise<void> {
    const { outboxes, log, language: byDefault } = this.#deps;
    if (outboxes.length === 0) {
      const message = write(byDefault);
      if (message.kind === 'incident') await this.#untold(message.incident, 'no-provider');
    }
    for (const { outbox, provider } of outboxes) {
      const { routes, language = byDefault } = provider;
      const message = write(language);
      if (message.kind !== 'text') {
        const { incident } = message;
        if (!isRouted(incident, routes)) {
          if (message.kind === 'incident') await this.#untold(incident, 'route', outbox.name);
          continue;
        }
        if (onlyNamespace !== undefined && isRouted(without(incident, onlyNamespace), routes))
          continue;
      }
      try {
        await outbox.add(this.#withTemplate(message, provider));
      } catch (error) {
        log.error('A message could not be kept for its provider', { reason: describeError(error) });
      }
    }
  }

  /** A template that fails is told in the log, and the usual message stands. */
  #withTemplate<M extends WatchMessage | IncidentNews>(
    message: M,
    { templates, settings }: ProviderConfig,
  ): M {
    if (message.kind !== 'incident') return message;
    const template = byReason(templates, latestTrouble(message.incident));
    if (template === undefined) {
      // One line in place of the layout.
      return settings['compact'] === 'true' ? { ...message, body: headline(message) } : message;
    }
    try {
      return { ...message, body: templateText(template, message) };
    } catch (error) {
      this.#deps.log.error('A template of the watch fails', { reason: describeError(error) });
      return message;
    }
  }
}

/** Of a map by reasons; `default` for those that are not named. */
function byReason(map: Readonly<Record<string, string>>, trouble: Trouble): string | undefined {
  for (const name of [...reasonNames(trouble), 'default']) {
    if (Object.hasOwn(map, name)) return map[name];
  }
  return undefined;
}

const aroundMs = 900_000;

/** The query for lines of a kind, from a while before the first to a while after the last. */
function insightsUrl(publicUrl: string, { group, query, firstMs, lastMs }: LinesOfKind): string {
  const parameters = new URLSearchParams({
    group,
    q: query,
    from: String(firstMs - aroundMs),
    to: String(lastMs + aroundMs),
  });
  return `${publicUrl}/logs/insights?${parameters}`;
}

const fits = (list: readonly string[], values: Iterable<string>): boolean =>
  list.length === 0 || [...values].some((value) => list.includes(value));

/** Whether one of the routes fits; all that a route names must. */
function isRouted(incident: Incident, routes: readonly ProviderRoute[]): boolean {
  if (routes.length === 0) return true;
  const { owner, members, severity, cause } = incident;
  const namespaces = new Set([owner.namespace, ...members.map(({ subject }) => subject.namespace)]);
  const troubles = [cause, ...members.flatMap((member) => member.troubles)];
  const reasons = new Set([...incident.reasons, ...troubles.flatMap(reasonNames)]);
  return routes.some(
    (route) =>
      fits(route.namespaces, namespaces) &&
      fits(route.severities, [severity]) &&
      fits(route.reasons, reasons),
  );
}

/** The incident as it is to those who know nothing of a namespace. */
const without = (incident: Incident, namespace: string): Incident => ({
  ...incident,
  members: incident.members.filter(({ subject }) => subject.namespace !== namespace),
});
