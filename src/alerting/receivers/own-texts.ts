import { isDeepStrictEqual } from 'node:util';
import type { Integration } from '../config/integrations.ts';
import type { TemplateSet } from '../template/template-set.ts';
import { type IntegrationKind, receiverKinds } from './registry.ts';

/** What a contact point says where nobody wrote a text: with these nobody has decided anything. */
const contactPointTexts: ReadonlySet<unknown> = new Set([
  '{{ template "default.title" . }}',
  '{{ template "default.message" . }}',
]);

/** Where people write what a message says. Other kinds have nothing but their texts. */
const textKeys: { readonly [K in IntegrationKind]?: readonly string[] } = {
  slack: [
    'color',
    'title',
    'titleLink',
    'pretext',
    'text',
    'fields',
    'footer',
    'fallback',
    'callbackId',
    'imageUrl',
    'thumbUrl',
    'actions',
    'messageText',
    'mrkdwnIn',
  ],
  email: ['html', 'text'],
  // The rest of a contact point says who is told and how, not what.
  grafanaSlack: ['title', 'text', 'color', 'footer'],
  discord: ['title', 'message', 'content'],
  msteamsv2: ['title', 'text'],
  telegram: ['message'],
  googlechat: ['title', 'message'],
  webhook: ['payload'],
  // Its texts stay what they are: only the address of the chart is added.
  grafanaWebhook: [],
};

/**
 * Whether somebody wrote what an integration's messages say, in its keys or in a template that takes the
 * place of a default one: then that is what is sent, to the letter.
 */
export function hasOwnTexts({ kind, config }: Integration, templates: TemplateSet): boolean {
  const keys = textKeys[kind];
  if (keys === undefined) return true;
  const defaults = receiverKinds[kind].fields.absent() as unknown as Record<string, unknown>;
  const given = config as unknown as Record<string, unknown>;
  return (
    keys.some(
      (key) => !isDeepStrictEqual(given[key], defaults[key]) && !contactPointTexts.has(given[key]),
    ) ||
    templates.overridden.some(
      (name) =>
        name.startsWith('__') ||
        name.startsWith(`${kind}.`) ||
        (name.startsWith('default.') && keys.some((key) => contactPointTexts.has(given[key]))),
    )
  );
}
