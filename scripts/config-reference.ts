/** Writes docs/config.md from the schema of the configuration. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { configReference } from '#config';

const folder = new URL('../docs/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('config.md', folder), configReference());
