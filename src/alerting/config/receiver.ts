import { type Field, type Fields, list, section, text } from '#metrics/config';
import {
  type ConfigOfKind,
  type IntegrationKind,
  integrationKinds,
  receiverKinds,
} from '../receivers/registry.ts';
import { type Placed, placed } from './placed.ts';

/** A receiver as it is written: a name and lists of ways to tell. */
export type ReceiverFields = { readonly name: string } & {
  readonly [K in IntegrationKind as `${K}Configs`]: readonly Placed<ConfigOfKind[K]>[];
};

const configs = Object.fromEntries(
  integrationKinds.map((kind) => [
    `${kind}Configs`,
    list(placed(receiverKinds[kind].fields as Field<object>)),
  ]),
) as unknown as Fields<Omit<ReceiverFields, 'name'>>;

export const receiver: Field<ReceiverFields> = section<ReceiverFields>(
  { name: text(), ...configs } as Fields<ReceiverFields>,
  ({ name }) => (name === '' ? 'missing name in receiver' : undefined),
);
