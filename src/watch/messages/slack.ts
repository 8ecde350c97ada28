import { mrkdwn as cutMrkdwn, escapeMrkdwn, fenced, link, slackLimits } from '#slack';
import type { IncidentMessage, SilenceNote } from './contract.ts';
import {
  advice,
  allLinks,
  defaultText,
  defaultTitle,
  durationText,
  facts,
  languageOf,
  lastedText,
  logText,
  maxLogChars,
  noteText,
  ownerText,
  phrases,
  summarySentence,
  tail,
  utcText,
} from './words.ts';

export type Block = Readonly<Record<string, unknown>>;

export interface SlackText {
  readonly title?: string | undefined;
  readonly text?: string | undefined;
}

const maxEventChars = 4000;
const maxUpdateLogChars = 1500;
const footerUrl = 'https://github.com/abahmed/kwatch';

const mrkdwn = (text: string): Block => ({ type: 'mrkdwn', text, verbatim: true });
const section = (text: string): Block => ({ type: 'section', text: mrkdwn(text) });
const context = (text: string): Block => ({ type: 'context', elements: [mrkdwn(text)] });

/** Characters of a part, as they are and as Slack counts them with its entities. */
const chunkLimits = { raw: 2000, escaped: slackLimits.sectionText - 20 };

/** Cut between lines, and between characters of a line that is longer than a part. */
function chunks(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let used = { raw: 0, escaped: 0 };
  const add = (piece: string): void => {
    const size = { raw: [...piece].length, escaped: escapeMrkdwn(piece).length };
    const isFull =
      used.raw + size.raw > chunkLimits.raw || used.escaped + size.escaped > chunkLimits.escaped;
    if (isFull) {
      parts.push(part);
      part = '';
      used = { raw: 0, escaped: 0 };
    }
    part += piece;
    used = { raw: used.raw + size.raw, escaped: used.escaped + size.escaped };
  };
  for (const line of text.split(/(?<=\n)/)) {
    const isLong = line.length > chunkLimits.raw || escapeMrkdwn(line).length > chunkLimits.escaped;
    for (const piece of isLong ? line : [line]) add(piece);
  }
  parts.push(part);
  return parts.map((one) => one.replace(/\n$/, '')).filter((one) => one.trim() !== '');
}

/** A block of code for each part, none longer than Slack takes. */
function codeSections(heading: string, text: string): readonly Block[] {
  const parts = chunks(text);
  return parts.length === 0
    ? []
    : [section(heading), ...parts.map((part) => section(fenced(part)))];
}

/** The sentence that it is about, and what to look at first. */
const sentence = (message: IncidentMessage): Block => {
  const hint = advice(message);
  const text = cutMrkdwn(summarySentence(message), 1500).replaceAll('*', '∗');
  return section(`*${text}.*${hint === undefined ? '' : `\n${escapeMrkdwn(hint)}`}`);
};

const factFields = (message: IncidentMessage): Block => ({
  type: 'section',
  fields: facts(message)
    .slice(0, slackLimits.fields)
    .map(([name, value]) => mrkdwn(`*${name}*\n${cutMrkdwn(value, slackLimits.fieldText - 100)}`)),
});

/** The facts in one line: the log is what people want to see without scrolling. */
const factLine = (message: IncidentMessage): string =>
  facts(message)
    .filter(([name]) => name !== 'Reason' && name !== 'Owner')
    .map(
      ([name, value]) =>
        `${name === 'Name' ? message.incident.cause.subject.kind : name} *${cutMrkdwn(value.replaceAll('*', '∗'), 250)}*`,
    )
    .join('  ·  ');

/** Days and zones of events are those of the message. */
const withShortTimes = (message: IncidentMessage): IncidentMessage => ({
  ...message,
  evidence: {
    ...message.evidence,
    events: message.evidence.events.map((line) =>
      line.replace(/^\[\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d) \+0000 UTC\]/, '$1'),
    ),
  },
});

/** Changes, the chart, events and the log: what explains it. */
function evidenceBlocks({ evidence, picture, ...message }: IncidentMessage): readonly Block[] {
  const { changedBefore } = phrases({ evidence, ...message });
  const changes = evidence.changes.map((line) => `• ${cutMrkdwn(line, 300)}`).join('\n');
  return [
    ...(changes === ''
      ? []
      : [section(`:arrows_counterclockwise: *${changedBefore}*\n${changes}`)]),
    ...(picture?.url === undefined
      ? []
      : [{ type: 'image', image_url: picture.url, alt_text: picture.altText }]),
    ...codeSections(':mag: *Events*', tail(evidence.events.join('\n'), maxEventChars)),
    ...codeSections(':memo: *Logs*', tail(logText({ evidence, ...message }), maxLogChars)),
  ];
}

/** Buttons that are links: anybody's browser opens them. */
function linkButtons(message: IncidentMessage): readonly Block[] {
  return allLinks(message)
    .filter(({ url }) => URL.canParse(url) && url.length <= slackLimits.url)
    .filter(({ url }) => url !== message.picture?.url)
    .map(({ text, url }) => ({
      type: 'button',
      action_id: `url:${text.toLowerCase()}`,
      text: {
        type: 'plain_text',
        text: text === 'Incident' ? phrases(message).buttons.incident : text,
      },
      url,
    }));
}

const actions = (elements: readonly Block[]): readonly Block[] =>
  elements.length === 0
    ? []
    : [{ type: 'actions', elements: elements.slice(0, slackLimits.actionElements) }];

/** The message of a new incident, laid out as kwatch's readers know it. */
export function incidentBlocks(
  message: IncidentMessage,
  { title, text }: SlackText,
): readonly Block[] {
  return [
    section(title ?? defaultTitle(message)),
    {
      type: 'section',
      text: {
        type: 'plain_text',
        text: text ?? defaultText(message),
        emoji: true,
      },
    },
    factFields(message),
    sentence(message),
    ...evidenceBlocks(message),
    ...actions(linkButtons(message)),
    section(`<${footerUrl}|kwatch>`),
  ].slice(0, slackLimits.blocks);
}

/** Buttons that the bot answers, as commands in the thread. */
const commandButtons = (message: IncidentMessage): readonly Block[] => {
  const { id, cause } = message.incident;
  const { buttons, silenceFor } = phrases(message);
  const button = (command: string, text: string, style?: string): Block => ({
    type: 'button',
    action_id: `incident:${command}`,
    text: { type: 'plain_text', text },
    value: id,
    ...(style === undefined ? {} : { style }),
  });
  return [
    button('ack', buttons.acknowledge, 'primary'),
    {
      type: 'static_select',
      action_id: 'incident:silence',
      placeholder: { type: 'plain_text', text: buttons.silence },
      options: Object.entries(silenceFor).map(([value, text]) => ({
        text: { type: 'plain_text', text },
        value,
      })),
    },
    ...(cause.subject.kind === 'Pod' ? [button('logs', buttons.logs)] : []),
    button('describe', buttons.describe),
  ];
};

/** In the zone of whoever reads it. */
const slackTime = (ms: number): string =>
  `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time}|${utcText(ms)}>`;

export interface RootState {
  /** Whether somebody answers buttons. */
  readonly isAnswered: boolean;
  readonly notes: readonly SilenceNote[];
  /** Once it is over: when it was. */
  readonly resolvedMs?: number | undefined;
}

/** People of Slack are called by their ids. */
const mention = (by: string): string =>
  /^[UW][A-Z0-9]{4,}$/.test(by) ? `<@${by}>` : escapeMrkdwn(by);

/** The first message of an incident's thread, in the state that it has. */
export function rootBlocks(
  message: IncidentMessage,
  { title, text }: SlackText,
  { isAnswered, notes, resolvedMs }: RootState,
): readonly Block[] {
  const { incident } = message;
  const language = languageOf(message);
  const isOver = resolvedMs !== undefined;
  const head = isOver
    ? `✅ ${phrases(message).overAfter(durationText(resolvedMs - incident.startMs, language))}`
    : '🚨 Incident';
  const reason = incident.reasons.at(-1) ?? incident.cause.reason;
  return [
    section(`${head} — *${escapeMrkdwn(reason)}* in ${escapeMrkdwn(ownerText(incident))}`),
    ...(title === undefined ? [] : [section(title)]),
    ...(text === undefined ? [] : [section(text)]),
    sentence(message),
    ...(notes.length === 0
      ? []
      : [
          context(
            notes
              .slice(-3)
              .map(
                (note) =>
                  `${note.kind === 'acknowledged' ? '👀' : '🔕'} ${noteText(note, { who: mention, when: slackTime, language })}`,
              )
              .join('\n'),
          ),
        ]),
    context(factLine(message)),
    ...evidenceBlocks(withShortTimes(message)),
    ...actions([
      ...(isAnswered && !isOver ? commandButtons(message) : []),
      ...linkButtons(message),
    ]),
  ].slice(0, slackLimits.blocks);
}

/** An answer in the incident's thread, or a short message after it. */
export function followUpBlocks(message: IncidentMessage): readonly Block[] {
  const { incident, change, evidence } = message;
  const { after, severity, why } = phrases(message);
  const where = escapeMrkdwn(ownerText(incident));
  const reasons = escapeMrkdwn(incident.reasons.join(', '));
  const linked = allLinks(message)
    .filter(({ url }) => URL.canParse(url))
    .map(({ text, url }) => link(url, text))
    .join('  ·  ');
  const links = linked === '' ? [] : [context(linked)];
  if (change === 'resolved') {
    const took = after(lastedText(message));
    return [section(`✅ *Resolved* — ${where}: ${reasons}, ${took}`), ...links];
  }
  const reason = escapeMrkdwn(incident.reasons.at(-1) ?? incident.cause.reason);
  const what = cutMrkdwn(summarySentence(message), 1500);
  const news = message.why === undefined ? '' : ` · ${why[message.why]}`;
  return [
    section(
      `🔄 Update — *${reason}* in ${where} · ${severity(incident.severity)}${news}\n${what}.`,
    ),
    ...codeSections(':memo: *Logs*', tail(evidence.log, maxUpdateLogChars)),
    ...links,
  ];
}
