import { type ZodType, z } from 'zod';
import { maxQueryChars } from '#logs/insights';

/** The console shows what it asks for at once; larger wishes are pages. */
export const maxPageEvents = 2000;
export const maxListGroups = 10_000;
export const maxListStreams = 1000;
/** As in CloudWatch. */
export const maxQueryGroups = 50;
const maxNameChars = 512;

const oneOrMany = (value: unknown): unknown =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

export const name: z.ZodString = z.string().min(1).max(maxNameChars);

/** Group names as CloudWatch takes them, so that both APIs can name every group. */
export const newGroupName: z.ZodString = name.regex(
  /^[\w./#-]+$/,
  'A log group has letters, digits and _ - / . # in its name',
);

export const names = (max: number): z.ZodType<string[]> =>
  z.preprocess(oneOrMany, z.array(name).max(max)) as z.ZodType<string[]>;

export const timeMs: z.ZodType<number> = z.coerce.number().int() as z.ZodType<number>;

export const count = (max: number, fallback: number): z.ZodType<number> =>
  z.coerce.number().int().min(1).max(max).default(fallback) as unknown as z.ZodType<number>;

export const filterPattern: z.ZodOptional<z.ZodString> = z.string().max(1024).optional();

export const queryText: z.ZodString = z.string().max(maxQueryChars);
export const queryLanguage: z.ZodEnum<{ CWLI: 'CWLI'; SQL: 'SQL' }> = z.enum(['CWLI', 'SQL']);

export const queryRequest: z.ZodType<{
  text: string;
  language: 'CWLI' | 'SQL';
  groups: string[];
  fromMs: number;
  toMs: number;
}> = z.object({
  text: queryText,
  language: queryLanguage,
  groups: z.array(name).max(maxQueryGroups),
  fromMs: z.number().int(),
  toMs: z.number().int(),
});

/** A response whose type is one of wire.ts: we make it ourselves, so it is typed, not checked. */
export function wire<T>(): ZodType<T, T> {
  return z.any() as unknown as ZodType<T, T>;
}
