import type { ThreadSubject } from '../contract.ts';

/** What has pods of its own. */
const workloads: ReadonlySet<string> = new Set([
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'],
]);

/**
 * What a short command means in the thread of an incident: it is about the object of that. A command that
 * names an object by itself means what it says.
 */
export function inThread(words: readonly string[], subject: ThreadSubject): readonly string[] {
  const [verb = '', ...rest] = words;
  const isPlain = rest.every(
    (word, at) => word.startsWith('-') || (rest[at - 1] ?? '').startsWith('-'),
  );
  const { id, kind, namespace, name, container } = subject;
  const where = namespace === '' ? [] : ['-n', namespace];
  switch (verb) {
    case 'logs': {
      const isWorkload = workloads.has(kind);
      if (!isPlain || (kind !== 'Pod' && !isWorkload)) return words;
      return [
        'logs',
        isWorkload ? `${kind.toLowerCase()}/${name}` : name,
        ...where,
        ...(container === undefined || isWorkload ? [] : ['-c', container]),
        ...rest,
      ];
    }
    case 'describe':
    case 'get':
      return isPlain ? ['kubectl', verb, kind.toLowerCase(), name, ...where, ...rest] : words;
    case 'top':
      if (!isPlain) return words;
      if (kind === 'Node') return ['top', 'nodes', name, ...rest];
      return kind === 'Pod' || workloads.has(kind)
        ? ['top', 'pods', name, ...where, ...rest]
        : words;
    case 'silence':
      return rest.length === 1 ? ['silence', id, ...rest] : words;
    case 'ack':
      // `ack`, `ack 4h`
      return rest.length === 0 || /^\d+[smhdw]/.test(rest[0] ?? '') ? ['ack', id, ...rest] : words;
    case 'explain':
      return rest.length === 0 ? ['explain', id] : words;
    case 'changes':
    case 'events':
      return isPlain ? [verb, owned(name, kind), ...where, ...rest] : words;
    default:
      return words;
  }
}

/** What a pod belongs to changes, not the pod: the part of its name that its kin have too. */
const owned = (name: string, kind: string): string =>
  kind === 'Pod' ? name.replace(/(-[a-z0-9]{6,10})?-[a-z0-9]{5}$/, '') : name;
