import type { ProblemList, SourcePlace } from './problems.ts';

/** Variables of `@SET` lines and `env` sections, then those of the process. */
export class Variables {
  readonly #own = new Map<string, string>();
  readonly #process: Readonly<Record<string, string | undefined>>;
  readonly #problems: ProblemList;

  /** @param hostname preset value of `HOSTNAME` */
  constructor(
    process: Readonly<Record<string, string | undefined>>,
    hostname: string,
    problems: ProblemList,
  ) {
    this.#process = process;
    this.#problems = problems;
    this.#own.set('HOSTNAME', process['HOSTNAME'] ?? hostname);
  }

  set(name: string, value: string): void {
    this.#own.set(name, value);
  }

  /** Replaces `${NAME}` and `${NAME:-default}`; an unset name gives nothing and a warning. */
  expand(text: string, place: SourcePlace): string {
    if (!text.includes('${')) return text;
    return text.replace(/\$\{([^}]*)\}/g, (_, inside: string) => {
      const split = inside.indexOf(':-');
      const name = (split === -1 ? inside : inside.slice(0, split)).trim();
      const value = this.#own.get(name) ?? this.#process[name];
      if (value !== undefined && value !== '') return value;
      if (split !== -1) return inside.slice(split + 2);
      this.#problems.warn(place, `[env] variable \${${name}} is used but not set`);
      return '';
    });
  }
}
