import type { PostedAlert } from '#alerting';
import type { Clock } from '#base';
import type { Incident } from './contract.ts';
import type { Language } from './explain/language.ts';
import { explainTrouble } from './explain/trouble.ts';
import type { IncidentIdentity } from './incidents/engine.ts';
import { ownerText } from './messages/words.ts';

export interface AlertSourceDeps {
  readonly clock: Clock;
  readonly clusterName: string;
  readonly publicUrl: string | undefined;
  /** Of the description; English unless given. */
  readonly language?: Language | undefined;
  readonly postAlerts: (alerts: readonly PostedAlert[]) => Promise<unknown>;
}

/** An alert that is not sent again for so long has ended: an incident of a program that is gone. */
const lifeMs = 5 * 60_000;

/** Incidents as alerts, for routes, silences and policies like any other. */
export class AlertSource {
  readonly #deps: AlertSourceDeps;
  /** Labels under which an incident was sent last. */
  readonly #sent = new Map<string, Readonly<Record<string, string>>>();

  constructor(deps: AlertSourceDeps) {
    this.#deps = deps;
  }

  /** Sends them as they are now; of those that a maintenance window has kept quiet from the start nothing. */
  async post(incidents: readonly Incident[]): Promise<void> {
    const { clock, clusterName, postAlerts } = this.#deps;
    const endsAtMs = clock.nowMs() + lifeMs;
    const alerts: PostedAlert[] = [];
    for (const incident of incidents) {
      const before = this.#sent.get(incident.id);
      const isUnheard = incident.told === 0 && before === undefined;
      if (isUnheard && (incident.mutedBy?.kind === 'maintenance' || incident.state === 'resolved'))
        continue;
      const labels = incidentLabels(incident, clusterName);
      // Another severity is another alert: the one before is over.
      if (before !== undefined && before['severity'] !== labels['severity']) {
        alerts.push({ ...this.#alert(incident, before, clock.nowMs()) });
      }
      alerts.push(this.#alert(incident, labels, incident.resolvedMs ?? endsAtMs));
      if (incident.state === 'resolved') this.#sent.delete(incident.id);
      else this.#sent.set(incident.id, labels);
    }
    if (alerts.length > 0) await postAlerts(alerts);
  }

  #alert(
    incident: Incident,
    labels: Readonly<Record<string, string>>,
    endsAtMs: number,
  ): PostedAlert {
    const { publicUrl, language } = this.#deps;
    return {
      labels,
      annotations: {
        summary: `${incident.cause.reason} in ${ownerText(incident)}`,
        description: explainTrouble(incident.cause, undefined, language),
      },
      startsAtMs: incident.startMs,
      endsAtMs,
      generatorUrl: publicUrl === undefined ? '' : `${publicUrl}/incidents/${incident.id}`,
    };
  }
}

/** Labels of an incident as an alert: routes, silences, maintenance windows and policies know it by these. */
export function incidentLabels(
  { id, owner, cause, severity }: IncidentIdentity,
  clusterName: string,
): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {
    alertname: cause.reason,
    severity: severity === 'critical' || severity === 'high' ? 'critical' : 'warning',
    incident: id,
    source: 'watch',
    cluster: clusterName,
    owner_kind: owner.kind,
    owner_name: owner.name,
  };
  const { subject, container, node } = cause;
  if (subject.namespace !== '') labels['namespace'] = subject.namespace;
  if (subject.kind === 'Pod') labels['pod'] = subject.name;
  if (container !== undefined) labels['container'] = container;
  if (node !== undefined && node !== '') labels['node'] = node;
  return labels;
}
