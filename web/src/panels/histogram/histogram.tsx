import { type ReactNode, useMemo, useState } from 'react';
import { legendOptions, tooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { histogramModel } from '../../../../src/dashboards/fields/models/histogram-model.ts';
import { choiceAt } from '../../../../src/dashboards/fields/read.ts';
import { useMessages } from '../../i18n/messages.ts';
import { BarPlot } from '../barchart/bar-plot.tsx';
import type { PanelBodyProps } from '../body.ts';
import { ChartFrame } from '../shared/chart-frame.tsx';
import { Legend } from '../shared/legend.tsx';
import { Note } from '../shared/note.tsx';
import { panelWords } from '../words.ts';

/** How often values fall into each range. */
export function Body({ panel, fields, widthPx, heightPx }: PanelBodyProps): ReactNode {
  const { options } = panel;
  const m = useMessages(panelWords);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const legend = useMemo(() => legendOptions(panel), [panel]);
  const built = useMemo(
    () => histogramModel(fields.frames, options, fields.theme),
    [fields, options],
  );
  const shown = useMemo(
    () => built?.model.series.filter(({ key }) => !hidden.has(key)) ?? [],
    [built, hidden],
  );
  if (built === undefined) return <Note>{m.noNumbers}</Note>;
  return (
    <ChartFrame
      options={legend}
      widthPx={widthPx}
      heightPx={heightPx}
      legend={
        <Legend
          options={legend}
          items={built.model.series.map(({ key, name, color }) => ({
            key,
            name,
            color,
            values: [],
          }))}
          hidden={hidden}
          onHidden={setHidden}
        />
      }
    >
      <BarPlot
        label={m.chart(panel.title ?? '')}
        model={built.model}
        shown={shown}
        edges={built.edges}
        stacking="none"
        isLying={false}
        groupWidth={1}
        barWidth={1}
        showValue={choiceAt(options, 'showValue', ['auto', 'always', 'never'], 'never')}
        rotationDeg={0}
        radiusShare={0}
        maxLabelChars={24}
        tooltip={tooltipOptions(panel)}
      />
    </ChartFrame>
  );
}
