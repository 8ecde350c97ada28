import {
  type DataFrame,
  type DataTransformerInfo,
  type Field,
  type FieldConfig,
  FieldType,
  getFieldDisplayName,
  getFieldMatcher,
  reduceField,
} from '@grafana/data';
import { flagAt, objectAt, textAt } from '../read.ts';
import { fieldWith, ownTransformer } from './own-transformer.ts';

/** Rows of a table become fields: one column names them, one has their value, others configure them. */
export const rowsToFields: DataTransformerInfo = ownTransformer('rowsToFields', (frames, options) =>
  frames.map((frame) => {
    const roles = rolesOf(frame, options);
    const name =
      roles.find(({ key }) => key === 'field.name')?.field ??
      frame.fields.find(({ type }) => type === FieldType.string);
    const value =
      roles.find(({ key }) => key === 'field.value')?.field ??
      frame.fields.find(({ type }) => type === FieldType.number);
    if (name === undefined || value === undefined) return frame;
    const others = roles.filter(({ field }) => field !== name && field !== value);
    const fields = Array.from({ length: frame.length }, (_, row): Field => {
      const config: FieldConfig = { ...value.config };
      const labels: Record<string, string> = {};
      for (const { key, field } of others) {
        const own: unknown = field.values[row];
        if (key === 'field.label') labels[field.name] = String(own ?? '');
        else setConfig(config, key, own);
      }
      return {
        name: String(name.values[row] ?? ''),
        type: value.type,
        config,
        values: [value.values[row]],
        ...(Object.keys(labels).length === 0 ? {} : { labels }),
      };
    });
    return { ...frame, length: fields.length === 0 ? 0 : 1, fields };
  }),
);

/** The answer of one query configures the fields of the others: their unit, bounds, names. */
export const configFromData: DataTransformerInfo = ownTransformer(
  'configFromData',
  (frames, options) => {
    const refId = textAt(options, 'configRefId', 'config');
    const source = frames.find((frame) => frame.refId === refId);
    if (source === undefined) return frames;
    const config: FieldConfig = {};
    const mappings = mappingsOf(options);
    for (const { key, field } of rolesOf(source, options)) {
      if (key.startsWith('field.')) continue;
      const reducer = mappings.get(field.name)?.reducer ?? 'lastNotNull';
      setConfig(config, key, reduceField({ field, reducers: [reducer] })[reducer]);
    }
    const matches = getFieldMatcher(
      (options['applyTo'] as { id: string; options?: unknown } | undefined) ?? { id: 'numeric' },
    );
    return frames
      .filter((frame) => frame !== source)
      .map((frame) => ({
        ...frame,
        fields: frame.fields.map((field) =>
          matches(field, frame, [...frames])
            ? { ...field, state: {}, config: { ...field.config, ...config } }
            : field,
        ),
      }));
  },
);

/** Texts that hold several values become a column for each. */
export const extractFields: DataTransformerInfo = ownTransformer(
  'extractFields',
  (frames, options) =>
    frames.map((frame) => {
      const wanted = textAt(options, 'source', '');
      const source = frame.fields.find(
        (field) => field.name === wanted || getFieldDisplayName(field, frame) === wanted,
      );
      if (source === undefined) return frame;
      const read = readerOf(options);
      const rows = source.values.map((value: unknown) => read(value));
      const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, maxColumns);
      const made = names.map((name): Field => {
        const values = rows.map((row) => row[name] ?? null);
        return { name, type: typeOf(values), config: {}, values };
      });
      const isReplacing = flagAt(options, 'replace', false);
      const time = frame.fields.find(({ type }) => type === FieldType.time);
      const kept = isReplacing
        ? flagAt(options, 'keepTime', false) && time !== undefined
          ? [time]
          : []
        : frame.fields;
      return {
        ...frame,
        fields: [...kept.map((field) => fieldWith(field, field.values)), ...made],
      };
    }),
);

/** A JSON object may have any number of keys; a table of more columns nobody reads. */
const maxColumns = 200;

interface Role {
  readonly field: Field;
  /** `field.name`, `field.value`, `field.label`, or the property that it configures. */
  readonly key: string;
}

/** Columns whose name says what they configure, unless the options say otherwise. */
const knownColumns: Readonly<Record<string, string>> = {
  name: 'field.name',
  value: 'field.value',
  min: 'min',
  max: 'max',
  unit: 'unit',
  decimals: 'decimals',
  displayname: 'displayName',
  color: 'color',
  threshold1: 'threshold1',
};

function mappingsOf(
  options: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, { readonly key: string; readonly reducer: string | undefined }> {
  const list = Array.isArray(options['mappings']) ? options['mappings'] : [];
  return new Map(
    list.map((mapping) => [
      textAt(objectAt(mapping), 'fieldName', ''),
      {
        key: textAt(objectAt(mapping), 'handlerKey', ''),
        reducer: textAt(objectAt(mapping), 'reducerId', '') || undefined,
      },
    ]),
  );
}

function rolesOf(frame: DataFrame, options: Readonly<Record<string, unknown>>): readonly Role[] {
  const mappings = mappingsOf(options);
  return frame.fields.flatMap((field): Role[] => {
    const key =
      mappings.get(field.name)?.key ||
      knownColumns[field.name.toLowerCase()] ||
      (field.type === FieldType.string ? 'field.label' : '');
    return key === '' || key === '__ignore' ? [] : [{ field, key }];
  });
}

function setConfig(config: FieldConfig, key: string, value: unknown): void {
  if (value === null || value === undefined) return;
  const number = Number(value);
  if (key === 'min' || key === 'max' || key === 'decimals') {
    if (Number.isFinite(number)) config[key] = number;
  } else if (key === 'unit' || key === 'displayName' || key === 'noValue') {
    config[key] = String(value);
  } else if (key === 'color') {
    config.color = { mode: 'fixed', fixedColor: String(value) };
  } else if (key === 'threshold1' && Number.isFinite(number)) {
    config.thresholds = {
      mode: 'absolute' as never,
      steps: [
        { value: -Infinity, color: 'green' },
        { value: number, color: 'red' },
      ],
    };
  }
}

type Reader = (value: unknown) => Readonly<Record<string, unknown>>;

function readerOf(options: Readonly<Record<string, unknown>>): Reader {
  switch (textAt(options, 'format', 'auto')) {
    case 'json':
      return jsonReader(options);
    case 'kvp':
      return (value) => pairsOf(String(value ?? ''));
    case 'delimiter': {
      const delimiter = textAt(options, 'delimiter', ',');
      return (value) =>
        Object.fromEntries(
          String(value ?? '')
            .split(delimiter)
            .map((part) => [part.trim(), 1]),
        );
    }
    case 'regexp': {
      const pattern = patternOf(textAt(options, 'regExp', '/(?<NewField>.*)/'));
      return (value) => pattern.exec(String(value ?? ''))?.groups ?? {};
    }
    default: {
      const json = jsonReader(options);
      return (value) => {
        const read = json(value);
        return Object.keys(read).length > 0 || typeof value !== 'string' ? read : pairsOf(value);
      };
    }
  }
}

function patternOf(text: string): RegExp {
  const match = /^\/(.*)\/(\w*)$/s.exec(text);
  return new RegExp(match?.[1] ?? text, match?.[2]?.replaceAll('g', '') ?? '');
}

function jsonReader(options: Readonly<Record<string, unknown>>): Reader {
  const paths = Array.isArray(options['jsonPaths'])
    ? options['jsonPaths'].map((one) => objectAt(one))
    : [];
  return (value) => {
    const parsed = typeof value === 'string' ? parsedJson(value) : value;
    if (typeof parsed !== 'object' || parsed === null) return {};
    if (paths.length === 0) return parsed as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      paths.map((one) => {
        const path = textAt(one, 'path', '');
        return [textAt(one, 'alias', '') || path, valueAt(parsed, path)];
      }),
    );
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `a.b[0].c` */
function valueAt(from: unknown, path: string): unknown {
  let value = from;
  for (const key of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** `a=1 b="two words", c:3` */
function pairsOf(text: string): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (const [, key = '', quoted, bare] of text.matchAll(
    /([\w.@-]+)\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;]+))/g,
  )) {
    pairs[key] = quoted ?? bare ?? '';
  }
  return pairs;
}

function typeOf(values: readonly unknown[]): FieldType {
  const first = values.find((value) => value !== null && value !== undefined);
  if (typeof first === 'number') return FieldType.number;
  if (typeof first === 'boolean') return FieldType.boolean;
  return typeof first === 'object' ? FieldType.other : FieldType.string;
}
