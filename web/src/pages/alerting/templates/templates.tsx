import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileText, Info, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { grafanaAlertingApi } from '../../../api/grafana-alerting.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import page from '../../../ui/page.module.css';
import { Card, Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import css from '../alerting.module.css';
import { useRouting } from '../use-routing.ts';
import { alertingWords } from '../words.ts';
import { TemplateEditor } from './template-editor.tsx';
import { templatesWords } from './words.ts';

/** `template=` of the link for one that is not there yet. */
const newMark = '+';

/** Templates of messages, and one of them being written. */
export function Templates(): ReactNode {
  const m = useMessages(templatesWords);
  const words = useMessages(alertingWords);
  const shared = useMessages(common);
  const setView = useSetView();
  const client = useQueryClient();
  const routing = useRouting();
  const isOurs = routing.data?.owner === 'api';
  const query = useQuery({
    queryKey: ['alerting', 'templates'],
    queryFn: ({ signal }) => grafanaAlertingApi.templates(signal),
    enabled: isOurs,
  });
  const open = useTextParam('template');
  const [deleting, setDeleting] = useState<string>();
  const remove = useMutation({
    mutationFn: (name: string) => grafanaAlertingApi.deleteTemplate(name),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['alerting'] });
      setDeleting(undefined);
      toast(words.deleted);
    },
  });
  if (routing.isError) return <ErrorState error={routing.error} />;
  if (query.isError) return <ErrorState error={query.error} />;
  if (routing.data === undefined || (isOurs && query.data === undefined)) {
    return <SkeletonLines count={6} />;
  }
  const opened = query.data?.find(({ name }) => name === open);
  const isNew = open === newMark;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={words.templates}>
      <div className={css.stack}>
        {!isOurs && (
          <p className={page.notice}>
            <Info size={16} strokeWidth={1.5} aria-hidden />
            {m.ofFile}
          </p>
        )}
        {isNew || opened !== undefined || !isOurs ? (
          <TemplateEditor
            key={open}
            name={opened?.name}
            source={opened?.template ?? m.example}
            isReadOnly={!isOurs || (opened?.provenance ?? '') !== ''}
            onClose={() => setView({ template: '' })}
          />
        ) : (
          <>
            <div className={css.tools}>
              <Button
                icon={Plus}
                className={css.push}
                onClick={() => setView({ template: newMark })}
              >
                {m.add}
              </Button>
            </div>
            {query.data?.length === 0 && <Empty icon={FileText} title={m.none} text={m.noneText} />}
            {query.data?.map(({ name, template, provenance = '' }) => (
              <Card
                key={name}
                title={name}
                actions={
                  <>
                    <Button onClick={() => setView({ template: name })}>{words.edit}</Button>
                    {provenance === '' && (
                      <Button look="quiet" onClick={() => setDeleting(name)}>
                        {shared.delete}
                      </Button>
                    )}
                  </>
                }
              >
                <div className={css.cardBody}>
                  <pre className={css.code}>{template}</pre>
                </div>
              </Card>
            ))}
          </>
        )}
      </div>
      {deleting !== undefined && (
        <FormDialog
          open
          danger
          title={m.deleteAsk(deleting)}
          action={shared.delete}
          busy={remove.isPending}
          onClose={() => setDeleting(undefined)}
          onSubmit={() => remove.mutate(deleting)}
        >
          {remove.isError && <p className={css.error}>{remove.error.message}</p>}
        </FormDialog>
      )}
    </section>
  );
}
