import type { ReplyForm } from './form.ts';

/** An answer, before a platform gives it its form. */
export interface Reply {
  /** Above the output: `` `kubectl get pod` on `c1` ``; undefined: a plain text. */
  readonly header?: string;
  /** What is written as it is. */
  readonly text?: string;
  /** What is shown in a block of code. */
  readonly output?: string;
  /** A picture beside it. */
  readonly picture?: { readonly name: string; readonly png: Uint8Array };
  /** Sections with buttons, of help. */
  readonly sections?: readonly ReplySection[];
  /** The command whose output may be filtered by hand. */
  readonly filterable?: string;
  /** Something to fill in; only the one who asked sees it, where the chat can whisper. */
  readonly form?: ReplyForm;
}

export interface ReplySection {
  readonly title: string;
  readonly text?: string;
  readonly buttons: readonly ReplyButton[];
}

/** Runs a command, or leads to a page. */
export type ReplyButton =
  | {
      readonly text: string;
      readonly command: string;
      /** Its answer is a form: chats that must know beforehand whisper it. */
      readonly opensForm?: true;
      readonly url?: undefined;
    }
  | { readonly text: string; readonly url: string; readonly command?: undefined };

const cricket = '.... empty response _*<cricket sounds>*_ :cricket: :cricket: :cricket:';
/** From so many lines on an answer has a box to filter it. */
const filterFromLines = 16;

/** The answer to a command that was run. */
export function commandReply(
  shown: string,
  clusterName: string,
  output: string,
  options: { readonly by?: string; readonly command?: string } = {},
): Reply {
  const header = `\`${shown.replaceAll('`', "'")}\` on \`${clusterName}\`${options.by === undefined ? '' : ` by ${options.by}`}`;
  const trimmed = output.trim();
  if (trimmed === '') return { header, text: cricket };
  const isLong = trimmed.split('\n').length >= filterFromLines;
  return {
    header,
    output: trimmed,
    ...(isLong && options.command !== undefined ? { filterable: options.command } : {}),
  };
}

/** As one text: header, and the output in a fence that it cannot end. */
export function replyText({ header, text, output }: Reply): string {
  const parts: string[] = [];
  if (header !== undefined) parts.push(header);
  if (text !== undefined) parts.push(text);
  if (output !== undefined) parts.push(`\`\`\`\n${output.replaceAll('```', "'''")}\n\`\`\``);
  return parts.join('\n');
}
