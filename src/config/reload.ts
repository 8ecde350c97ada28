import { isDeepStrictEqual } from 'node:util';
import type { Config } from './contract.ts';
import { type Field, yamlKey } from './fields.ts';
import { configSchema } from './schema.ts';

export interface ReloadResult {
  /** The old configuration with the new values of reloadable keys. */
  readonly config: Config;
  /** Dotted keys that took effect. */
  readonly changed: readonly string[];
  /** Dotted keys that differ and keep their old value. */
  readonly needRestart: readonly string[];
}

/** What a running program may take over from a changed file. Pure. */
export function adoptReloadable(current: Config, next: Config): ReloadResult {
  const changed: string[] = [];
  const needRestart: string[] = [];
  const merge = (field: Field<unknown>, from: unknown, to: unknown, path: string): unknown => {
    if (field.kind === 'section' && field.children !== undefined) {
      const merged: Record<string, unknown> = {};
      for (const [name, child] of Object.entries(field.children)) {
        const key = yamlKey(name);
        merged[name] = merge(
          child,
          (from as Record<string, unknown>)[name],
          (to as Record<string, unknown>)[name],
          path === '' ? key : `${path}.${key}`,
        );
      }
      return merged;
    }
    if (isDeepStrictEqual(from, to)) return from;
    (field.isReloadable ? changed : needRestart).push(path);
    return field.isReloadable ? to : from;
  };
  const config = merge(configSchema as Field<unknown>, current, next, '') as Config;
  return { config, changed, needRestart };
}
