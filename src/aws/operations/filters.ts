import { AwsError, invalid, notFound } from '../errors.ts';
import { mustParsePattern } from '../filter.ts';
import { doubleLiteral, type Operation, operation } from '../operation.ts';
import { metricFiltersOf } from '../saved.ts';
import { double, flag, list, map, required, struct, text } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { pageOf } from '../tokens.ts';
import { mustHaveGroup } from './groups.ts';

/** Of one log group. */
const maxMetricFilters = 100;
const maxDimensions = 3;

const scales = ['', 'Kilo', 'Mega', 'Giga', 'Tera'] as const;
const amounts = scales.flatMap((s) => (s === '' ? ['Bytes', 'Bits'] : [`${s}bytes`, `${s}bits`]));
const units = [
  'Seconds',
  'Microseconds',
  'Milliseconds',
  ...amounts,
  'Percent',
  'Count',
  ...amounts.map((amount) => `${amount}/Second`),
  'Count/Second',
  'None',
];

const metricName = text({ max: 255, pattern: '[^:*$]*' });

const transformation = struct({
  metricName: required(metricName),
  metricNamespace: required(metricName),
  metricValue: required(text({ max: 100 })),
  defaultValue: double(),
  dimensions: map(text({ max: 255 }), text({ max: 255 })),
  unit: text({ values: units }),
});

const filterNotFound = (): AwsError => notFound('The specified filter does not exist.');
const limitExceeded = (): AwsError =>
  new AwsError('LimitExceededException', 'Resource limit exceeded.');

const putMetricFilter: Operation = operation(
  'PutMetricFilter',
  'write',
  {
    logGroupName: required(shapes.logGroupName),
    filterName: required(shapes.filterName),
    filterPattern: required(shapes.filterPattern),
    metricTransformations: required(list(transformation, { min: 1, max: 1 })),
    applyOnTransformedLogs: flag(),
    fieldSelectionCriteria: text({ max: 2000 }),
    emitSystemFieldDimensions: list(text()),
  },
  async (input, context) => {
    mustHaveGroup(context, input.logGroupName);
    mustParsePattern(input.filterPattern);
    for (const { metricValue, dimensions, defaultValue } of input.metricTransformations) {
      checkTransformation(metricValue, dimensions, defaultValue);
    }
    const filters = metricFiltersOf(context);
    const others = await filters.list(input.logGroupName);
    const known = others.find((filter) => filter.filterName === input.filterName);
    if (known === undefined && others.length >= maxMetricFilters) throw limitExceeded();
    await filters.put({
      logGroupName: input.logGroupName,
      filterName: input.filterName,
      filterPattern: input.filterPattern,
      metricTransformations: input.metricTransformations,
      createdMs: known?.createdMs ?? context.clock.nowMs(),
      applyOnTransformedLogs: input.applyOnTransformedLogs,
      fieldSelectionCriteria: input.fieldSelectionCriteria,
      emitSystemFieldDimensions: input.emitSystemFieldDimensions,
    });
    return undefined;
  },
);

/** `$.a.b`, `$name` */
const isSelector = (value: string): boolean => /^\$./.test(value);

function checkTransformation(
  metricValue: string,
  dimensions: Readonly<Record<string, string>> | undefined,
  defaultValue: number | undefined,
): void {
  if (
    !isSelector(metricValue) &&
    (metricValue.trim() === '' || Number.isNaN(Number(metricValue)))
  ) {
    throw invalid(
      `Invalid metric transformation: metricValue must be a number or a field that starts with $: ${metricValue}`,
    );
  }
  const names = Object.entries(dimensions ?? {});
  if (names.length > 0 && defaultValue !== undefined) {
    throw invalid(
      'Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
    );
  }
  if (names.length > maxDimensions) {
    throw invalid(
      `Invalid metric transformation: at most ${maxDimensions} dimensions are allowed.`,
    );
  }
  const wrong = names.find(([, value]) => !isSelector(value));
  if (wrong !== undefined) {
    throw invalid(
      `Invalid metric transformation: dimension ${wrong[0]} must be a field that starts with $: ${wrong[1]}`,
    );
  }
}

const describeMetricFilters: Operation = operation(
  'DescribeMetricFilters',
  'read',
  {
    logGroupName: shapes.logGroupName,
    filterNamePrefix: shapes.filterName,
    nextToken: shapes.nextToken,
    limit: shapes.pageLimit,
    metricName,
    metricNamespace: metricName,
  },
  async (input, context) => {
    const { logGroupName, filterNamePrefix = '', metricName: name, metricNamespace } = input;
    if ((name === undefined) !== (metricNamespace === undefined)) {
      throw invalid('Both metricName and metricNamespace must be specified, or none of them.');
    }
    if (logGroupName !== undefined) mustHaveGroup(context, logGroupName);
    const found = (await metricFiltersOf(context).list(logGroupName)).filter(
      (filter) =>
        filter.filterName.startsWith(filterNamePrefix) &&
        (name === undefined ||
          filter.metricTransformations.some(
            (t) => t.metricName === name && t.metricNamespace === metricNamespace,
          )),
    );
    const { page, nextToken } = pageOf(found, {
      keyOf: (filter) => `${filter.filterName}\0${filter.logGroupName}`,
      limit: input.limit ?? 50,
      token: input.nextToken,
      question: ['metric-filters', logGroupName, filterNamePrefix, name, metricNamespace],
    });
    return {
      metricFilters: page.map(({ createdMs, metricTransformations, ...filter }) => ({
        ...filter,
        metricTransformations: metricTransformations.map((t) => ({
          ...t,
          ...(t.defaultValue !== undefined && { defaultValue: doubleLiteral(t.defaultValue) }),
        })),
        creationTime: createdMs,
      })),
      nextToken,
    };
  },
);

const deleteMetricFilter: Operation = operation(
  'DeleteMetricFilter',
  'write',
  { logGroupName: required(shapes.logGroupName), filterName: required(shapes.filterName) },
  async ({ logGroupName, filterName }, context) => {
    mustHaveGroup(context, logGroupName);
    if (!(await metricFiltersOf(context).delete(logGroupName, filterName))) throw filterNotFound();
    return undefined;
  },
);

const testMetricFilter: Operation = operation(
  'TestMetricFilter',
  'read',
  {
    filterPattern: required(shapes.filterPattern),
    logEventMessages: required(list(text({ min: 1 }), { min: 1, max: 50 })),
  },
  ({ filterPattern, logEventMessages }) => {
    const pattern = mustParsePattern(filterPattern);
    const matches = logEventMessages.flatMap((eventMessage, i) =>
      pattern.matches(eventMessage)
        ? [
            {
              eventNumber: i + 1,
              eventMessage,
              extractedValues: pattern.extract(eventMessage) ?? {},
            },
          ]
        : [],
    );
    return { matches };
  },
);

export const filterOperations: readonly Operation[] = [
  putMetricFilter,
  describeMetricFilters,
  deleteMetricFilter,
  testMetricFilter,
];
