import type { ChatSection } from './contract.ts';
import { type Field, list, optional, raw, section, text } from './fields.ts';

export const chat: Field<ChatSection> = section<ChatSection>(
  'The bot in your chat: notifications, commands, automations. The job of Botkube.',
  {
    botkubeConfig: list(text({ default: '', doc: '' }), {
      doc: "Values of Botkube's chart, or its own files; later ones are laid over earlier ones. Where neither this nor `botkube` is set, the files that BOTKUBE_CONFIG_PATHS names.",
    }),
    botkube: raw({ doc: "The keys of Botkube's values, in place of files of their own." }),
    kubeconfig: optional(
      text({
        default: '',
        doc: "A kubeconfig for kubectl and helm; default: that of the watched cluster, or the pod's account. Commands are run as the groups and users of the rbac contexts, which this account must be allowed to impersonate.",
      }),
    ),
  },
);
