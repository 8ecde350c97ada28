import { createTransport } from 'nodemailer';
import { describeError } from '#base';
import type { ProviderConfig } from '../config/contract.ts';
import {
  advice,
  allLinks,
  facts,
  headline,
  logText,
  noEvents,
  noLog,
  ownerText,
  summarySentence,
} from '../messages/words.ts';
import type { Teller } from './contract.ts';
import { failed } from './http-teller.ts';

const silenceMs = 30_000;
const implicitTlsPort = 465;

/** SMTP with a plain text. */
export function emailTeller({ settings }: ProviderConfig): Teller {
  const port = Number(settings['port']);
  const transport = createTransport({
    host: settings['host'] ?? '',
    port,
    secure: port === implicitTlsPort,
    auth: {
      user: settings['username'] ?? settings['from'] ?? '',
      pass: settings['password'] ?? '',
    },
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    type: 'email',
    takesTexts: false,
    tell: async (message) => {
      if (message.kind === 'text') return undefined;
      const { incident, change, evidence } = message;
      const what = incident.cause.container ?? incident.cause.subject.name;
      const subject =
        change === 'created' ? `⛑ Kwatch detected a crash in pod ${what}` : headline(message);
      const text =
        message.body ??
        [
          headline(message),
          '',
          ...facts(message).map(([name, value]) => `${name}: ${value}`),
          `What: ${[`${summarySentence(message)}.`, advice(message) ?? ''].join(' ').trim()}`,
          ...(evidence.changes.length === 0 ? [] : ['', 'Changed before:', ...evidence.changes]),
          '',
          'Events:',
          evidence.events.join('\n') || noEvents,
          '',
          'Logs:',
          logText(message) || noLog,
          ...allLinks(message).map(({ text: word, url }) => `\n${word}: ${url}`),
        ].join('\n');
      try {
        await transport.sendMail({
          from: settings['from'] ?? '',
          to: settings['to'] ?? '',
          subject,
          text,
        });
      } catch (error) {
        throw failed(describeError(error), {});
      }
      return undefined;
    },
    tellPicture: async ({ png, altText }, { incident }) => {
      await transport.sendMail({
        from: settings['from'] ?? '',
        to: settings['to'] ?? '',
        subject: altText,
        text: `${altText}\n${ownerText(incident)}`,
        attachments: [{ filename: 'incident.png', content: png, contentType: 'image/png' }],
      });
    },
    [Symbol.dispose]: () => transport.close(),
  };
}
