import {
  type ConfigOfKind,
  type IntegrationKind,
  integrationKinds,
  receiverKinds,
} from '../receivers/registry.ts';
import type { CommonFields } from './common-fields.ts';
import type { GlobalFields } from './global.ts';
import type { Placed } from './placed.ts';
import type { ReceiverFields } from './receiver.ts';

export type { ConfigOfKind, IntegrationKind } from '../receivers/registry.ts';

/** One way to tell of a receiver, with what it takes over of `global`. */
export interface IntegrationOf<K extends IntegrationKind> {
  readonly kind: K;
  /** Of its kind within the receiver: part of its name in the notification log. */
  readonly index: number;
  readonly receiver: string;
  readonly config: ConfigOfKind[K] & {
    readonly httpConfig: NonNullable<CommonFields['httpConfig']>;
  };
}

export type Integration = { [K in IntegrationKind]: IntegrationOf<K> }[IntegrationKind];

/** @param problemIn what is wrong with a text of a configuration; undefined: nothing */
export function integrationsOf(
  receiver: ReceiverFields,
  global: GlobalFields,
  problemIn: (config: object) => string | undefined,
): readonly Integration[] {
  return integrationKinds.flatMap((kind) => ofKind(kind, receiver, global, problemIn));
}

function ofKind<K extends IntegrationKind>(
  kind: K,
  receiver: ReceiverFields,
  global: GlobalFields,
  problemIn: (config: object) => string | undefined,
): readonly Integration[] {
  const { complete } = receiverKinds[kind];
  // Kinds and their configurations go together, which the compiler does not see of a computed key.
  const written = receiver[`${kind}Configs`] as unknown as readonly Placed<ConfigOfKind[K]>[];
  return written.map(({ value, problem }, index) => {
    const config = complete === undefined ? value : complete(value, global, problem);
    const wrong = problemIn(config);
    if (wrong !== undefined) problem(wrong);
    const withHttp = { ...config, httpConfig: value.httpConfig ?? global.httpConfig };
    return { kind, index, receiver: receiver.name, config: withHttp } as unknown as Integration;
  });
}
