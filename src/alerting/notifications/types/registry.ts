import { invalid } from '../errors.ts';
import { chatTypes } from './chat.ts';
import type { IntegrationType } from './contract.ts';
import { incidentTypes } from './incidents.ts';
import { webTypes } from './web.ts';

/** Every type that a contact point can be of. Another one is an entry of one of these lists. */
export const integrationTypes: readonly IntegrationType[] = [
  ...chatTypes,
  ...webTypes,
  ...incidentTypes,
].sort((a, b) => (a.name < b.name ? -1 : 1));

const byType = new Map(integrationTypes.map((one) => [one.type, one]));

/** @throws {AppError} NOTIFICATION_INVALID */
export function integrationType(type: string): IntegrationType {
  const found = byType.get(type.toLowerCase());
  if (found !== undefined) return found;
  throw invalid(
    `unknown type ${JSON.stringify(type)}; it must be one of ${[...byType.keys()].sort().join(', ')}`,
  );
}

/** Paths of its settings that are secrets. */
export const secretPaths = ({ fields }: IntegrationType): readonly string[] =>
  fields.filter(({ isSecret }) => isSecret === true).map(({ name }) => name);
