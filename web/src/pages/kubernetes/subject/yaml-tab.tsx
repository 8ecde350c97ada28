import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Copy, FileX } from 'lucide-react';
import { memo, type ReactNode, useMemo } from 'react';
import { ApiError } from '../../../api/client.ts';
import { kubernetesApi } from '../../../api/kubernetes.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { IconButton } from '../../../ui/button.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { copyText } from '../../../ui/toast.tsx';
import { kubernetesWords } from '../words.ts';
import css from './subject.module.css';
import { yamlLines } from './yaml-parts.ts';

/** An object as the API server has it now: to read and to copy. */
export function YamlTab({
  kind,
  namespace,
  name,
}: {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const c = useMessages(common);
  const query = useQuery({
    queryKey: ['kubernetes-yaml', kind, namespace, name],
    queryFn: ({ signal }) => kubernetesApi.object({ kind, namespace, name }, signal),
    placeholderData: keepPreviousData,
    retry: retryWhenAway,
  });
  if (query.isError) {
    const isGone = query.error instanceof ApiError && query.error.status === 404;
    return isGone ? (
      <Empty icon={FileX} title={m.gone} text={m.goneText} />
    ) : (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  if (query.data === undefined) return <SkeletonLines count={16} />;
  const { yaml, redacted, resourceVersion } = query.data;
  return (
    <div className={css.yaml}>
      <div className={css.yamlTools}>
        <span>
          {m.asOf(resourceVersion)} {redacted && m.redacted}
        </span>
        <IconButton icon={Copy} label={c.copy} onClick={() => void copyText(yaml)} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus. */}
      <section className={css.code} tabIndex={0} aria-label={m.spec}>
        <Highlighted yaml={yaml} />
      </section>
    </div>
  );
}

const Highlighted = memo(function Highlighted({ yaml }: { readonly yaml: string }): ReactNode {
  const lines = useMemo(() => yamlLines(yaml), [yaml]);
  return (
    <pre>
      {lines.map((pieces, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name.
        <span key={index}>
          {pieces.map(({ part, text }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: nor have their pieces.
            <span key={at} data-part={part}>
              {text}
            </span>
          ))}
          {'\n'}
        </span>
      ))}
    </pre>
  );
});
