import { Template } from '#go-template';
import { subjectKey } from '../contract.ts';
import { explainTrouble } from '../explain/trouble.ts';
import type { IncidentMessage } from './contract.ts';
import { defaultText, languageOf, markdown } from './words.ts';

/** kwatch's words for what has happened to an incident. */
const actions = { created: 'create', updated: 'update', resolved: 'resolved' } as const;

/**
 * The text that a template makes of a message, with kwatch's names: `.Incident`, `.Action` and `.Message`.
 * @throws {AppError} TEMPLATE_INVALID, TEMPLATE_FAILED
 */
export function templateText(template: string, message: IncidentMessage): string {
  const { incident, change } = message;
  const { cause, owner, severity, reasons, peak, startMs } = incident;
  return new Template('message', template).execute({
    Action: actions[change],
    Message: markdown(message, defaultText(message)),
    Cluster: message.clusterName,
    Runbook: message.runbook ?? '',
    Incident: {
      Key: `${owner.namespace}:${owner.name}:${cause.reason}`,
      ID: incident.id,
      Reason: reasons.at(-1) ?? cause.reason,
      Name: cause.subject.name,
      Namespace: cause.subject.namespace,
      Container: cause.container ?? '',
      Node: cause.node ?? '',
      Image: cause.image ?? '',
      Owner: owner.name,
      OwnerKind: owner.kind,
      Object: subjectKey(cause.subject),
      Severity: severity,
      Hint: explainTrouble(cause, message.evidence, languageOf(message)),
      Count: BigInt(peak),
      RestartCount: BigInt(cause.restarts ?? 0),
      Started: new Date(startMs).toISOString(),
      Logs: message.evidence.log,
      Events: message.evidence.events.join('\n'),
    },
  });
}
