import { type ReactNode, useMemo } from 'react';
import { seriesModel } from '../../../../src/dashboards/fields/models/series-model.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { panelWords } from '../words.ts';
import { XyChart } from './xy-chart.tsx';

/** Lines, bars and points over time. */
export function Body(props: PanelBodyProps): ReactNode {
  const { frames, theme } = props.fields;
  const m = useMessages(panelWords);
  const model = useMemo(() => seriesModel(frames, theme), [frames, theme]);
  if (model.series.length === 0)
    return <Note>{model.x === undefined ? m.noTime : m.noNumbers}</Note>;
  return <XyChart {...props} model={model} />;
}
