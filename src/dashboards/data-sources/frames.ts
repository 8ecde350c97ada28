import type {
  Column,
  DataFrame,
  Frame,
  FrameField,
  FramesResult,
  QueryResult,
} from './contract.ts';

/** Bytes of text between two writes to the socket. */
const chunkChars = 64 * 1024;

interface Entities {
  NaN?: number[];
  Inf?: number[];
  NegInf?: number[];
}

/** The frame as a value, for who computes with it in this process. */
export function toDataFrame(frame: Frame, refId: string): DataFrame {
  const entities: (Entities | null)[] = [];
  const values = frame.fields.map(({ values: column }) => {
    const found: Entities = {};
    const plain = Array.from(column as ArrayLike<unknown>, (value, index) =>
      plainValue(value, index, found),
    );
    entities.push(Object.keys(found).length === 0 ? null : found);
    return plain;
  });
  return {
    schema: schemaOf(frame, refId),
    data: { values, ...(entities.some((one) => one !== null) ? { entities } : {}) },
  };
}

/** The result in the form of the API, whole. */
export function toQueryResult(result: FramesResult, refId: string): QueryResult {
  return {
    status: result.status,
    frames: result.frames.map((frame) => toDataFrame(frame, refId)),
    ...(result.error === undefined ? {} : { error: result.error }),
  };
}

function plainValue(value: unknown, index: number, entities: Entities): unknown {
  if (typeof value !== 'number') return typeof value === 'bigint' ? Number(value) : (value ?? null);
  if (Number.isFinite(value)) return value;
  const kind = Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : 'NegInf';
  entities[kind] ??= [];
  entities[kind].push(index);
  return null;
}

function schemaOf(frame: Frame, refId: string): DataFrame['schema'] {
  return {
    refId: frame.refId ?? refId,
    ...(frame.name === undefined ? {} : { name: frame.name }),
    ...(frame.meta === undefined ? {} : { meta: frame.meta }),
    fields: frame.fields.map(({ values: _, ...field }): FrameField => field),
  };
}

/**
 * `{"results":{"A":{"status":200,"frames":[…]}}}` in pieces: the text of a large answer never exists
 * as a whole, and columns of numbers go straight into it.
 */
export function* resultsJson(results: ReadonlyMap<string, FramesResult>): Generator<Buffer> {
  let text = '{"results":{';
  let isFirst = true;
  for (const [refId, { status, frames, error }] of results) {
    text += `${isFirst ? '' : ','}${JSON.stringify(refId)}:{"status":${status}`;
    isFirst = false;
    if (error !== undefined) text += `,"error":${JSON.stringify(error)}`;
    text += ',"frames":[';
    for (const [at, frame] of frames.entries()) {
      text += `${at === 0 ? '' : ','}{"schema":${JSON.stringify(schemaOf(frame, refId))}`;
      text += ',"data":{"values":[';
      const entities: (Entities | null)[] = [];
      for (const [column, { values }] of frame.fields.entries()) {
        text += column === 0 ? '[' : ',[';
        const found: Entities = {};
        for (let row = 0; row < values.length; row++) {
          if (row > 0) text += ',';
          text += valueText(values, row, found);
          if (text.length >= chunkChars) {
            yield Buffer.from(text, 'utf8');
            text = '';
          }
        }
        text += ']';
        entities.push(Object.keys(found).length === 0 ? null : found);
      }
      text += ']';
      if (entities.some((one) => one !== null)) text += `,"entities":${JSON.stringify(entities)}`;
      text += '}}';
    }
    text += ']}';
  }
  yield Buffer.from(`${text}}}`, 'utf8');
}

function valueText(column: Column, row: number, entities: Entities): string {
  const value = column[row];
  // The usual case; -0 has no text of its own in JSON either.
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  const plain = plainValue(value, row, entities);
  return plain === null ? 'null' : (JSON.stringify(plain) ?? 'null');
}

/** Values of all fields of all frames together. */
export function countValues(frames: readonly Frame[]): number {
  let count = 0;
  for (const { fields } of frames) for (const { values } of fields) count += values.length;
  return count;
}
