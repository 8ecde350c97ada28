import { type HasMethods, valueText } from '#go-template';
import type { Notification, NotifiedAlert } from '../contract.ts';
import { type LabelSet, sortedNames } from '../labels.ts';
import { GoTime } from './go-time.ts';
import { ruleAlertFacts, shown } from './grafana-data.ts';

/** A list of names and values, as `.SortedPairs` gives it. */
function pairs(entries: readonly (readonly [string, string])[]): unknown[] & HasMethods {
  return Object.assign(
    entries.map(([Name, Value]) => ({ Name, Value })),
    {
      templateMethods: {
        Names: () => entries.map(([name]) => name),
        Values: () => entries.map(([, value]) => value),
        String: () => entries.map(([name, value]) => `${name}=${value}`).join(', '),
      },
    },
  );
}

/** Labels or annotations as templates see them. */
export class Kv extends Map<string, string> implements HasMethods {
  readonly templateMethods: HasMethods['templateMethods'] = {
    SortedPairs: () => pairs(this.sorted()),
    Names: () => this.sorted().map(([name]) => name),
    Values: () => this.sorted().map(([, value]) => value),
    Remove: (names) => {
      const gone = new Set(Array.isArray(names) ? names.map(String) : []);
      return new Kv([...this].filter(([name]) => !gone.has(name)));
    },
    String: () => pairs(this.sorted()).templateMethods['String']?.(),
  };

  static of(labels: LabelSet): Kv {
    return new Kv(sortedNames(labels).map((name) => [name, labels[name] ?? '']));
  }

  /** `alertname` first, the others by name. */
  sorted(): (readonly [string, string])[] {
    return [...this].sort(([a], [b]) => {
      if (a === 'alertname' || b === 'alertname') return a === 'alertname' ? -1 : 1;
      return a < b ? -1 : 1;
    });
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this);
  }

  toTemplateText(): string {
    const entries = [...this].sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([name, value]) => `${name}:${valueText(value)}`).join(' ')}]`;
  }
}

/** Names and values that all of them have. */
export function commonOf(all: readonly LabelSet[]): LabelSet {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((one) => one[name] === value)),
  );
}

export const statusOf = (alerts: readonly NotifiedAlert[]): 'firing' | 'resolved' =>
  alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved';

function alertData(notified: NotifiedAlert, externalUrl: string): Record<string, unknown> {
  const { alert, status } = notified;
  const facts = ruleAlertFacts(notified, externalUrl);
  return {
    Status: status,
    Labels: Kv.of(shown(alert.labels)),
    Annotations: Kv.of(shown(alert.annotations)),
    StartsAt: new GoTime(alert.startsAtMs),
    // An end that lies ahead is no end.
    EndsAt: new GoTime(status === 'resolved' ? alert.endsAtMs : undefined),
    GeneratorURL: alert.generatorUrl,
    Fingerprint: alert.fingerprint,
    Values: new Map(Object.entries(facts.values ?? {})),
    ValueString: facts.valueString,
    SilenceURL: facts.silenceUrl,
    DashboardURL: facts.dashboardUrl,
    PanelURL: facts.panelUrl,
    ImageURL: '',
    OrgID: 1n,
  };
}

/** What a template of a notification sees. */
export function templateData(notification: Notification): Record<string, unknown> {
  const { alerts } = notification;
  const all = alerts.map((one) => alertData(one, notification.externalUrl));
  const only = (status: string) => all.filter((one) => one['Status'] === status);
  return {
    Receiver: notification.receiver,
    Status: statusOf(alerts),
    Alerts: Object.assign(all, {
      templateMethods: { Firing: () => only('firing'), Resolved: () => only('resolved') },
    }),
    GroupLabels: Kv.of(shown(notification.groupLabels)),
    CommonLabels: Kv.of(shown(commonOf(alerts.map(({ alert }) => alert.labels)))),
    CommonAnnotations: Kv.of(shown(commonOf(alerts.map(({ alert }) => alert.annotations)))),
    ExternalURL: notification.externalUrl,
    GroupKey: notification.groupKey,
  };
}
