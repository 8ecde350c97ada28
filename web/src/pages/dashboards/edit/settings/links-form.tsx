import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DashboardLink } from '../../../../../../src/dashboards/model/contract.ts';
import { replaced } from '../../../../dashboards/editing/lists.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Button } from '../../../../ui/button.tsx';
import { Field } from '../../../../ui/field.tsx';
import { Segmented } from '../../../../ui/segmented.tsx';
import { LazyText } from '../panel/lazy-text.tsx';
import panelCss from '../panel/panel-editor.module.css';
import type { Editing } from '../use-editing.ts';
import { editWords } from '../words.ts';
import { EntryList } from './entry-list.tsx';
import { Check } from './form-parts.tsx';
import { settingsWords } from './words.ts';

/** Links at the top of a dashboard. */
export function LinksForm({ editing }: { readonly editing: Editing }): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(settingsWords);
  const { links } = editing.dashboard;
  const put = (next: readonly DashboardLink[]): void =>
    editing.change((before) => ({ ...before, links: next }));
  return (
    <>
      <EntryList
        list={links}
        empty={own.noLinks}
        nameOf={({ title, url, tags = [] }) => title || url || tags.join(', ') || m.linkTitle}
        onChange={put}
      >
        {(link, index) => {
          const set = (change: Partial<DashboardLink>): void =>
            put(replaced(links, index, { ...link, ...change } as DashboardLink));
          return (
            <>
              <div className={panelCss.line}>
                <Field label={m.linkTitle}>
                  {(control) => (
                    <LazyText
                      {...control}
                      value={link.title}
                      onCommit={(title) => set({ title })}
                    />
                  )}
                </Field>
                <Field label={own.linkKind}>
                  {() => (
                    <Segmented
                      label={own.linkKind}
                      value={link.type}
                      options={(['link', 'dashboards'] as const).map((value) => ({
                        value,
                        label: own.linkKinds[value],
                      }))}
                      onChange={(type) => set({ type })}
                    />
                  )}
                </Field>
              </div>
              {link.type === 'link' ? (
                <Field label={m.linkUrl}>
                  {(control) => (
                    <LazyText
                      {...control}
                      mono
                      value={link.url ?? ''}
                      onCommit={(url) => set({ url })}
                    />
                  )}
                </Field>
              ) : (
                <Field label={own.tags}>
                  {(control) => (
                    <LazyText
                      {...control}
                      value={(link.tags ?? []).join(', ')}
                      onCommit={(text) =>
                        set({
                          tags: text
                            .split(',')
                            .map((tag) => tag.trim())
                            .filter(Boolean),
                        })
                      }
                    />
                  )}
                </Field>
              )}
              <div className={panelCss.line}>
                <Check
                  label={own.keepTime}
                  checked={link.keepTime === true}
                  onChange={(keepTime) => set({ keepTime })}
                />
                <Check
                  label={own.includeVars}
                  checked={link.includeVars === true}
                  onChange={(includeVars) => set({ includeVars })}
                />
                <Check
                  label={m.newTab}
                  checked={link.targetBlank === true}
                  onChange={(targetBlank) => set({ targetBlank })}
                />
                {link.type === 'dashboards' && (
                  <Check
                    label={own.asDropdown}
                    checked={link.asDropdown === true}
                    onChange={(asDropdown) => set({ asDropdown })}
                  />
                )}
              </div>
            </>
          );
        }}
      </EntryList>
      <div>
        <Button
          icon={Plus}
          onClick={() => put([...links, { type: 'link', title: '', url: '', keepTime: true }])}
        >
          {m.addLink}
        </Button>
      </div>
    </>
  );
}
