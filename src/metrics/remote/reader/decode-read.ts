import { crc32c, decodeChunk } from '#metrics/chunks';
import { type Labels, labelsOfMap } from '#metrics/model';
import { remoteInvalid } from '../errors.ts';
import { readHistogram } from '../histogram-proto.ts';
import { WireCursor } from '../wire-cursor.ts';
import { addFloat, type RemoteSeriesSet } from './remote-series.ts';

/**
 * A `prometheus.ReadResponse`, not compressed, of a request with one query.
 * @throws {AppError} REMOTE_INVALID, QUERY_TOO_LARGE
 */
export function decodeSamples(body: Buffer, into: RemoteSeriesSet, strip: StripLabels): void {
  const cursor = new WireCursor(body);
  eachField(cursor, body.length, (field, end) => {
    if (field !== 1) return false;
    eachField(cursor, cursor.open(end), (inner, stop) => {
      if (inner !== 1) return false;
      readTimeSeries(cursor, cursor.open(stop), into, strip);
      return true;
    });
    return true;
  });
}

/**
 * Frames of `prometheus.ChunkedReadResponse`: uvarint length, CRC-32C of the message, the message.
 * @param maxFrameBytes `chunked_read_limit`
 * @throws {AppError} REMOTE_INVALID, QUERY_TOO_LARGE
 */
export function decodeStreamed(
  body: Buffer,
  maxFrameBytes: number,
  into: RemoteSeriesSet,
  strip: StripLabels,
): void {
  const cursor = new WireCursor(body);
  while (cursor.at < body.length) {
    const start = cursor.at;
    const length = cursor.varint(body.length);
    if (length > maxFrameBytes) {
      throw remoteInvalid(
        `A frame has ${length} bytes, more than chunked_read_limit (${maxFrameBytes}),`,
        start,
      );
    }
    if (length + 4 > body.length - cursor.at) throw remoteInvalid('The answer is cut off', start);
    const sum = body.readUInt32BE(cursor.at);
    cursor.at += 4;
    const end = cursor.at + length;
    if (crc32c(body.subarray(cursor.at, end)) !== sum) {
      throw remoteInvalid('The checksum of a frame is wrong', start);
    }
    eachField(cursor, end, (field, stop) => {
      if (field !== 1) return false;
      readChunkedSeries(cursor, cursor.open(stop), into, strip);
      return true;
    });
  }
}

/** Labels of a series as they count here: without the external labels that we asked with. */
export type StripLabels = (labels: Map<string, string>) => void;

/** Hands over each field; what is not taken is skipped. */
function eachField(
  cursor: WireCursor,
  end: number,
  take: (field: number, end: number) => boolean,
): void {
  while (cursor.at < end) {
    const key = cursor.varint(end);
    if (!take(key >>> 3, end)) cursor.skip(key & 7, end);
  }
}

function readTimeSeries(
  cursor: WireCursor,
  end: number,
  into: RemoteSeriesSet,
  strip: StripLabels,
): void {
  const labels = new Map<string, string>();
  const start = cursor.at;
  eachField(cursor, end, (field, stop) => {
    if (field === 1) readLabel(cursor, cursor.open(stop), labels);
    return field === 1;
  });
  const columns = into.open(finished(labels, strip));
  cursor.at = start;
  eachField(cursor, end, (field, stop) => {
    if (field === 2) {
      let timeMs = 0;
      let value = 0;
      eachField(cursor, cursor.open(stop), (inner, last) => {
        if (inner === 1) value = cursor.double(last);
        else if (inner === 2) timeMs = cursor.int64(last);
        return inner === 1 || inner === 2;
      });
      into.count(1);
      addFloat(columns, timeMs, value);
    } else if (field === 4) {
      const { histogram, timeMs } = readHistogram(cursor, cursor.open(stop));
      into.count(1);
      addFloat(columns, timeMs, 0);
      columns.histograms ??= new Array(columns.count - 1).fill(undefined);
      columns.histograms[columns.count - 1] = histogram;
    }
    return field === 2 || field === 4;
  });
}

function readChunkedSeries(
  cursor: WireCursor,
  end: number,
  into: RemoteSeriesSet,
  strip: StripLabels,
): void {
  const labels = new Map<string, string>();
  const chunks: { readonly encoding: number; readonly data: Buffer; readonly at: number }[] = [];
  eachField(cursor, end, (field, stop) => {
    if (field === 1) readLabel(cursor, cursor.open(stop), labels);
    else if (field === 2) {
      let encoding = 0;
      let data: Buffer = Buffer.alloc(0);
      const at = cursor.at;
      eachField(cursor, cursor.open(stop), (inner, last) => {
        if (inner === 3) encoding = cursor.varint(last);
        else if (inner === 4) {
          const until = cursor.open(last);
          data = cursor.bytes.subarray(cursor.at, until);
          cursor.at = until;
        }
        return inner === 3 || inner === 4;
      });
      chunks.push({ encoding, data, at });
    }
    return field === 1 || field === 2;
  });
  const columns = into.open(finished(labels, strip));
  for (const { encoding, data, at } of chunks) {
    if (data.length >= 2) into.count(data.readUInt16BE(0));
    const outcome = decodeChunk(encoding, data, columns);
    if (outcome === 'unknown') throw remoteInvalid(`A chunk of the kind ${encoding}`, at);
    if (outcome === 'damaged') throw remoteInvalid('A chunk ends before its samples do', at);
  }
}

function readLabel(cursor: WireCursor, end: number, into: Map<string, string>): void {
  let name = '';
  let value = '';
  eachField(cursor, end, (field, stop) => {
    if (field === 1) name = cursor.text(stop);
    else if (field === 2) value = cursor.text(stop);
    return field === 1 || field === 2;
  });
  into.set(name, value);
}

function finished(labels: Map<string, string>, strip: StripLabels): Labels {
  strip(labels);
  return labelsOfMap(labels);
}
