import {
  formatMatchers,
  type Matchers,
  matcherOf,
  matchesAll,
  parseMatcher,
  silenceState,
} from '#alerting';
import { type Reply, textTable } from '#chat';
import { acknowledgedComment } from '#watch';
import { incidentOf, type TroubleCommandDeps } from './trouble-commands.ts';
import {
  ageText,
  type Context,
  type Described,
  durationMs,
  hourMs,
  maxRows,
  readWords,
  usageError,
} from './usage.ts';

/** An acknowledged incident is told of no more for so long. */
const acknowledgedForMs = 24 * hourMs;
const maxSilenceMs = 30 * 24 * hourMs;

export function silenceCommands(deps: TroubleCommandDeps): Readonly<Record<string, Described>> {
  return {
    silence: {
      usage: 'MATCHER…|INCIDENT DURATION [--comment TEXT]',
      help: 'no messages for alerts that it fits',
      examples: [
        'silence namespace=shop severity=warning 2h',
        'silence 1a2b3c4d 1d --comment known',
      ],
      changes: true,
      run: (words, context) => silence(words, deps, context),
    },
    ack: {
      usage: 'INCIDENT [24h]',
      help: 'you look after an incident: no more messages about it',
      examples: ['ack 1a2b3c4d', 'ack 1a2b3c4d 4h'],
      changes: true,
      run: (words, context) => acknowledge(words, deps, context),
    },
    silences: {
      usage: '',
      help: 'silences that are in force or will be',
      examples: ['silences'],
      run: async () => silences(deps),
    },
    unsilence: {
      usage: 'SILENCE',
      help: 'ends a silence',
      examples: ['unsilence 1a2b3c4d'],
      changes: true,
      run: (words) => unsilence(words, deps),
    },
  };
}

async function silence(
  words: readonly string[],
  deps: TroubleCommandDeps,
  context: Context,
): Promise<Reply> {
  const { rest, values } = readWords(words, { '--comment': 'comment' });
  const duration = rest.at(-1);
  const texts = rest.slice(0, -1);
  if (duration === undefined || texts.length === 0)
    throw usageError('Write what to silence and for how long: silence namespace=shop 2h');
  const lengthMs = durationMs(duration, 0);
  if (lengthMs > maxSilenceMs) throw usageError('A silence lasts 30d at most.');
  const isMatcher = (text: string): boolean => /[=!~]/.test(text);
  const matchers = await Promise.all(
    texts
      .flatMap((text) => (isMatcher(text) ? text.split(/,(?=[A-Za-z_]\w*\s*[=!])/) : [text]))
      .map(async (text) =>
        isMatcher(text)
          ? parseMatcher(text)
          : matcherOf('incident', '=', (await incidentOf(text, deps)).id),
      ),
  );
  return await set(matchers, lengthMs, values['comment'] ?? 'from the chat', deps, context);
}

async function acknowledge(
  words: readonly string[],
  deps: TroubleCommandDeps,
  context: Context,
): Promise<Reply> {
  const { rest } = readWords(words, {});
  const [first, second, ...others] = rest;
  if (others.length > 0) throw usageError('Write ack INCIDENT, or ack INCIDENT 4h');
  if (first === undefined) throw usageError('Name an incident: ack 1a2b3c4d');
  const { id } = await incidentOf(first, deps);
  const lengthMs = durationMs(second, acknowledgedForMs);
  if (lengthMs > maxSilenceMs) throw usageError('A silence lasts 30d at most.');
  return await set([matcherOf('incident', '=', id)], lengthMs, acknowledgedComment, deps, context);
}

async function set(
  matchers: Matchers,
  lengthMs: number,
  comment: string,
  { alertmanager, clock }: TroubleCommandDeps,
  { question }: Context,
): Promise<Reply> {
  const nowMs = clock.nowMs();
  const id = await alertmanager.setSilence({
    matchers,
    startsAtMs: nowMs,
    endsAtMs: nowMs + lengthMs,
    createdBy: question.user.id,
    comment: comment.slice(0, 500),
  });
  const fitting = alertmanager.alerts().filter(({ alert }) => matchesAll(matchers, alert.labels));
  const count = fitting.length === 1 ? '1 alert that fires' : `${fitting.length} alerts that fire`;
  return {
    text: `Silenced ${matchers.map((one) => formatMatchers([one]).slice(1, -1)).join(', ')} until ${new Date(nowMs + lengthMs).toISOString()}; it fits ${count} now. \`unsilence ${id.slice(0, 8)}\` ends it.`,
  };
}

const current = ({ alertmanager, clock }: TroubleCommandDeps) =>
  [...alertmanager.silences.all()].filter((one) => silenceState(one, clock.nowMs()) !== 'expired');

function silences(deps: TroubleCommandDeps): Reply {
  const nowMs = deps.clock.nowMs();
  const found = current(deps).sort((a, b) => a.endsAtMs - b.endsAtMs);
  if (found.length === 0) return { text: 'Nothing is silenced.' };
  const rows = found
    .slice(0, maxRows)
    .map((one) => [
      ...[one.id.slice(0, 8), silenceState(one, nowMs), formatMatchers(one.matchers)],
      ...[ageText(one.endsAtMs - nowMs), one.createdBy, one.comment],
    ]);
  return { output: textTable(['SILENCE', 'STATE', 'MATCHERS', 'ENDS IN', 'BY', 'COMMENT'], rows) };
}

async function unsilence(words: readonly string[], deps: TroubleCommandDeps): Promise<Reply> {
  const [named] = readWords(words, {}).rest;
  if (named === undefined || named.length < 4)
    throw usageError('Name a silence: unsilence 1a2b3c4d; `silences` shows those that there are.');
  const [one, another] = current(deps).filter(({ id }) => id.startsWith(named));
  if (another !== undefined) throw usageError(`Several silences begin with ${named}.`);
  if (one === undefined)
    throw usageError(`There is no silence ${named}; \`silences\` shows those that there are.`);
  await deps.alertmanager.expireSilence(one.id);
  return { text: `The silence ${formatMatchers(one.matchers)} has ended.` };
}
