import { useMemo } from 'react';
import { adhocText, type VariableStates } from '../../../../../src/dashboards/variables/index.ts';
import type { PanelFilter } from '../../../panels/contract.ts';
import { useSetView } from '../../../state/view.ts';

/** Adds a filter to the dashboard's variable for them; undefined: it has none. */
export function useFilter(states: VariableStates): ((filter: PanelFilter) => void) | undefined {
  const setView = useSetView();
  const state = [...states.values()].find(({ variable }) => variable.type === 'adhoc');
  const name = state?.variable.name;
  const held = JSON.stringify((state?.filters ?? []).map(adhocText));
  return useMemo(() => {
    if (name === undefined) return undefined;
    return (filter) => {
      const filters = JSON.parse(held) as readonly string[];
      const text = adhocText(filter);
      if (!filters.includes(text)) setView({ [`var-${name}`]: [...filters, text] });
    };
  }, [name, held, setView]);
}
