import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { MoreHorizontal } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { apiUrl } from '../../../api/client.ts';
import {
  exportPath,
  grafanaAlertingApi,
  type WireRulerRule,
} from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import type { Search } from '../../../state/url.ts';
import { IconButton } from '../../../ui/button.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../../ui/menu.tsx';
import { toast, toastError } from '../../../ui/toast.tsx';
import css from '../alerting.module.css';
import { alertingWords } from '../words.ts';
import { ruleLink, silenceOfRule } from './rule-link.ts';
import type { AlertingRule } from './rule-model.ts';
import { rulesWords } from './words.ts';

/** What can be done with a rule. */
export function RuleActions({
  rule,
  onDeleted = () => {},
}: {
  readonly rule: AlertingRule;
  readonly onDeleted?: () => void;
}): ReactNode {
  const m = useMessages(rulesWords);
  const words = useMessages(alertingWords);
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const done = (): Promise<void> => client.invalidateQueries({ queryKey: ['alerting'] });
  const { own } = rule;
  const isPaused = own?.definition.grafana_alert.is_paused ?? false;
  const isLocked = (own?.definition.grafana_alert.provenance ?? '') !== '';
  const pause = useMutation({
    mutationFn: () =>
      changeRule(rule, (one) => ({
        ...one,
        grafana_alert: { ...one.grafana_alert, is_paused: !isPaused },
      })),
    onSuccess: async () => {
      await done();
      toast(isPaused ? m.resumed : m.paused);
    },
    onError: (error) => toastError(error.message),
  });
  const remove = useMutation({
    mutationFn: () => grafanaAlertingApi.deleteRule(own?.uid ?? ''),
    onSuccess: async () => {
      await done();
      setIsDeleting(false);
      toast(words.deleted);
      onDeleted();
    },
  });
  const go = (to: string, search: Search = {}): void => void navigate({ to, search } as never);
  const link = ruleLink(rule);
  return (
    <>
      <Menu align="end" trigger={<IconButton icon={MoreHorizontal} label={m.more(rule.name)} />}>
        <MenuItem onSelect={() => go(link.to, link.search)}>{m.view}</MenuItem>
        {rule.state !== 'recording' && (
          <MenuItem onSelect={() => go('/alerting/silence/new', silenceOfRule(rule))}>
            {m.silence}
          </MenuItem>
        )}
        {own !== undefined && (
          <>
            <MenuItem disabled={isLocked} onSelect={() => go(`/alerting/${own.uid}/edit`)}>
              {words.edit}
            </MenuItem>
            <MenuItem onSelect={() => go('/alerting/new', { copyFrom: own.uid })}>
              {words.duplicate}
            </MenuItem>
            <MenuItem disabled={isLocked} onSelect={() => pause.mutate()}>
              {isPaused ? m.resume : m.pause}
            </MenuItem>
            <MenuItem
              onSelect={() => window.location.assign(apiUrl(exportPath(`alert-rules/${own.uid}`)))}
            >
              {words.exportYaml}
            </MenuItem>
            <MenuSeparator />
            <MenuItem danger disabled={isLocked} onSelect={() => setIsDeleting(true)}>
              {m.delete}
            </MenuItem>
          </>
        )}
      </Menu>
      {isDeleting && (
        <FormDialog
          open
          danger
          title={m.deleteAsk(rule.name)}
          action={m.delete}
          busy={remove.isPending}
          onClose={() => setIsDeleting(false)}
          onSubmit={() => remove.mutate()}
        >
          <p>{m.deleteText}</p>
          {remove.isError && <p className={css.error}>{remove.error.message}</p>}
        </FormDialog>
      )}
    </>
  );
}

/** Reads the group as it is now, so that what others changed meanwhile stays. */
async function changeRule(
  { own, group }: AlertingRule,
  change: (rule: WireRulerRule) => WireRulerRule,
): Promise<void> {
  if (own === undefined) return;
  const now = await grafanaAlertingApi.rulerGroup(own.folderUid, group);
  if (now === undefined) return;
  const rules = now.rules.map((one) => (one.grafana_alert.uid === own.uid ? change(one) : one));
  await grafanaAlertingApi.setRulerGroup(own.folderUid, { ...now, rules });
}
