import type { ReactNode } from 'react';
import type { Labels } from '../../api/metrics.ts';
import css from './metrics.module.css';

/** Labels as chips. */
export function LabelList({
  labels,
  except = [],
}: {
  readonly labels: Labels;
  readonly except?: readonly string[];
}): ReactNode {
  return (
    <span className={css.labels}>
      {Object.entries(labels)
        .filter(([name]) => !except.includes(name))
        .map(([name, value]) => (
          <code key={name} className={css.label}>
            <span>{name}=</span>
            {value}
          </code>
        ))}
    </span>
  );
}
