/** Readers of options out of a dashboard's JSON, which anybody may have written. */
type Json = Readonly<Record<string, unknown>>;

const nothing: Json = {};

export function objectAt(from: unknown, key?: string): Json {
  const value = key === undefined ? from : isJson(from) ? from[key] : undefined;
  return isJson(value) ? value : nothing;
}

export function textAt(from: Json, key: string, fallback: string): string {
  const value = from[key];
  return typeof value === 'string' ? value : fallback;
}

export function flagAt(from: Json, key: string, fallback: boolean): boolean {
  const value = from[key];
  return typeof value === 'boolean' ? value : fallback;
}

export function numberAt(from: Json, key: string, fallback: number): number {
  return maybeNumberAt(from, key) ?? fallback;
}

export function maybeNumberAt(from: Json, key: string): number | undefined {
  const value = from[key];
  if (value === null || value === undefined || value === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** One of a closed set; whatever else is written: the fallback. */
export function choiceAt<const T extends string>(
  from: Json,
  key: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = from[key];
  return choices.find((choice) => choice === value) ?? fallback;
}

export function textsAt(from: Json, key: string): readonly string[] {
  const value = from[key];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
