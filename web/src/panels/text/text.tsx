import DOMPurify from 'dompurify';
import { marked } from 'marked';
import { type ReactNode, useMemo } from 'react';
import { choiceAt, flagAt, objectAt, textAt } from '../../../../src/dashboards/fields/read.ts';
import type { PanelBodyProps } from '../body.ts';
import { ScrollGroup } from '../shared/scroll-group.tsx';
import css from './text.module.css';

/** Words of the dashboard's author: Markdown, HTML without anything that runs, or code. */
export function Body({ panel, interpolate, heightPx }: PanelBodyProps): ReactNode {
  const { options } = panel;
  const mode = choiceAt(options, 'mode', ['markdown', 'html', 'code'], 'markdown');
  const code = objectAt(options, 'code');
  const content = textAt(options, 'content', '');
  const html = useMemo(
    () => (mode === 'code' ? '' : safeHtml(interpolate(content, {}, 'html'), mode)),
    [content, mode, interpolate],
  );
  if (mode === 'code') {
    const text = interpolate(content, {}, textAt(code, 'language', '') === 'json' ? 'json' : 'raw');
    const lines = text.split('\n');
    return (
      <pre
        className={css.code}
        style={{ height: heightPx }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
        tabIndex={0}
      >
        {flagAt(code, 'showLineNumbers', false)
          ? lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines are places.
              <span key={index} className={css.numbered}>
                {line}
                {'\n'}
              </span>
            ))
          : text}
      </pre>
    );
  }
  return (
    <ScrollGroup className={css.text} style={{ height: heightPx }} label={panel.title}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: what DOMPurify let through. */}
      <div dangerouslySetInnerHTML={{ __html: html }} />
    </ScrollGroup>
  );
}

/** Nothing that runs, sends or covers the page is left. */
export function safeHtml(content: string, mode: 'markdown' | 'html'): string {
  const html =
    mode === 'markdown'
      ? marked.parse(content, { async: false, gfm: true, breaks: false })
      : content;
  const safe = DOMPurify.sanitize(html, {
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'iframe', 'object', 'embed'],
    ADD_ATTR: ['target'],
    RETURN_DOM_FRAGMENT: true,
  });
  // Authors leave out what people who do not see a picture need.
  for (const image of safe.querySelectorAll('img:not([alt])')) image.setAttribute('alt', '');
  // Pictures of other servers are not asked for: their words have to do.
  for (const image of safe.querySelectorAll('img')) {
    const source = image.getAttribute('src') ?? '';
    if (/^(?:[a-z]+:)?\/\//i.test(source)) image.replaceWith(image.getAttribute('alt') ?? '');
  }
  for (const link of safe.querySelectorAll('a[target]')) link.setAttribute('rel', 'noreferrer');
  const holder = document.createElement('div');
  holder.append(safe);
  return holder.innerHTML;
}
