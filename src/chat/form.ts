/** Something to fill in, as far as chats have it: lists to choose from and short texts. */
export interface ReplyForm {
  readonly title: string;
  /** Asked with the values: at each change, or when the form is sent. */
  readonly command: string;
  readonly asks: 'when changed' | 'when sent';
  readonly fields: readonly FormField[];
  /** The command that the form makes so far. */
  readonly preview?: string;
  /** What is left out of it, and why. */
  readonly notes?: readonly string[];
  /** Commands that are run as they are. */
  readonly buttons?: readonly { readonly text: string; readonly command: string }[];
}

export interface FormOption {
  readonly text: string;
  readonly value: string;
}

export type FormField =
  | {
      readonly kind: 'select';
      readonly name: string;
      readonly label: string;
      readonly options: readonly FormOption[];
      readonly value?: string | undefined;
    }
  | {
      readonly kind: 'multi-select';
      readonly name: string;
      readonly label: string;
      readonly options: readonly FormOption[];
      readonly values: readonly string[];
    }
  | {
      readonly kind: 'text';
      readonly name: string;
      readonly label: string;
      readonly placeholder: string;
      readonly value?: string | undefined;
    };

/** By the names of fields; those that are empty are absent. */
export type FormValues = Readonly<Record<string, readonly string[]>>;

export const formValue = (values: FormValues | undefined, name: string): string | undefined =>
  values?.[name]?.[0];
