/**
 * Draws the messages of incidents somewhat as Slack does, light and dark, for people who change them:
 * `node scripts/preview-messages.ts OUT.html`, and look at it.
 */
import { writeFileSync } from 'node:fs';
import { sampleMessages } from '../src/watch/messages/samples.fixture.ts';
import {
  type Block,
  followUpBlocks,
  incidentBlocks,
  rootBlocks,
} from '../src/watch/messages/slack.ts';
import { headline } from '../src/watch/messages/words.ts';

type Json = Readonly<Record<string, unknown>>;

const emoji: Readonly<Record<string, string>> = {
  ':red_circle:': '🔴',
  ':mag:': '🔍',
  ':memo:': '📝',
  ':book:': '📖',
  ':tada:': '🎉',
  ':information_source:': 'ℹ️',
  ':arrows_counterclockwise:': '🔄',
};

const plain = (text: string): string =>
  text
    .replace(/&(?!(?:amp|lt|gt);)/g, '&amp;')
    .replace(/:[a-z_]+:/g, (name) => emoji[name] ?? name);

/** Slack's marks as HTML; the text has its entities already. */
function marks(text: string): string {
  return text
    .split(/(```[\s\S]*?```)/)
    .map((part) =>
      part.startsWith('```')
        ? `<pre>${part.slice(3, -3).replace(/^\n|\n$/g, '')}</pre>`
        : plain(part)
            .replace(/<!date\^(\d+)\^[^|>]+\|([^>]+)>/g, '$2')
            .replace(/<(https?:[^|>]+)\|([^>]+)>/g, '<a href="$1">$2</a>')
            .replace(/<(https?:[^|>]+)>/g, '<a href="$1">$1</a>')
            .replace(/<@(\w+)>/g, '<span class="at">@$1</span>')
            .replace(/(^|[\s(])\*([^*\n]+)\*/g, '$1<b>$2</b>')
            .replace(/`([^`\n]+)`/g, '<code>$1</code>')
            .replaceAll('\n', '<br>'),
    )
    .join('');
}

const textOf = (object: unknown): string => {
  const { type, text = '' } = (object ?? {}) as { readonly type?: string; readonly text?: string };
  return type === 'mrkdwn'
    ? marks(text)
    : plain(text.replace(/</g, '&lt;')).replaceAll('\n', '<br>');
};

function block(one: Json): string {
  switch (one['type']) {
    case 'header':
      return `<h3>${textOf(one['text'])}</h3>`;
    case 'section': {
      const fields = (one['fields'] ?? []) as readonly Json[];
      const grid = fields.map((field) => `<div>${textOf(field)}</div>`).join('');
      const text = one['text'] === undefined ? '' : `<div>${textOf(one['text'])}</div>`;
      return `<section>${text}${grid === '' ? '' : `<div class="fields">${grid}</div>`}</section>`;
    }
    case 'context':
      return `<section class="context">${((one['elements'] ?? []) as readonly Json[]).map(textOf).join(' ')}</section>`;
    case 'image':
      return `<section><div class="image">${String(one['alt_text'])}</div></section>`;
    case 'actions':
      return `<section class="actions">${((one['elements'] ?? []) as readonly Json[])
        .map((element) =>
          element['type'] === 'button'
            ? `<button class="${String(element['style'] ?? '')}">${textOf(element['text'])}</button>`
            : `<button>${textOf(element['placeholder'])} ▾</button>`,
        )
        .join('')}</section>`;
    default:
      return `<section>${String(one['type'])}</section>`;
  }
}

function message(name: string, text: string, blocks: readonly Block[]): string {
  const body =
    blocks.length === 0 ? `<section>${marks(text)}</section>` : blocks.map(block).join('');
  return `<article><h2>${name}</h2><div class="push">${marks(text)}</div><div class="who"><b>Nunchi</b> <i>APP</i> 2:10 PM</div>${body}</article>`;
}

const shown = sampleMessages.flatMap(([name, one]) => {
  if (one.kind === 'text') return [message(name, one.text, [])];
  if (one.change !== 'created') return [message(name, headline(one), followUpBlocks(one))];
  const notes = [{ kind: 'acknowledged', by: 'U02AB34CD', untilMs: one.nowMs }] as const;
  return [
    message(`${name} (webhook)`, headline(one), incidentBlocks(one, { title: 'joonhan-EKS' })),
    message(
      `${name} (token)`,
      headline(one),
      rootBlocks(one, {}, { isAnswered: true, notes: name === 'crash' ? notes : [] }),
    ),
  ];
});

const css = `
body{margin:0;font:15px/1.46 Lato,'Pretendard',sans-serif;display:grid;grid-template-columns:1fr 1fr}
.theme{padding:16px;background:var(--bg);color:var(--text)}
.light{--bg:#fff;--text:#1d1c1d;--soft:#616061;--line:#ddd;--code:#f8f8f8;--pink:#c01343}
.dark{--bg:#1a1d21;--text:#d1d2d3;--soft:#ababad;--line:#35373b;--code:#222529;--pink:#e8912d}
article{max-width:620px;margin:0 0 28px}
h2{font-size:12px;color:#a0f;margin:0 0 2px}.push{font-size:11px;color:var(--soft);margin-bottom:6px;border-left:3px solid #a0f;padding-left:6px}
.who i{font-size:10px;background:var(--line);border-radius:2px;padding:1px 3px}
section{margin:8px 0}.fields{display:grid;grid-template-columns:1fr 1fr;gap:8px 12px;overflow-wrap:anywhere}
.context{font-size:13px;color:var(--soft)}pre{font:12px/1.5 Menlo,Consolas,monospace;background:var(--code);border:1px solid var(--line);border-radius:4px;padding:8px;white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0}
code{color:var(--pink);background:var(--code);border:1px solid var(--line);border-radius:3px;padding:0 3px;font-size:12px}
a{color:#1264a3}.dark a{color:#1d9bd1}.at{background:#f2c74466;border-radius:3px;padding:0 2px}
button{font:inherit;font-weight:700;font-size:13px;margin:0 8px 8px 0;padding:3px 10px;border:1px solid var(--line);border-radius:4px;background:none;color:inherit}button.primary{background:#007a5a;color:#fff}
.image{border:1px solid var(--line);border-radius:6px;height:90px;display:grid;place-items:center;color:var(--soft)}`;
const html = `<!doctype html><meta charset="utf-8"><style>${css}</style><div class="theme light">${shown.join('')}</div><div class="theme dark">${shown.join('')}</div>`;
const out = process.argv[2] ?? 'messages.html';
writeFileSync(out, html);
process.stdout.write(`${out}: ${shown.length} messages\n`);
