import type { ReactNode } from 'react';
import { grafanaTheme } from '../../../../../../src/dashboards/fields/grafana-theme.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { isDark, usePreferences } from '../../../../state/preferences.ts';
import { LazyText } from './lazy-text.tsx';
import css from './panel-editor.module.css';
import { panelWords } from './words.ts';

/** A colour, by name (`semi-dark-red`), as CSS writes it, or picked. */
export function ColorInput({
  id,
  label,
  value,
  onChange,
}: {
  readonly id?: string;
  readonly label: string;
  readonly value: unknown;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const dark = isDark(usePreferences());
  const name = typeof value === 'string' ? value : '';
  const color = grafanaTheme(dark).visualization.getColorByName(name);
  return (
    <span className={css.color}>
      <input
        type="color"
        aria-label={`${label}: ${m.chooseColor}`}
        value={/^#[0-9a-f]{6}$/i.test(color) ? color : '#808080'}
        onChange={(event) => onChange(event.target.value)}
      />
      <LazyText
        {...(id === undefined ? {} : { id })}
        mono
        aria-label={label}
        value={name}
        onCommit={onChange}
      />
    </span>
  );
}
