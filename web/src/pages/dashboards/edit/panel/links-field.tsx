import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PanelLink } from '../../../../../../src/dashboards/model/contract.ts';
import { removed, replaced } from '../../../../dashboards/editing/lists.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Button, IconButton } from '../../../../ui/button.tsx';
import { editWords } from '../words.ts';
import { LazyText } from './lazy-text.tsx';
import css from './panel-editor.module.css';

/** Links of a panel or of its values. */
export function LinksField({
  value,
  onChange,
}: {
  readonly value: unknown;
  readonly onChange: (links: readonly PanelLink[]) => void;
}): ReactNode {
  const m = useMessages(editWords);
  const links = Array.isArray(value) ? (value as readonly PanelLink[]) : [];
  const put = (index: number, change: Partial<PanelLink>): void => {
    const link = links[index];
    if (link !== undefined) onChange(replaced(links, index, { ...link, ...change } as PanelLink));
  };
  return (
    <div className={css.rows}>
      {links.map((link, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: links have nothing but their place.
        <div key={index} className={css.mapping}>
          <div className={css.rowLine}>
            <LazyText
              aria-label={m.linkTitle}
              placeholder={m.linkTitle}
              value={link.title}
              onCommit={(title) => put(index, { title })}
            />
            <IconButton icon={X} label={m.remove} onClick={() => onChange(removed(links, index))} />
          </div>
          <LazyText
            mono
            aria-label={m.linkUrl}
            placeholder="/d/uid?var-name=${__value.text}"
            value={link.url}
            onCommit={(url) => put(index, { url })}
          />
          <label className={css.check}>
            <input
              type="checkbox"
              checked={link.targetBlank === true}
              onChange={(event) => put(index, { targetBlank: event.target.checked })}
            />
            <span>{m.newTab}</span>
          </label>
        </div>
      ))}
      <div>
        <Button
          look="quiet"
          icon={Plus}
          onClick={() => onChange([...links, { title: '', url: '' }])}
        >
          {m.addLink}
        </Button>
      </div>
    </div>
  );
}
