import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { StatusIcon, type StatusKind } from '../../../ui/states.tsx';
import { kubernetesWords } from '../words.ts';
import css from './subject.module.css';

export function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Name, state in words and facts of what a page is about. */
export function SubjectHeader({
  kind,
  name,
  status,
  state,
  children,
}: {
  readonly kind: string;
  readonly name: string;
  readonly status: StatusKind | undefined;
  /** In words; empty: nothing to say. */
  readonly state: string;
  /** Facts. */
  readonly children: ReactNode;
}): ReactNode {
  return (
    <header className={css.header}>
      <div className={css.titleLine}>
        <h1 className={css.title}>{name}</h1>
        <span className={css.kind}>{kind}</span>
        {status !== undefined && <StatusIcon kind={status} />}
        <span className={css.stateWord}>{state}</span>
      </div>
      <dl className={css.facts}>{children}</dl>
    </header>
  );
}

/** How old something is, with its time of birth in the tooltip. */
export function AgeFact({ createdAtMs }: { readonly createdAtMs: number }): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  return (
    <Fact name={m.age}>
      <span title={f.exactTime(createdAtMs)}>
        {f.duration(Math.max(0, Date.now() - createdAtMs))}
      </span>
    </Fact>
  );
}
