import type { AlertFacts, AlertMessage } from './contract.ts';
import {
  countsText,
  cut,
  headline,
  labelsText,
  lifeText,
  timeIn,
  valueText,
} from './facts-text.ts';
import { wordsOf } from './words.ts';

const colors = {
  text: '#171b20',
  soft: '#4f5359',
  line: '#e3e6ea',
  sunken: '#f4f5f7',
  critical: '#be222a',
  warning: '#8d5e00',
  ok: '#21763c',
  accent: '#7447c8',
} as const;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** What has a meaning in HTML, so that it has none. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => escapes[char] as string);

/** An alert in lines of the few marks that chats take: name, description, value and time, labels. */
export function alertLines(
  facts: AlertFacts,
  message: AlertMessage,
  maxChars: { readonly line: number; readonly description: number },
): readonly string[] {
  const words = wordsOf[message.settings.language];
  const value = valueText(facts, message);
  const details = [
    ...(value === undefined ? [] : [`${words.value} ${value}`]),
    lifeText(facts, words, timeIn(message)),
  ].join(' · ');
  const { name, summary, description, labels } = facts;
  return [
    `<b>${escapeHtml(cut(summary === '' ? name : summary, maxChars.line))}</b>`,
    ...(description === '' ? [] : [escapeHtml(cut(description, maxChars.description))]),
    escapeHtml(details),
    ...(labels.length === 0 ? [] : [escapeHtml(cut(labelsText(labels), maxChars.line))]),
  ];
}

const lines = (text: string): string => escapeHtml(text).replaceAll('\n', '<br>');

const fonts = "-apple-system,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic',Roboto,sans-serif";
const mono = "ui-monospace,SFMono-Regular,Consolas,'D2Coding',monospace";

/** `[FIRING:2] …` is for mail filters; people read the rest. */
export const mailSubject = (message: AlertMessage): string =>
  `[${message.status === 'firing' ? `FIRING:${message.firing}` : 'RESOLVED'}] ${message.title}`;

/**
 * A mail that looks right in the programs of mail: tables, styles in place.
 * @param pictureCid of the attached picture; undefined: there is none
 */
export function htmlMessage(message: AlertMessage, pictureCid: string | undefined): string {
  const { alerts, hiddenAlerts, logs, picture, links, settings, status, severity } = message;
  const words = wordsOf[settings.language];
  const isSoft = ['warning', 'medium', 'minor', 'low', 'info'].includes(severity);
  const color = status === 'resolved' ? colors.ok : isSoft ? colors.warning : colors.critical;
  const more =
    hiddenAlerts === 0
      ? ''
      : row(
          `<a href="${escapeHtml(message.titleUrl)}" style="color:${colors.accent}">${escapeHtml(words.more(hiddenAlerts))}</a>`,
        );
  const image =
    picture === undefined || pictureCid === undefined
      ? ''
      : row(
          `<img src="cid:${pictureCid}" width="${picture.width}" alt="${escapeHtml(picture.altText)}" style="display:block;box-sizing:border-box;width:100%;max-width:${picture.width}px;height:auto;border:1px solid ${colors.line};border-radius:6px">`,
        );
  const logsPart =
    logs === undefined
      ? ''
      : row(
          `<div style="font-weight:600;margin-bottom:6px">${escapeHtml(words.lastLines(logs.subject))}</div><pre style="margin:0;padding:10px 12px;background:${colors.sunken};border-radius:6px;font:12px/1.5 ${mono};white-space:pre-wrap;word-break:break-word">${escapeHtml(logs.lines.join('\n'))}</pre>`,
        );
  const buttons = links
    .map(
      ({ kind, url }, at) =>
        `<a href="${escapeHtml(url)}" style="display:inline-block;margin:0 6px 6px 0;padding:6px 12px;border-radius:4px;border:1px solid ${at === 0 ? colors.accent : colors.line};background:${at === 0 ? colors.accent : '#ffffff'};color:${at === 0 ? '#ffffff' : colors.text};text-decoration:none;font-size:13px">${escapeHtml(words.links[kind])}</a>`,
    )
    .join('');
  const common = labelsText(message.commonLabels);
  return `<!doctype html>
<html lang="${settings.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(headline(message))}</title></head>
<body style="margin:0;padding:16px;background:${colors.sunken};color:${colors.text};font:14px/1.5 ${fonts}">
<table role="presentation" cellpadding="0" cellspacing="0" align="center" style="width:100%;max-width:760px;background:#ffffff;border:1px solid ${colors.line};border-radius:8px;border-top:4px solid ${color}">
${row(`<div style="font-size:18px;font-weight:600"><a href="${escapeHtml(message.titleUrl)}" style="color:${colors.text};text-decoration:none">${escapeHtml(message.title)}</a></div><div style="color:${color};font-weight:600">${escapeHtml(countsText(message))}${severity === '' ? '' : ` · ${escapeHtml(severity)}`}</div>`)}
${alerts.map((facts) => row(alertPart(facts, message))).join('\n')}
${more}
${image}
${logsPart}
${row(buttons)}
${common === '' ? '' : row(`<div style="color:${colors.soft};font-size:12px">${escapeHtml(common)}</div>`)}
</table></body></html>`;
}

const row = (content: string): string => `<tr><td style="padding:10px 20px">${content}</td></tr>`;

function alertPart(facts: AlertFacts, message: AlertMessage): string {
  const words = wordsOf[message.settings.language];
  const value = valueText(facts, message);
  const life = lifeText(facts, words, timeIn(message));
  const isOver = facts.status === 'resolved';
  const color = isOver ? colors.ok : colors.critical;
  const details = [
    ...(value === undefined ? [] : [`${escapeHtml(words.value)} <b>${escapeHtml(value)}</b>`]),
    escapeHtml(life),
  ].join(' · ');
  const labels = labelsText(facts.labels);
  return `<div style="border-left:3px solid ${color};padding-left:12px"><div style="font-weight:600">${lines(facts.summary === '' ? facts.name : facts.summary)}</div>${
    facts.description === '' ? '' : `<div>${lines(facts.description)}</div>`
  }<div style="color:${colors.soft}">${details}</div>${
    labels === ''
      ? ''
      : `<div style="color:${colors.soft};font:12px/1.5 ${mono}">${escapeHtml(labels)}</div>`
  }</div>`;
}

/** The same for programs that show no HTML. */
export function textMessage(message: AlertMessage): string {
  const { alerts, hiddenAlerts, logs, links, settings } = message;
  const words = wordsOf[settings.language];
  const parts = [
    headline(message),
    ...alerts.map((facts) => {
      const value = valueText(facts, message);
      return [
        `- ${facts.summary === '' ? facts.name : facts.summary}`,
        ...(facts.description === '' ? [] : [`  ${facts.description}`]),
        `  ${[...(value === undefined ? [] : [`${words.value} ${value}`]), lifeText(facts, words, timeIn(message))].join(', ')}`,
        ...(facts.labels.length === 0 ? [] : [`  ${labelsText(facts.labels)}`]),
      ].join('\n');
    }),
    ...(hiddenAlerts > 0 ? [words.more(hiddenAlerts)] : []),
    ...(logs === undefined ? [] : [[words.lastLines(logs.subject), ...logs.lines].join('\n')]),
    links.map(({ kind, url }) => `${words.links[kind]}: ${url}`).join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}
