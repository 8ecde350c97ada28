import { type ReactNode, useMemo, useState } from 'react';
import { calcValues } from '../../../../src/dashboards/fields/calc-values.ts';
import { legendOptions, tooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { barModel } from '../../../../src/dashboards/fields/models/bar-model.ts';
import { choiceAt, numberAt, textAt } from '../../../../src/dashboards/fields/read.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { PanelBodyProps } from '../body.ts';
import { ChartFrame } from '../shared/chart-frame.tsx';
import { Legend } from '../shared/legend.tsx';
import { Note } from '../shared/note.tsx';
import { panelWords } from '../words.ts';
import { BarPlot } from './bar-plot.tsx';

/** Bars for each row of a table. */
export function Body({ panel, fields, widthPx, heightPx }: PanelBodyProps): ReactNode {
  const { options } = panel;
  const m = useMessages(panelWords);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const legend = useMemo(() => legendOptions(panel), [panel]);
  const model = useMemo(
    () =>
      barModel(
        fields.frames,
        fields.theme,
        textAt(options, 'xField', ''),
        textAt(options, 'colorByField', ''),
      ),
    [fields, options],
  );
  const shown = useMemo(
    () => model?.series.filter(({ key }) => !hidden.has(key)) ?? [],
    [model, hidden],
  );
  if (model === undefined) return <Note>{m.noNumbers}</Note>;
  const orientation = choiceAt(options, 'orientation', ['auto', 'horizontal', 'vertical'], 'auto');
  const items = model.series.map(({ key, name, color, field }) => ({
    key,
    name,
    color,
    values: calcValues(field, legend.calcs),
  }));
  return (
    <ChartFrame
      options={legend}
      widthPx={widthPx}
      heightPx={heightPx}
      items={items}
      legend={<Legend options={legend} items={items} hidden={hidden} onHidden={setHidden} />}
    >
      <BarPlot
        label={m.chart(panel.title ?? '')}
        model={model}
        shown={shown}
        stacking={choiceAt(options, 'stacking', ['none', 'normal', 'percent'], 'none')}
        isLying={orientation === 'horizontal'}
        groupWidth={numberAt(options, 'groupWidth', 0.7)}
        barWidth={numberAt(options, 'barWidth', 0.97)}
        showValue={choiceAt(options, 'showValue', ['auto', 'always', 'never'], 'auto')}
        rotationDeg={numberAt(options, 'xTickLabelRotation', 0)}
        radiusShare={numberAt(options, 'barRadius', 0)}
        maxLabelChars={numberAt(options, 'xTickLabelMaxLength', 0) || 60}
        tooltip={tooltipOptions(panel)}
      />
    </ChartFrame>
  );
}
