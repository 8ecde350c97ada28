import type { ConfigFlags } from '#config';

/** Flags of every command that reads the configuration. */
export interface GlobalFlags extends ConfigFlags {
  readonly config?: string | undefined;
}
