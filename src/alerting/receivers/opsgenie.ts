import type { OpsgenieConfig, OpsgenieResponder } from '../config/more-receiver-fields.ts';
import { commonOf, statusOf } from '../template/data.ts';
import { type Sender, type SenderDeps, sender, type Texts } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated, withoutBlank } from './texts.ts';

const maxMessageChars = 130;
const maxDescriptionChars = 15_000;

/** Opsgenie's Alert API: one alert for each group, closed when all is over. */
export function opsgenieSender(config: OpsgenieConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const texts = textsFor(templates, notification);
    const { text } = texts;
    const key = await revealed(config.apiKey, config.apiKeyFile, 'Opsgenie API key');
    const headers = { authorization: `GenieKey ${text(key)}` };
    const alias = groupHash(notification.groupKey);
    const base = `${text(config.apiUrl)}v2/alerts`;
    const post = async (url: string, body: unknown, method: 'POST' | 'PUT' = 'POST') => {
      await http.post({ url, body, method, headers, signal });
    };
    const source = text(config.source);
    if (statusOf(notification.alerts) === 'resolved') {
      await post(`${base}/${alias}/close?identifierType=alias`, withoutBlank({ source }));
      return;
    }
    const message = truncated(text(config.message), maxMessageChars);
    const description = truncated(text(config.description), maxDescriptionChars);
    const details = Object.fromEntries(
      Object.entries(config.details).map(([name, value]) => [name, text(value)]),
    );
    const responders = config.responders.flatMap((one) => respondersOf(one, texts));
    await post(base, {
      alias,
      message,
      ...withoutBlank({ description }),
      details: { ...commonOf(notification.alerts.map(({ alert }) => alert.labels)), ...details },
      source,
      ...(responders.length === 0 ? {} : { responders }),
      ...withoutBlank({
        tags: listOf(text(config.tags)),
        note: text(config.note),
        priority: text(config.priority),
        entity: text(config.entity),
        actions: listOf(text(config.actions)),
      }),
    });
    if (!config.updateAlerts) return;
    const part = (name: string): string => `${base}/${alias}/${name}?identifierType=alias`;
    await post(part('message'), { message }, 'PUT');
    await post(part('description'), { description }, 'PUT');
    return undefined;
  });
}

function listOf(text: string): string[] | undefined {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return items.length === 0 ? undefined : items;
}

/** `teams` stands for several, parted by commas. */
function respondersOf(responder: OpsgenieResponder, { text }: Texts): readonly object[] {
  const [id, name, username] = [responder.id, responder.name, responder.username].map(text);
  const type = text(responder.type).toLowerCase();
  if (type === 'teams')
    return (listOf(name ?? '') ?? []).map((one) => ({ name: one, type: 'team' }));
  const given = withoutBlank({ id, name, username });
  return Object.keys(given).length === 0 ? [] : [{ ...given, type }];
}
