import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { type Health, kubernetesApi, maxListRows, type Page } from '../../../api/kubernetes.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { SearchInput, TextInput } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Select } from '../../../ui/select.tsx';
import { kubernetesWords } from '../words.ts';
import css from './lists.module.css';

const namespaceRefreshMs = 60_000;

/** Names of all namespaces, for pickers. */
export function useNamespaces(): readonly string[] {
  const query = useQuery({
    queryKey: ['kubernetes-namespaces'],
    queryFn: ({ signal }) => kubernetesApi.list('namespaces', { limit: maxListRows }, signal),
    staleTime: namespaceRefreshMs,
    retry: retryWhenAway,
  });
  return query.data?.items.map(({ name }) => name) ?? [];
}

export function NamespacePicker(): ReactNode {
  const m = useMessages(kubernetesWords);
  const setView = useSetView();
  const value = useTextParam('namespace');
  const names = useNamespaces();
  return (
    <Select
      label={m.namespace}
      options={[
        { value: '', label: m.allNamespaces },
        ...[...new Set([...names, ...(value === '' ? [] : [value])])]
          .toSorted()
          .map((name) => ({ value: name, label: name })),
      ]}
      value={value}
      onChange={(namespace) => setView({ namespace })}
    />
  );
}

export function ListSearch({ isNarrow = false }: { readonly isNarrow?: boolean }): ReactNode {
  const m = useMessages(kubernetesWords);
  const setView = useSetView();
  return (
    <SearchInput
      className={isNarrow ? css.narrowFilter : css.filter}
      label={m.filterList}
      value={useTextParam('search')}
      onSearch={(search) => setView({ search }, { replace: true })}
    />
  );
}

/** By labels, as kubectl takes a selector. */
export function LabelSearch({ isInvalid }: { readonly isInvalid: boolean }): ReactNode {
  const m = useMessages(kubernetesWords);
  const setView = useSetView();
  const value = useTextParam('labels');
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setView({ labels: text.trim() }, { replace: true });
      }}
    >
      <TextInput
        className={css.labels}
        mono
        aria-label={m.labelSelector}
        aria-invalid={isInvalid || undefined}
        placeholder={m.labelSelectorExample}
        value={text}
        onChange={setText}
        onBlur={() => setView({ labels: text.trim() }, { replace: true })}
      />
    </form>
  );
}

const healths: readonly Health[] = ['degraded', 'progressing', 'healthy', 'idle'];

/** By how they are, with how many each has. */
export function HealthFilter({ counts }: { readonly counts: Page<unknown>['health'] }): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const setView = useSetView();
  const value = useTextParam('health');
  const shown = healths.filter((health) => (counts[health] ?? 0) > 0 || health === value);
  return (
    <Segmented
      label={m.state}
      value={value}
      options={[
        { value: '', label: m.all },
        ...shown.map((health) => ({
          value: health,
          label: (
            <>
              {m.health[health]} <span className={css.count}>{f.number(counts[health] ?? 0)}</span>
            </>
          ),
        })),
      ]}
      onChange={(health) => setView({ health }, { replace: true })}
    />
  );
}
