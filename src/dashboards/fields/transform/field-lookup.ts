import {
  type DataTransformerInfo,
  type Field,
  FieldType,
  getFieldDisplayName,
} from '@grafana/data';
import { type GazetteerPlace, gazetteerOf } from '../gazetteer/gazetteer.ts';
import { textAt } from '../read.ts';
import { ownTransformer } from './own-transformer.ts';

/** What columns are added after the one that is looked up. */
const columns: readonly [
  name: string,
  type: FieldType,
  of: (place: GazetteerPlace) => string | number,
][] = [
  ['id', FieldType.string, ({ code }) => code],
  ['name', FieldType.string, ({ name }) => name],
  ['lng', FieldType.number, ({ longitude }) => longitude],
  ['lat', FieldType.number, ({ latitude }) => latitude],
];

/** Codes or names of countries or states get their place and name as columns beside them. */
export const fieldLookup: DataTransformerInfo = ownTransformer('fieldLookup', (frames, options) => {
  const wanted = textAt(options, 'lookupField', '');
  const find = gazetteerOf(textAt(options, 'gazetteer', ''));
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.flatMap((field): readonly Field[] => {
      if (field.name !== wanted && getFieldDisplayName(field, frame) !== wanted) return [field];
      const places = field.values.map((value: unknown) => find(String(value ?? '')));
      return [
        field,
        ...columns.map(([name, type, of]) => ({
          name,
          type,
          config: {},
          values: places.map((place) => (place === undefined ? null : of(place))),
        })),
      ];
    }),
  }));
});
