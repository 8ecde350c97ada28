import { type DataTransformerInfo, type Field, FieldType } from '@grafana/data';
import { numberAt } from '../read.ts';
import { ownTransformer } from './own-transformer.ts';
import { smoothed } from './smooth.ts';

const resolution = { default: 100, min: 1, max: 1000 };

/** Noise is taken out of series; their moments stay, and gaps are bridged. */
export const smoothing: DataTransformerInfo = ownTransformer('smoothing', (frames, options) => {
  const asked = Math.round(numberAt(options, 'resolution', resolution.default));
  const points = Math.min(resolution.max, Math.max(resolution.min, asked));
  return frames.map((frame) => {
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    if (time === undefined) return frame;
    const fields = frame.fields.map((field): Field => {
      if (field.type !== FieldType.number) return field;
      const values = smoothed(time.values, field.values, points);
      if (values === undefined) return field;
      return { ...field, name: `${field.name} (smoothed)`, state: {}, values: [...values] };
    });
    if (fields.every((field, at) => field === frame.fields[at])) return frame;
    return { ...frame, name: `${frame.name ?? 'Data'} (smoothed)`, fields };
  });
});
