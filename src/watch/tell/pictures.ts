import type { ProviderConfig } from '../config/contract.ts';
import type { Incident } from '../contract.ts';
import { ownerText } from '../messages/words.ts';

export interface PictureRequest {
  readonly url: string;
  readonly form: FormData;
}

type Build = (
  config: ProviderConfig,
  picture: { readonly png: Buffer; readonly altText: string },
  incident: Incident,
) => PictureRequest;

const fileName = 'incident.png';

const blobOf = (png: Buffer): Blob => new Blob([new Uint8Array(png)], { type: 'image/png' });

/** Providers that take the bytes of a picture, as a message of its own. */
export const pictureRequests: Readonly<Partial<Record<string, Build>>> = {
  discord: ({ settings }, { png, altText }, incident) => {
    const form = new FormData();
    const embed = {
      title: altText,
      description: ownerText(incident),
      image: { url: `attachment://${fileName}` },
    };
    form.set('payload_json', JSON.stringify({ embeds: [embed] }));
    form.set('files[0]', blobOf(png), fileName);
    return { url: settings['webhook'] ?? '', form };
  },
  telegram: ({ settings }, { png, altText }, incident) => {
    const base = (settings['url'] ?? 'https://api.telegram.org').replace(/\/$/, '');
    const form = new FormData();
    form.set('chat_id', settings['chatid'] ?? '');
    form.set('caption', `${altText}, ${ownerText(incident)}`.slice(0, 1024));
    form.set('photo', blobOf(png), fileName);
    return { url: `${base}/bot${settings['token'] ?? ''}/sendPhoto`, form };
  },
};
