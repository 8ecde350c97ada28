/** Languages that people read. */
export type Language = 'en' | 'ko';

export const languages: readonly Language[] = ['en', 'ko'];

/** The same in each of them. */
export type Text = Readonly<Record<Language, string>>;

/** What is said, and a code for it that holds whatever the language. */
export interface Phrase extends Text {
  readonly code: string;
}

/** Sentences by their codes; `$1` is the first parameter. */
export type Words = Readonly<Record<string, Text>>;

/** Made once for each language. */
export const both = (say: (language: Language) => string): Text => ({
  en: say('en'),
  ko: say('ko'),
});

/** A sentence with its parameters, from `$1` on. */
export const filled = ({ en, ko }: Text, parameters: readonly (string | number)[]): Text => {
  const fill = (text: string): string =>
    text.replace(/\$(\d)/g, (_whole, at: string) => String(parameters[Number(at) - 1] ?? ''));
  return { en: fill(en), ko: fill(ko) };
};
