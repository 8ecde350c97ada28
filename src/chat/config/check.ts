import type { ChannelBindings, ExecutorConfig, PlatformConfig } from './contract.ts';

/** What fits together with nothing: bindings whose commands would be run as one or as another. */
export function bindingProblems(
  platforms: readonly PlatformConfig[],
  executors: readonly ExecutorConfig[],
): readonly string[] {
  const channels = platforms.flatMap(({ group, kind, channels: all }) =>
    all.map(({ alias, bindings }) => ({ at: `${group}.${kind}.${alias}`, bindings })),
  );
  return channels.flatMap(({ at, bindings }) =>
    (['kubectl', 'helm'] as const).flatMap((tool) => {
      const [first, ...others] = enabled(bindings, executors, tool);
      const other = others.find(({ rbac }) => rbac !== first?.rbac);
      if (first === undefined || other === undefined) return [];
      return [
        `communications.${at}: Binding is referencing plugins of same kind with different RBAC. '${first.name}' and '${other.name}' bindings must be identical when used together.`,
      ];
    }),
  );
}

const enabled = (
  bindings: ChannelBindings,
  executors: readonly ExecutorConfig[],
  tool: 'kubectl' | 'helm',
): readonly { readonly name: string; readonly rbac: string }[] =>
  executors
    .filter((one) => bindings.executors.includes(one.name) && one[tool]?.enabled === true)
    .map((one) => ({ name: one.name, rbac: JSON.stringify(one[tool]?.rbac ?? null) }));
