/** One value of a log event in CloudWatch's Embedded Metric Format. */
export interface EmbeddedValue {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: readonly (readonly [string, string])[];
  /** Of so many values, the sum. */
  readonly sum: number;
  readonly count: number;
}

/** Bounds of the format. */
const maxMetrics = 100;
const maxValues = 100;
const maxDimensions = 30;
const maxDimensionChars = 1024;

/** What every event in the format holds. */
export const embeddedMarker: Buffer = Buffer.from('"CloudWatchMetrics"');

/**
 * The values of an event in the Embedded Metric Format, one for each metric and set of dimensions;
 * `errors` counts references to members that are missing or no numbers. Undefined: it is none.
 *
 * Source: the Embedded Metric Format specification of CloudWatch.
 */
export function readEmbeddedMetrics(
  message: string,
): { readonly values: readonly EmbeddedValue[]; readonly errors: number } | undefined {
  const root = parseObject(message);
  if (root === undefined) return undefined;
  // Container logs carry the line of the program in a member of its own.
  const document = directivesOf(root) === undefined ? objectOf(root['log_processed']) : root;
  const directives = document === undefined ? undefined : directivesOf(document);
  if (document === undefined || directives === undefined) return undefined;
  const values: EmbeddedValue[] = [];
  let errors = 0;
  for (const item of directives) {
    const directive = objectOf(item);
    const namespace = directive?.['Namespace'];
    if (directive === undefined || typeof namespace !== 'string' || namespace === '') {
      errors++;
      continue;
    }
    const sets = listOf(directive['Dimensions']);
    const metrics = listOf(directive['Metrics']).slice(0, maxMetrics);
    for (const metric of metrics) {
      const definition = objectOf(metric);
      const name = definition?.['Name'];
      const statistics = typeof name === 'string' ? statisticsOf(document[name]) : undefined;
      if (typeof name !== 'string' || statistics === undefined) {
        errors++;
        continue;
      }
      const unit = typeof definition?.['Unit'] === 'string' ? definition['Unit'] : 'None';
      for (const set of sets.length === 0 ? [[]] : sets) {
        const dimensions = dimensionsOf(document, set);
        if (dimensions === undefined) errors++;
        else values.push({ namespace, name, unit, dimensions, ...statistics });
      }
    }
  }
  return { values, errors };
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseObject(text: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const objectOf = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** In `_aws`, or at the root as older programs write it. */
function directivesOf(document: JsonObject): readonly unknown[] | undefined {
  const found = objectOf(document['_aws'])?.['CloudWatchMetrics'] ?? document['CloudWatchMetrics'];
  return Array.isArray(found) ? found : undefined;
}

interface Statistics {
  readonly sum: number;
  readonly count: number;
}

/** Of a number, a list of numbers, or a statistic set, which CloudWatch's agent writes of histograms. */
function statisticsOf(value: unknown): Statistics | undefined {
  const set = objectOf(value);
  if (set !== undefined) {
    const { Sum: sum, Count: count } = set;
    const isSet = typeof sum === 'number' && typeof count === 'number' && count >= 0;
    return isSet ? { sum, count } : undefined;
  }
  const all = Array.isArray(value) ? value : [value];
  if (all.length === 0 || all.length > maxValues) return undefined;
  let sum = 0;
  for (const item of all) {
    if (typeof item !== 'number') return undefined;
    sum += item;
  }
  return { sum, count: all.length };
}

function dimensionsOf(
  document: JsonObject,
  set: unknown,
): readonly (readonly [string, string])[] | undefined {
  if (!Array.isArray(set) || set.length > maxDimensions) return undefined;
  const dimensions: (readonly [string, string])[] = [];
  for (const name of set) {
    const value = typeof name === 'string' ? document[name] : undefined;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text.length > maxDimensionChars) return undefined;
    dimensions.push([name as string, text]);
  }
  return dimensions;
}
