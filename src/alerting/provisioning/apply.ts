import type { NotificationAuthor, Notifications } from '#alerting/notifications';
import {
  type AlertRules,
  type Author,
  checkRule,
  durationMsOf,
  readFileRule,
} from '#alerting/rules';
import { isAppError } from '#base';
import type { FileProblem, Placed, ProvisioningFile } from './file.ts';

export interface ProvisioningTargets {
  readonly rules: AlertRules;
  readonly notifications: Notifications;
}

const notificationAuthor: NotificationAuthor = { via: 'file', provenance: 'file' };
const ruleAuthor: Author = { by: 'provisioning', via: 'file', provenance: 'file' };

/**
 * Makes what files say true, in the order in which their objects need each other. What is wrong is told
 * and left out; the rest goes on.
 */
export async function applyFiles(
  files: readonly ProvisioningFile[],
  { rules, notifications }: ProvisioningTargets,
): Promise<readonly FileProblem[]> {
  const problems: FileProblem[] = files.flatMap((file) => file.problems);
  const each = async (
    name: keyof ProvisioningFile['sections'],
    work: (item: Placed) => Promise<unknown>,
  ): Promise<void> => {
    for (const item of files.flatMap(({ sections }) => sections[name])) {
      try {
        await work(item);
      } catch (error) {
        if (!isAppError(error)) throw error;
        problems.push(item.problem(error.message));
      }
    }
  };
  await each('templates', ({ value }) =>
    notifications.putTemplate(
      { name: text(value, 'name'), template: text(value, 'template') },
      notificationAuthor,
    ),
  );
  await each('contactPoints', (item) => putContactPoint(item, notifications, problems));
  await each('muteTimes', ({ value }) =>
    notifications.putMuteTiming(
      {
        name: text(value, 'name'),
        time_intervals: Array.isArray(value['time_intervals']) ? value['time_intervals'] : [],
      },
      notificationAuthor,
      'any',
    ),
  );
  if (files.some(({ resetsPolicies }) => resetsPolicies)) {
    await notifications.resetPolicies(notificationAuthor);
  }
  await each('policies', ({ value }) => {
    const { orgId: _orgId, ...root } = value;
    return notifications.setPolicies(root, notificationAuthor);
  });
  await each('groups', (item) => putGroup(item, rules, problems));
  await each('deleteRules', ({ value }) =>
    rules.store.deleteRules([text(value, 'uid')], ruleAuthor),
  );
  await each('deleteContactPoints', async ({ value }) => {
    const uid = text(value, 'uid');
    const isThere = notifications.model.contactPoints.some((point) => point.uid === uid);
    if (isThere) await notifications.deleteContactPoint(uid, notificationAuthor);
  });
  await each('deleteMuteTimes', ({ value }) =>
    notifications.deleteMuteTiming(text(value, 'name'), notificationAuthor),
  );
  await each('deleteTemplates', ({ value }) =>
    notifications.deleteTemplate(text(value, 'name'), notificationAuthor),
  );
  return problems;
}

const text = (value: Placed['value'], key: string): string => String(value[key] ?? '');

async function putContactPoint(
  item: Placed,
  notifications: Notifications,
  problems: FileProblem[],
): Promise<void> {
  const name = text(item.value, 'name');
  if (name === '') {
    problems.push(item.problem('contact point has no name set'));
    return;
  }
  for (const receiver of item.list('receivers')) {
    try {
      await putReceiver(receiver, name, notifications);
    } catch (error) {
      if (!isAppError(error)) throw error;
      problems.push(receiver.problem(error.message));
    }
  }
}

async function putReceiver(
  { value }: Placed,
  name: string,
  notifications: Notifications,
): Promise<void> {
  const { settings } = value;
  const uid = text(value, 'uid');
  const input = {
    uid,
    name,
    type: text(value, 'type'),
    settings:
      typeof settings === 'object' && settings !== null
        ? (settings as Readonly<Record<string, unknown>>)
        : {},
    disableResolveMessage: value['disableResolveMessage'] === true,
  };
  const isThere = notifications.model.contactPoints.some((point) => point.uid === uid);
  if (isThere) await notifications.updateContactPoint(uid, input, notificationAuthor);
  else await notifications.addContactPoint(input, notificationAuthor);
}

async function putGroup(item: Placed, rules: AlertRules, problems: FileProblem[]): Promise<void> {
  const { value } = item;
  const title = text(value, 'name');
  const folder = text(value, 'folder');
  const missing =
    title === ''
      ? 'rule group has no name set'
      : folder === ''
        ? 'rule group has no folder set'
        : undefined;
  if (missing !== undefined) {
    problems.push(item.problem(missing));
    return;
  }
  const read = item.list('rules').flatMap((placed) => {
    try {
      const problem = incomplete(placed.value);
      if (problem === undefined) {
        const rule = readFileRule(placed.value);
        checkRule(rule);
        return [rule];
      }
      problems.push(placed.problem(problem));
    } catch (error) {
      if (!isAppError(error)) throw error;
      problems.push(placed.problem(error.message));
    }
    return [];
  });
  const folderUid = await rules.folders.ensure(folder);
  // What the file does not name stays, and so does what it has wrong now: rules go by deleteRules.
  const named = new Set(read.map(({ uid }) => uid));
  const others = rules.store.group(folderUid, title)?.rules.filter(({ uid }) => !named.has(uid));
  await rules.store.putGroup(
    {
      folderUid,
      title,
      intervalMs: durationMsOf(text(value, 'interval') || '1m', 'interval'),
      rules: [...read, ...(others ?? [])],
    },
    ruleAuthor,
  );
}

/** What a rule lacks, in the words that people look for. */
function incomplete(rule: Placed['value']): string | undefined {
  const title = text(rule, 'title');
  if (title === '') return 'rule has no title set';
  const failed = (why: string): string => `rule '${title}' failed to parse: ${why}`;
  if (text(rule, 'uid') === '') return failed('no UID set');
  const { data, record } = rule;
  if (!Array.isArray(data) || data.length === 0) return failed('no data set');
  const hasCondition = text(rule, 'condition') !== '' || typeof record === 'object';
  return hasCondition ? undefined : failed('no condition set');
}
