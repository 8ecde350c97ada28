/** What Microsoft's service sends, as far as a bot needs it. */
export interface TeamsActivity {
  readonly type: string;
  readonly id: string;
  readonly serviceUrl: string;
  /** `msteams`. */
  readonly channelId: string;
  /** Messages under a first one of a channel stand in `ID;messageid=N`. */
  readonly conversation: string;
  readonly conversationType: string;
  readonly tenantId: string | undefined;
  readonly from: { readonly id: string; readonly name: string };
  /** The bot, as it is called there. */
  readonly botId: string;
  readonly text: string;
  /** Text that mentions the bot; undefined: none does. */
  readonly mention: string | undefined;
  /** What a card was sent with. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** The message that a card stands in. */
  readonly replyToId: string | undefined;
  /** Ids of those who came, and of those who went. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;
const asMap = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Undefined: it is no activity. */
export function readActivity(body: unknown): TeamsActivity | undefined {
  const map = asMap(body);
  const conversation = asMap(map['conversation']);
  const from = asMap(map['from']);
  const botId = textOf(asMap(map['recipient'])['id']);
  const fields = {
    type: textOf(map['type']),
    serviceUrl: textOf(map['serviceUrl']),
    conversation: textOf(conversation['id']),
  };
  if (Object.values(fields).includes('') || botId === '') return undefined;
  const mentions = list(map['entities'])
    .map(asMap)
    .filter((one) => one['type'] === 'mention' && asMap(one['mentioned'])['id'] === botId);
  const idsOf = (value: unknown): readonly string[] =>
    list(value).map((member) => textOf(asMap(member)['id']));
  const value = map['value'];
  return {
    ...fields,
    id: textOf(map['id']),
    channelId: textOf(map['channelId']),
    conversationType: textOf(conversation['conversationType']) || 'personal',
    tenantId:
      textOf(conversation['tenantId']) ||
      textOf(asMap(asMap(map['channelData'])['tenant'])['id']) ||
      undefined,
    from: {
      id: textOf(from['aadObjectId']) || textOf(from['id']),
      name: textOf(from['name']) || textOf(from['id']),
    },
    botId,
    text: textOf(map['text']),
    mention: textOf(mentions[0]?.['text']) || undefined,
    value: typeof value === 'object' && value !== null ? asMap(value) : undefined,
    replyToId: textOf(map['replyToId']) || undefined,
    added: idsOf(map['membersAdded']),
    removed: idsOf(map['membersRemoved']),
  };
}

/**
 * What is said to the bot; undefined: it is not meant. In a chat of two nobody needs to be called.
 */
export function saidToBot({
  text,
  mention,
  conversationType,
}: Pick<TeamsActivity, 'text' | 'mention' | 'conversationType'>): string | undefined {
  const plain = text.replaceAll('&nbsp;', ' ').trim();
  if (mention !== undefined && plain.startsWith(mention)) return plain.slice(mention.length).trim();
  return conversationType === 'personal' ? plain : undefined;
}

/** The channel, and the first message of the thread in it. */
export function placeOf(conversation: string): {
  readonly channel: string;
  readonly thread: string | undefined;
} {
  const [channel = '', ...rest] = conversation.split(';');
  const thread = rest.find((part) => part.startsWith('messageid='))?.slice('messageid='.length);
  return { channel, thread };
}
