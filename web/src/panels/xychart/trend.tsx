import { FieldType, getFieldDisplayName } from '@grafana/data';
import { type ReactNode, useMemo } from 'react';
import { seriesModel } from '../../../../src/dashboards/fields/models/series-model.ts';
import { textAt } from '../../../../src/dashboards/fields/read.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { XyChart } from '../timeseries/xy-chart.tsx';
import { panelWords } from '../words.ts';

/** Lines over a number that is not time. */
export function Body(props: PanelBodyProps): ReactNode {
  const { panel, fields } = props;
  const m = useMessages(panelWords);
  const xField = textAt(panel.options, 'xField', '');
  const model = useMemo(
    () =>
      seriesModel(fields.frames, fields.theme, (frame) =>
        frame.fields.find(
          (field) =>
            field.type === FieldType.number &&
            (xField === '' ||
              field.name === xField ||
              getFieldDisplayName(field, frame, fields.frames) === xField),
        ),
      ),
    [fields, xField],
  );
  if (model.series.length === 0) return <Note>{m.noNumbers}</Note>;
  return <XyChart {...props} model={model} />;
}
