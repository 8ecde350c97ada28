import { describeError } from '#base';
import type { Notification } from '../contract.ts';
import { templateData } from '../template/data.ts';
import type { TemplateSet } from '../template/template-set.ts';
import type { Texts } from './contract.ts';

/**
 * Fills templates for one notification. Where one fails its text is what fires, and why it is not told in
 * other words: an alert is worth more than its form. {@link textFailuresOf} has the failures.
 */
export function textsFor(templates: TemplateSet, notification: Notification): Texts {
  const data = templateData(notification);
  const run = (how: 'text' | 'html', source: string): string => {
    try {
      return templates[how](source, data, notification.nowMs);
    } catch (error) {
      const why = describeError(error);
      const known = failures.get(notification) ?? new Set();
      failures.set(notification, known.add(why));
      const text = `${plainSubject(notification)} (this text could not be made: ${why})`;
      return how === 'html' ? text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`) : text;
    }
  };
  return { text: (source) => run('text', source), html: (source) => run('html', source) };
}

const failures = new WeakMap<Notification, Set<string>>();

/** Why texts of a notification were made without their templates; empty: all is well. */
export const textFailuresOf = (notification: Notification): readonly string[] => [
  ...(failures.get(notification) ?? []),
];

const maxNames = 20;

/** `[FIRING:2] HighLoad, DiskFull`. */
function plainSubject({ alerts }: Notification): string {
  const firing = alerts.filter(({ status }) => status === 'firing').length;
  const counts = [
    ...(firing > 0 ? [`FIRING:${firing}`] : []),
    ...(alerts.length > firing ? [`RESOLVED:${alerts.length - firing}`] : []),
  ];
  const names = [...new Set(alerts.map(({ alert }) => alert.labels['alertname'] ?? ''))];
  const more = names.length > maxNames ? ', …' : '';
  return `[${counts.join(', ')}] ${names.slice(0, maxNames).join(', ')}${more}`;
}

/** At most so many characters, the last of them `…` where something is cut off. */
export function truncated(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const chars = [...text];
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join('')}…`;
}

/** Without keys whose value is empty. */
export function withoutBlank<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) => value !== '' && value !== undefined && value !== false,
    ),
  ) as Partial<T>;
}

/** At most so many bytes of UTF-8, cut between characters, the last of them `…`. */
export function truncatedBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const room = Buffer.from(text).subarray(0, Math.max(0, maxBytes - Buffer.byteLength('…')));
  let end = room.length;
  // Back over the rest of a character that was cut in two.
  const lead = room.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  const first = room[lead] ?? 0;
  const width = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (lead + width > end) end = lead;
  return `${room.toString('utf8', 0, end)}…`;
}

/** The object that a JSON text holds; an empty one for anything else. */
export function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Every text within is a template; keys are, too. */
export function filled(value: unknown, texts: Texts): unknown {
  if (typeof value === 'string') return texts.text(value);
  if (Array.isArray(value)) return value.map((item) => filled(item, texts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [texts.text(key), filled(item, texts)]),
  );
}
