import { wireInvalid } from './errors.ts';
import {
  attributesOf,
  type JsonObject,
  list,
  nanoseconds,
  object,
  optionalObject,
  text,
} from './otlp-json.ts';
import {
  type OtlpBuckets,
  type OtlpMetric,
  type OtlpMetricData,
  type OtlpNumberPoint,
  type OtlpResourceMetrics,
  type OtlpTemporality,
  temporalities,
} from './otlp-metrics.ts';

/**
 * The JSON form of an ExportMetricsServiceRequest; names in lowerCamelCase or snake_case.
 * @throws {AppError} WIRE_INVALID naming the place in the document
 */
export function decodeOtlpMetricsJson(body: string): OtlpResourceMetrics[] {
  let root: unknown;
  try {
    root = JSON.parse(body);
  } catch (error) {
    throw wireInvalid('The body is not valid JSON', -1, error);
  }
  const resources = list(object(root, 'The body'), 'resourceMetrics', 'resource_metrics', '');
  return resources.map((item, i) => {
    const place = `resourceMetrics[${i}]`;
    const entry = object(item, place);
    const resource = optionalObject(entry['resource'], `${place}.resource`);
    return {
      resource: attributesOf(resource?.['attributes'], `${place}.resource.attributes`, 0),
      scopes: list(entry, 'scopeMetrics', 'scope_metrics', place).map((inner, j) => {
        const at = `${place}.scopeMetrics[${j}]`;
        const scopeEntry = object(inner, at);
        const scope = optionalObject(scopeEntry['scope'], `${at}.scope`);
        return {
          scopeName: text(scope?.['name']),
          scopeVersion: text(scope?.['version']),
          scopeAttributes: attributesOf(scope?.['attributes'], `${at}.scope.attributes`, 0),
          metrics: list(scopeEntry, 'metrics', 'metrics', at).map((metric, k) =>
            metricOf(metric, `${at}.metrics[${k}]`),
          ),
        };
      }),
    };
  });
}

function metricOf(item: unknown, place: string): OtlpMetric {
  const entry = object(item, place);
  return {
    name: text(entry['name']),
    description: text(entry['description']),
    unit: text(entry['unit']),
    data: dataOf(entry, place),
  };
}

function dataOf(entry: JsonObject, place: string): OtlpMetricData | undefined {
  const inner = (name: string, other = name): JsonObject | undefined =>
    optionalObject(entry[name] ?? entry[other], `${place}.${name}`);
  const points = <T>(data: JsonObject, read: (point: JsonObject, place: string) => T): T[] =>
    list(data, 'dataPoints', 'data_points', place).map((point, at) =>
      read(object(point, `${place}.dataPoints[${at}]`), `${place}.dataPoints[${at}]`),
    );
  const gauge = inner('gauge');
  if (gauge !== undefined) return { kind: 'gauge', points: points(gauge, numberPoint) };
  const sum = inner('sum');
  if (sum !== undefined) {
    return {
      kind: 'sum',
      points: points(sum, numberPoint),
      temporality: temporalityOf(sum),
      isMonotonic: (sum['isMonotonic'] ?? sum['is_monotonic']) === true,
    };
  }
  const histogram = inner('histogram');
  if (histogram !== undefined) {
    return {
      kind: 'histogram',
      temporality: temporalityOf(histogram),
      points: points(histogram, (point, at) => ({
        ...common(point, at),
        count: number(point, 'count', 'count', at),
        sum: point['sum'] === undefined ? Number.NaN : number(point, 'sum', 'sum', at),
        bucketCounts: numbers(point, 'bucketCounts', 'bucket_counts', at),
        bounds: numbers(point, 'explicitBounds', 'explicit_bounds', at),
      })),
    };
  }
  const exponential = inner('exponentialHistogram', 'exponential_histogram');
  if (exponential !== undefined) {
    return {
      kind: 'exponential',
      temporality: temporalityOf(exponential),
      points: points(exponential, (point, at) => ({
        ...common(point, at),
        count: number(point, 'count', 'count', at),
        sum: point['sum'] === undefined ? Number.NaN : number(point, 'sum', 'sum', at),
        scale: number(point, 'scale', 'scale', at),
        zeroCount: number(point, 'zeroCount', 'zero_count', at),
        zeroThreshold: number(point, 'zeroThreshold', 'zero_threshold', at),
        positive: bucketsOf(point['positive'], `${at}.positive`),
        negative: bucketsOf(point['negative'], `${at}.negative`),
      })),
    };
  }
  const summary = inner('summary');
  if (summary === undefined) return undefined;
  return {
    kind: 'summary',
    points: points(summary, (point, at) => ({
      ...common(point, at),
      count: number(point, 'count', 'count', at),
      sum: number(point, 'sum', 'sum', at),
      quantiles: list(point, 'quantileValues', 'quantile_values', at).map((pair, k) => {
        const value = object(pair, `${at}.quantileValues[${k}]`);
        return {
          quantile: number(value, 'quantile', 'quantile', at),
          value: number(value, 'value', 'value', at),
        };
      }),
    })),
  };
}

function common(point: JsonObject, place: string): Omit<OtlpNumberPoint, 'value'> {
  const toMs = (camel: string, snake: string): number =>
    Number(nanoseconds(point[camel] ?? point[snake], `${place}.${camel}`) / 1_000_000n);
  return {
    attributes: attributesOf(point['attributes'], `${place}.attributes`, 0),
    startMs: toMs('startTimeUnixNano', 'start_time_unix_nano'),
    timeMs: toMs('timeUnixNano', 'time_unix_nano'),
    flags: number(point, 'flags', 'flags', place),
  };
}

function numberPoint(point: JsonObject, place: string): OtlpNumberPoint {
  const isDouble = point['asDouble'] !== undefined || point['as_double'] !== undefined;
  const value = isDouble
    ? number(point, 'asDouble', 'as_double', place)
    : number(point, 'asInt', 'as_int', place);
  return { ...common(point, place), value };
}

function bucketsOf(value: unknown, place: string): OtlpBuckets {
  const entry = optionalObject(value, place);
  if (entry === undefined) return { offset: 0, counts: [] };
  return {
    offset: number(entry, 'offset', 'offset', place),
    counts: numbers(entry, 'bucketCounts', 'bucket_counts', place),
  };
}

function numbers(entry: JsonObject, camel: string, snake: string, place: string): number[] {
  return list(entry, camel, snake, place).map((value) => toNumber(value, `${place}.${camel}`));
}

function number(entry: JsonObject, camel: string, snake: string, place: string): number {
  const value = entry[camel] ?? entry[snake];
  return value === undefined ? 0 : toNumber(value, `${place}.${camel}`);
}

/** 64-bit numbers come as text, as do NaN and the infinities. */
function toNumber(value: unknown, place: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.trim() !== '') {
    const parsed = value === 'NaN' ? Number.NaN : Number(value);
    if (value === 'NaN' || !Number.isNaN(parsed)) return parsed;
  }
  throw wireInvalid(`${place} must be a number`, -1);
}

function temporalityOf(entry: JsonObject): OtlpTemporality {
  const value = entry['aggregationTemporality'] ?? entry['aggregation_temporality'];
  if (value === 'AGGREGATION_TEMPORALITY_DELTA') return 'delta';
  if (value === 'AGGREGATION_TEMPORALITY_CUMULATIVE') return 'cumulative';
  return temporalities[Number(value)] ?? 'unspecified';
}
