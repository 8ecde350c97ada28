import type { ChannelConfig } from './config/contract.ts';
import type { FormValues } from './form.ts';
import type { Reply } from './reply.ts';

/** Where something is said. */
export interface Place {
  readonly platform: string;
  /** What the platform calls the channel by itself. */
  readonly channelId: string;
  /** As the configuration names it. */
  readonly channelName: string;
  /** Undefined: in the channel itself. */
  readonly thread?: string | undefined;
}

/** Something that was said to the bot. */
export interface Question {
  readonly place: Place;
  readonly user: { readonly id: string; readonly mention: string };
  /** Without the mention of the bot. */
  readonly text: string;
  /** By a button or a list, which is said in the answer. */
  readonly isInteraction: boolean;
  /** Of the form that it was asked with. */
  readonly values?: FormValues;
  /** The chat can show forms; else answers are in words alone. */
  readonly hasForms?: boolean;
}

/** What an incident is about, whose thread somebody writes in. */
export interface ThreadSubject {
  /** Of the incident. */
  readonly id: string;
  readonly kind: string;
  /** Empty for what belongs to no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly container?: string | undefined;
}

export type Answer = (question: Question) => Promise<Reply | undefined>;

/** What a chat tells of. */
export interface PlatformListener {
  readonly answer: Answer;
  /** The bot is in a conversation that the configuration does not name (Microsoft Teams). */
  joined?(channel: ChannelConfig): void;
}

/** A chat. */
export interface ChatPlatform extends AsyncDisposable {
  readonly name: string;
  /** Begins to listen. @throws {AppError} CHAT_PLATFORM_FAILED when it refuses us */
  start(listener: PlatformListener): Promise<void>;
  /**
   * Says something unasked.
   * @returns what a thread under it is called
   * @throws {AppError} CHAT_MESSAGE_REFUSED when another try would not help, else CHAT_PLATFORM_FAILED
   */
  say(place: Omit<Place, 'channelId'>, message: ChatMessage): Promise<string | undefined>;
}

/** A notification, in parts that each platform lays out. */
export interface ChatMessage {
  readonly title?: string;
  readonly text?: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly lists?: readonly { readonly title: string; readonly items: readonly string[] }[];
  /** Commands that may be run about it: what is shown, and what is run. */
  readonly commands?: readonly { readonly text: string; readonly command: string }[];
  /** Commands with a button of their own. */
  readonly buttons?: readonly { readonly text: string; readonly command: string }[];
  readonly timeMs?: number;
  readonly reply?: Reply;
}
