export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with a `${…}` in a value. */
export interface SubstitutionProblem {
  readonly name: string;
  readonly message: string;
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` (used when NAME is unset or empty); `$$` is a dollar
 * sign. The result is a value, never read again as YAML or for further variables.
 */
export function substituteEnvironment(
  text: string,
  env: Environment,
  onProblem: (problem: SubstitutionProblem) => void,
): string {
  if (!text.includes('$')) return text;
  return text.replace(
    /\$\$|\$\{([^}:]*)(?::-([^}]*))?\}|\$\{/g,
    (whole, name: string | undefined, fallback: string | undefined) => {
      if (whole === '$$') return '$';
      if (name === undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        onProblem({ name: name ?? '', message: `"${whole}" is not a variable` });
        return '';
      }
      const value = env[name];
      if (value !== undefined && (value !== '' || fallback === undefined)) return value;
      if (fallback !== undefined) return fallback;
      onProblem({ name, message: `environment variable ${name} is not set` });
      return '';
    },
  );
}
