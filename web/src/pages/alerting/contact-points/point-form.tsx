import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Plus, Send, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useDeferredValue, useState } from 'react';
import { grafanaAlertingApi, type WireContactPoint } from '../../../api/grafana-alerting.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import { Card, Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import css from '../alerting.module.css';
import { LinkButton } from '../link-button.tsx';
import { useContactPoints } from '../use-contact-points.ts';
import { alertingWords } from '../words.ts';
import { IntegrationFields } from './integration-fields.tsx';
import { givenSettings, type IntegrationKind, missingSettings } from './integration-kinds.ts';
import { MessagePreview } from './message-preview.tsx';
import { TestDialog } from './test-dialog.tsx';
import { useIntegrationKinds } from './use-integration-kinds.ts';
import { contactPointsWords } from './words.ts';

const listPage = '/alerting/notifications';
const newIntegration: WireContactPoint = { name: '', type: 'slack', settings: {} };

export function NewContactPoint(): ReactNode {
  return <PointForm oldName={undefined} old={[newIntegration]} />;
}

export function EditContactPoint(): ReactNode {
  const { name = '' } = useParams({ strict: false }) as { readonly name?: string };
  const { points, isLoading, error } = useContactPoints();
  const point = points.find((one) => one.name === name);
  if (error !== null) return <ErrorState error={error} />;
  if (isLoading) return <SkeletonLines count={8} />;
  if (point === undefined) return <Gone />;
  return <PointForm key={name} oldName={name} old={point.integrations} />;
}

function Gone(): ReactNode {
  const m = useMessages(contactPointsWords);
  return <Empty icon={Send} title={m.gone} />;
}

function PointForm({
  oldName,
  old,
}: {
  readonly oldName: string | undefined;
  readonly old: readonly WireContactPoint[];
}): ReactNode {
  const m = useMessages(contactPointsWords);
  const words = useMessages(alertingWords);
  const shared = useMessages(common);
  const title = oldName === undefined ? m.add : m.edit;
  usePageTitle(
    { label: words.alerting },
    { label: words.contactPoints, to: listPage },
    { label: oldName ?? title },
  );
  const navigate = useNavigate();
  const client = useQueryClient();
  const { names } = useContactPoints();
  const kinds = useIntegrationKinds();
  const kindOf = (type: string): IntegrationKind | undefined =>
    kinds?.find((kind) => kind.type === type);
  const [name, setName] = useState(oldName ?? '');
  const [integrations, setIntegrations] = useState(old);
  const [isAsked, setIsAsked] = useState(false);
  const [testing, setTesting] = useState<number>();
  const shown = useDeferredValue(integrations);
  const isTaken = name.trim() !== oldName && names.includes(name.trim());
  const nameError = name.trim() === '' ? m.needName : isTaken ? m.nameTaken : undefined;
  const isGood =
    nameError === undefined &&
    integrations.every((one) => missingSettings(kindOf(one.type), one.settings).length === 0);
  const save = useMutation({
    mutationFn: () => saveAll(old, integrations, name.trim()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['alerting'] });
      toast(words.saved);
      await navigate({ to: listPage } as never);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsAsked(true);
    if (isGood) save.mutate();
  };
  const change = (at: number, next: Partial<WireContactPoint>): void =>
    setIntegrations(integrations.map((one, index) => (index === at ? { ...one, ...next } : one)));
  if (kinds === undefined) return <SkeletonLines count={8} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={title}>
      <h1 className="visually-hidden">{title}</h1>
      <form className={css.form} onSubmit={submit} noValidate>
        <Field label={m.name} {...(isAsked && nameError ? { error: nameError } : {})}>
          {(control) => <TextInput {...control} value={name} onChange={setName} />}
        </Field>
        {integrations.map((integration, at) => (
          <Card
            // biome-ignore lint/suspicious/noArrayIndexKey: an integration is what stands there.
            key={at}
            title={kindOf(integration.type)?.label ?? integration.type}
            actions={
              <>
                <Button icon={Send} onClick={() => setTesting(at)}>
                  {m.test}
                </Button>
                {integrations.length > 1 && (
                  <IconButton
                    icon={X}
                    label={m.removeIntegration}
                    onClick={() => setIntegrations(integrations.filter((_, index) => index !== at))}
                  />
                )}
              </>
            }
          >
            <div className={css.cardBody}>
              <Field label={m.integration}>
                {({ id }) => (
                  <div className={css.pick}>
                    <Select
                      id={id}
                      label={m.integration}
                      value={integration.type}
                      options={typeOptions(kinds ?? [], integration.type)}
                      onChange={(type) => change(at, { type, settings: {} })}
                    />
                  </div>
                )}
              </Field>
              <IntegrationFields
                key={integration.type}
                kind={kindOf(integration.type)}
                value={integration}
                isAsked={isAsked}
                onChange={(next) => change(at, next)}
              />
            </div>
          </Card>
        ))}
        <div>
          <Button icon={Plus} onClick={() => setIntegrations([...integrations, newIntegration])}>
            {m.addIntegration}
          </Button>
        </div>
        {save.isError && <ErrorState error={save.error} />}
        <div className={css.actions}>
          <Button type="submit" look="primary" disabled={save.isPending}>
            {m.save}
          </Button>
          <LinkButton to={listPage}>{shared.cancel}</LinkButton>
        </div>
        {shown[0] !== undefined && (
          <MessagePreview kind={kindOf(shown[0].type)} name={name} integration={shown[0]} />
        )}
      </form>
      {testing !== undefined && integrations[testing] !== undefined && (
        <TestDialog
          name={name.trim()}
          integration={{
            ...integrations[testing],
            settings: givenSettings(integrations[testing].settings),
          }}
          onClose={() => setTesting(undefined)}
        />
      )}
    </section>
  );
}

/** Kinds that have a form, and the one that is chosen although it has none. */
function typeOptions(
  kinds: readonly IntegrationKind[],
  chosen: string,
): { readonly value: string; readonly label: string }[] {
  const known = kinds.map(({ type, label }) => ({ value: type, label }));
  const isKnown = known.some(({ value }) => value === chosen);
  return isKnown ? known : [...known, { value: chosen, label: chosen }];
}

/** One request for each integration: new ones first, so that there is never none. */
async function saveAll(
  old: readonly WireContactPoint[],
  integrations: readonly WireContactPoint[],
  name: string,
): Promise<void> {
  for (const integration of integrations) {
    const { provenance: _provenance, ...rest } = integration;
    const point = { ...rest, name, settings: givenSettings(integration.settings) };
    if (point.uid === undefined) await grafanaAlertingApi.addContactPoint(point);
    else await grafanaAlertingApi.setContactPoint(point.uid, point);
  }
  for (const { uid } of old) {
    const isGone = uid !== undefined && integrations.every((one) => one.uid !== uid);
    if (isGone) await grafanaAlertingApi.deleteContactPoint(uid);
  }
}
