import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Info, MoreHorizontal, Plus, Send } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { WireIntegration, WireRoute } from '../../../api/alertmanager.ts';
import { apiUrl } from '../../../api/client.ts';
import { exportPath, grafanaAlertingApi } from '../../../api/grafana-alerting.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { IconButton } from '../../../ui/button.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import page from '../../../ui/page.module.css';
import { Card, Empty, ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { LinkButton } from '../link-button.tsx';
import { type ContactPoint, useContactPoints } from '../use-contact-points.ts';
import { useRouting } from '../use-routing.ts';
import { alertingWords } from '../words.ts';
import { useIntegrationKinds } from './use-integration-kinds.ts';
import { contactPointsWords } from './words.ts';

/** Who can be told, how that went last, and who uses them. */
export function ContactPointList(): ReactNode {
  const m = useMessages(contactPointsWords);
  const words = useMessages(alertingWords);
  const shared = useMessages(common);
  const client = useQueryClient();
  const setView = useSetView();
  const text = useTextParam('q');
  const routing = useRouting();
  const isOurs = routing.data?.owner === 'api';
  const written = useContactPoints();
  const ruler = useQuery({
    queryKey: ['alerting', 'ruler'],
    queryFn: ({ signal }) => grafanaAlertingApi.rulerRules(signal),
  });
  const [deleting, setDeleting] = useState<ContactPoint>();
  const remove = useMutation({
    mutationFn: async (point: ContactPoint) => {
      for (const { uid } of point.integrations) {
        if (uid !== undefined) await grafanaAlertingApi.deleteContactPoint(uid);
      }
    },
    onSuccess: () => setDeleting(undefined),
    onSettled: () => client.invalidateQueries({ queryKey: ['alerting'] }),
  });
  if (routing.isError) return <ErrorState error={routing.error} />;
  if (routing.data === undefined) return <SkeletonLines count={6} />;
  const { receivers, route, file, now } = routing.data;
  const inForce = new Map(receivers.map((one) => [one.name, one.integrations]));
  const names = [...new Set([...written.names, ...inForce.keys()])].filter((name) =>
    name.toLowerCase().includes(text.toLowerCase()),
  );
  const rulesOf = (name: string): number =>
    Object.values(ruler.data ?? {})
      .flat()
      .flatMap(({ rules }) => rules)
      .filter((rule) => rule.grafana_alert.notification_settings?.receiver === name).length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={words.contactPoints}>
      <div className={css.stack}>
        {!isOurs && (
          <p className={page.notice}>
            <Info size={16} strokeWidth={1.5} aria-hidden />
            {m.besideFile(file ?? '')}
          </p>
        )}
        <div className={css.tools}>
          <SearchInput
            className={css.filter}
            label={m.search}
            value={text}
            onSearch={(q) => setView({ q }, { replace: true })}
          />
          <LinkButton
            className={css.push}
            look="primary"
            to="/alerting/notifications/receivers/new"
            icon={Plus}
          >
            {m.add}
          </LinkButton>
        </div>
        {written.error !== null && <ErrorState error={written.error} />}
        {names.length === 0 && (
          <Empty icon={Send} title={text === '' ? m.none : words.noMatch} text={m.noneText} />
        )}
        {names.map((name) => (
          <Point
            key={name}
            name={name}
            written={written.points.find((one) => one.name === name)}
            inForce={inForce.get(name) ?? []}
            policies={countPolicies(route, name)}
            rules={rulesOf(name)}
            nowMs={now}
            onDelete={setDeleting}
          />
        ))}
      </div>
      {deleting !== undefined && (
        <FormDialog
          open
          danger
          title={m.delete(deleting.name)}
          action={shared.delete}
          busy={remove.isPending}
          onClose={() => {
            remove.reset();
            setDeleting(undefined);
          }}
          onSubmit={() => remove.mutate(deleting)}
        >
          {remove.isError && <p className={css.error}>{remove.error.message}</p>}
        </FormDialog>
      )}
    </section>
  );
}

const countPolicies = (route: WireRoute, name: string): number =>
  Number(route.receiver === name) +
  route.routes.reduce((sum, child) => sum + countPolicies(child, name), 0);

function Point({
  name,
  written,
  inForce,
  policies,
  rules,
  nowMs,
  onDelete,
}: {
  readonly name: string;
  readonly written: ContactPoint | undefined;
  readonly inForce: readonly WireIntegration[];
  readonly policies: number;
  readonly rules: number;
  readonly nowMs: number;
  readonly onDelete: (point: ContactPoint) => void;
}): ReactNode {
  const m = useMessages(contactPointsWords);
  const words = useMessages(alertingWords);
  const shared = useMessages(common);
  const f = useFormat();
  const navigate = useNavigate();
  const isLocked = written?.integrations.some(({ provenance = '' }) => provenance !== '') ?? true;
  const isUsed = policies + rules > 0;
  const uses = [
    ...(policies > 0 ? [m.usedByPolicies(f.number(policies))] : []),
    ...(rules > 0 ? [m.usedByRules(f.number(rules))] : []),
  ];
  const edit = `/alerting/notifications/receivers/${encodeURIComponent(name)}/edit`;
  return (
    <Card
      title={name}
      actions={
        <>
          <span className={css.quiet}>{uses.length === 0 ? m.unused : uses.join(', ')}</span>
          {written !== undefined && isLocked && <span className={css.quiet}>{m.provisioned}</span>}
          {written !== undefined && (
            <Menu
              align="end"
              trigger={<IconButton icon={MoreHorizontal} label={m.moreFor(name)} />}
            >
              <MenuItem disabled={isLocked} onSelect={() => void navigate({ to: edit } as never)}>
                {words.edit}
              </MenuItem>
              <MenuItem
                onSelect={() => {
                  const path = exportPath('contact-points', `&name=${encodeURIComponent(name)}`);
                  window.location.assign(apiUrl(path));
                }}
              >
                {words.exportYaml}
              </MenuItem>
              <MenuItem
                danger
                disabled={isLocked || isUsed}
                {...(isUsed ? { note: m.deleteBlocked } : {})}
                onSelect={() => onDelete(written)}
              >
                {shared.delete}
              </MenuItem>
            </Menu>
          )}
        </>
      }
    >
      <div className={css.cardBody}>
        {inForce.length === 0 && <span className={css.quiet}>{m.noIntegrations}</span>}
        {inForce.map((integration) => (
          <Integration key={integration.name} integration={integration} nowMs={nowMs} />
        ))}
      </div>
    </Card>
  );
}

function Integration({
  integration,
  nowMs,
}: {
  readonly integration: WireIntegration;
  readonly nowMs: number;
}): ReactNode {
  const m = useMessages(contactPointsWords);
  const f = useFormat();
  const { kind, sendResolved, lastAttempt } = integration;
  const kinds = useIntegrationKinds();
  // Ways in which contact points make their messages have kinds of their own.
  const type = kind.replace(/^grafana([A-Z])/, (_, first: string) => first.toLowerCase());
  return (
    <div className={css.tools}>
      <strong>{kinds?.find((one) => one.type === type)?.label ?? type}</strong>
      {!sendResolved && <span className={css.quiet}>{m.firingOnly}</span>}
      {lastAttempt === undefined ? (
        <span className={css.quiet}>{m.neverSent}</span>
      ) : lastAttempt.error === undefined ? (
        <Status kind="ok">
          <span title={f.exactTime(lastAttempt.at)}>
            {m.lastSent(f.ago(lastAttempt.at, nowMs), f.duration(lastAttempt.durationMs))}
          </span>
        </Status>
      ) : (
        <span className={css.failure}>
          <Status kind="critical">
            {m.lastFailed(f.ago(lastAttempt.at, nowMs), lastAttempt.error)}
          </Status>
        </span>
      )}
    </div>
  );
}
