import type { FormValues } from '../form.ts';
import { formCommandOf, formValuesOf, type SlackState } from './slack-forms.ts';

/** `incident:ack`, `incident:silence`: what is after it is a command in the thread of the incident. */
const incidentAction = 'incident:';

interface Action {
  readonly type: string;
  readonly action_id?: string;
  readonly block_id?: string;
  readonly value?: string;
  readonly selected_option?: { readonly value?: string };
}

/** What Slack sends when something in a message is pressed. */
export interface InteractionBody {
  readonly user: { readonly id: string };
  readonly channel?: { readonly id: string };
  readonly container?: {
    readonly message_ts?: string;
    readonly thread_ts?: string;
    readonly is_ephemeral?: boolean;
  };
  readonly trigger_id?: string;
  readonly state?: { readonly values?: SlackState };
  readonly actions?: readonly Action[];
}

/** What Slack sends when a dialogue is. */
export interface ViewBody {
  readonly user: { readonly id: string };
  readonly trigger_id?: string;
  readonly view?: {
    readonly callback_id?: string;
    readonly private_metadata?: string;
    readonly state?: { readonly values?: SlackState };
  };
}

/** Where a dialogue was opened. */
export interface ViewMetadata {
  readonly channel: string;
  readonly thread?: string | undefined;
}

/** Something that somebody wants of the bot, with its mention in front. */
export interface Heard {
  readonly channelId: string;
  readonly thread: string | undefined;
  readonly userId: string;
  readonly text: string;
  /** Of the message that asks; undefined: it was pressed. */
  readonly messageTs: string | undefined;
  readonly isInteraction: boolean;
  readonly values?: FormValues;
}

/** Undefined: it means nothing to the bot. */
export function pressOf(body: InteractionBody, mention: string): Heard | undefined {
  const { user, channel, container, state, actions: [action] = [] } = body;
  if (action === undefined || channel === undefined) return undefined;
  const { action_id: id = '', block_id: block = '' } = action;
  const formCommand = formCommandOf(id, block);
  const text = formCommand ?? commandOf(action, mention);
  if (text === undefined) return undefined;
  // What is asked by a button of a message is answered under it; nobody else sees what was whispered.
  const own = container?.is_ephemeral === true ? undefined : container?.message_ts;
  return {
    channelId: channel.id,
    thread: container?.thread_ts ?? own,
    userId: user.id,
    text,
    messageTs: undefined,
    isInteraction: true,
    ...(formCommand === undefined
      ? {}
      : { values: formValuesOf({ ...state?.values, [block]: { [id]: action } }) }),
  };
}

/** Undefined: it was opened by nobody that we know. */
export function sentOf({ user, view }: ViewBody, mention: string): Heard | undefined {
  const place = metadataOf(view?.private_metadata ?? '');
  if (place === undefined || view?.callback_id === undefined) return undefined;
  return {
    channelId: place.channel,
    thread: place.thread,
    userId: user.id,
    text: `${mention} ${view.callback_id}`,
    messageTs: undefined,
    isInteraction: true,
    values: formValuesOf(view.state?.values),
  };
}

function metadataOf(text: string): ViewMetadata | undefined {
  try {
    const value = JSON.parse(text) as Partial<ViewMetadata> | null;
    if (typeof value?.channel !== 'string') return undefined;
    return { channel: value.channel, thread: value.thread };
  } catch {
    return undefined;
  }
}

/** What a button, a list or an input box means. */
function commandOf(
  { type, action_id: id = '', block_id: block = '', value, selected_option: option }: Action,
  mention: string,
): string | undefined {
  if (id.startsWith('url:')) return undefined;
  // Messages of incidents do not know who answers their buttons.
  if (id.startsWith(incidentAction))
    return [mention, id.slice(incidentAction.length), option?.value ?? ''].join(' ').trim();
  if (type === 'button') return value;
  if (type === 'static_select')
    return option?.value === undefined ? undefined : `${id} ${option.value}`;
  if (type === 'plain_text_input') {
    if (value === undefined || value === '') return undefined;
    return `${block}"${value.replace(/["\\]/g, '\\$&')}"`;
  }
  return undefined;
}
