import { type Infer, integer, list, map, type Shape, text } from './shape.ts';

/** Shapes that several operations share. Source: the service model of CloudWatch Logs, 2014-03-28. */
export const logGroupName: Shape<string> = text({
  min: 1,
  max: 512,
  pattern: String.raw`[\.\-_/#A-Za-z0-9]+`,
});
export const logStreamName: Shape<string> = text({ min: 1, max: 512, pattern: '[^:*]*' });
export const logGroupIdentifier: Shape<string> = text({
  min: 1,
  max: 2048,
  pattern: String.raw`[\w#+=/:,.@-]*`,
  isValueHidden: true,
});
export const filterName: Shape<string> = text({ min: 1, max: 512, pattern: '[^:*]*' });
export const filterPattern: Shape<string> = text({ min: 0, max: 1024 });
export const nextToken: Shape<string> = text({ min: 1, max: 4096 });
export const pageLimit: Shape<number> = integer({ min: 1, max: 50 });
export const timestamp: Shape<number> = integer({ min: 0 });
export const queryId: Shape<string> = text({ min: 1, max: 256 });

export const logGroupClasses = ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'] as const;
export const logGroupClass: Shape<(typeof logGroupClasses)[number]> = text({
  values: logGroupClasses,
});

export const queryLanguages = ['CWLI', 'SQL', 'PPL'] as const;
export const queryLanguage: Shape<(typeof queryLanguages)[number]> = text({
  values: queryLanguages,
});

export const tagKey: Shape<string> = text({
  min: 1,
  max: 128,
  pattern: String.raw`([\p{L}\p{Z}\p{N}_.:/=+\-@]+)`,
});
const tagValue: Shape<string> = text({
  max: 256,
  pattern: String.raw`([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`,
});
export const tags: Shape<Readonly<Record<string, string>>> = map(tagKey, tagValue, {
  min: 1,
  max: 50,
});
export const tagKeys: Shape<readonly string[]> = list(tagKey, { min: 0, max: 50 });
export const resourceArn: Shape<string> = text({
  min: 1,
  max: 1011,
  pattern: String.raw`[\w+=/:,.@-]*`,
});

/** The operations that take a group by name or by identifier. */
export const groupReference: {
  readonly logGroupName: Shape<string>;
  readonly logGroupIdentifier: Shape<string>;
} = { logGroupName, logGroupIdentifier };
export type GroupReference = Infer<typeof groupReference>;
