import { TriangleAlert } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import type { Dashboard, Variable } from '../../../../../../src/dashboards/model/contract.ts';
import {
  cyclesIn,
  dependenciesOf,
  type VariableState,
} from '../../../../../../src/dashboards/variables/index.ts';
import { usesOf, type VariableUse } from '../../../../dashboards/editing/uses.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { useFormat } from '../../../../i18n/use-format.ts';
import { useSetView } from '../../../../state/view.ts';
import { Button } from '../../../../ui/button.tsx';
import { Status } from '../../../../ui/states.tsx';
import panelCss from '../panel/panel-editor.module.css';
import css from './settings-editor.module.css';
import { settingsWords } from './words.ts';

/** More values than these are not looked at. */
const maxShown = 40;
const maxUses = 30;

/** Variables that wait for each other and for this one; undefined: it is in no circle. */
export function circleOf(
  variable: Variable,
  list: readonly Variable[],
): readonly string[] | undefined {
  const needs = new Map(list.map((one) => [one.name, dependenciesOf(one)] as const));
  const circle = cyclesIn(needs);
  if (!circle.has(variable.name)) return undefined;
  // Two circles may be there at once: only those that lead back here are of this one.
  const leadsTo = (from: string, wanted: string, seen = new Set<string>()): boolean =>
    [...(needs.get(from) ?? [])].some((next) => {
      if (next === wanted) return true;
      if (seen.has(next) || !circle.has(next)) return false;
      seen.add(next);
      return leadsTo(next, wanted, seen);
    });
  return [...circle].filter((name) => leadsTo(variable.name, name) && leadsTo(name, variable.name));
}

/** What the variable comes to now. */
export function VariableValues({
  variable,
  list,
  state,
}: {
  readonly variable: Variable;
  readonly list: readonly Variable[];
  readonly state: VariableState | undefined;
}): ReactNode {
  const m = useMessages(settingsWords);
  const f = useFormat();
  const circle = circleOf(variable, list);
  if (circle !== undefined) {
    return (
      <p className={css.problem} role="alert">
        <TriangleAlert size={14} strokeWidth={1.5} aria-hidden />
        {m.circle(circle.map((name) => `$${name}`).join(' → '))}
      </p>
    );
  }
  if (state === undefined) return null;
  const { options, error } = state;
  return (
    <section className={css.values} aria-label={m.values}>
      <span className={panelCss.note}>
        {m.values}
        {options.length > 0 && ` (${f.number(options.length)})`}
      </span>
      {error !== undefined && <Status kind="critical">{error}</Status>}
      {error === undefined && options.length === 0 && (
        <span className={panelCss.note}>{m.noValues}</span>
      )}
      {options.slice(0, maxShown).map(({ value, text }) => (
        <code key={value} title={value}>
          {text === value || value.startsWith('$__') ? text : `${text} : ${value}`}
        </code>
      ))}
      {options.length > maxShown && <span>+{f.number(options.length - maxShown)}</span>}
    </section>
  );
}

/** Who would miss it. */
export function VariableUses({
  dashboard,
  name,
}: {
  readonly dashboard: Dashboard;
  readonly name: string;
}): ReactNode {
  const m = useMessages(settingsWords);
  const setView = useSetView();
  const uses = useMemo(() => usesOf(dashboard, name), [dashboard, name]);
  const shown = uses.slice(0, maxUses);
  const label = (use: VariableUse): string => `${m.useKinds[use.kind]} ${use.title}`;
  return (
    <section className={css.values} aria-label={m.uses}>
      <span className={panelCss.note}>{uses.length === 0 ? m.noUses : m.uses}</span>
      {shown.map((use, index) =>
        use.kind === 'panel' ? (
          <Button
            // biome-ignore lint/suspicious/noArrayIndexKey: two panels may have one title.
            key={index}
            look="quiet"
            onClick={() => setView({ editPanel: String(use.id), editview: undefined })}
          >
            {label(use)}
          </Button>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          <span key={index}>{label(use)}</span>
        ),
      )}
      {uses.length > maxUses && <span>+{uses.length - maxUses}</span>}
    </section>
  );
}
