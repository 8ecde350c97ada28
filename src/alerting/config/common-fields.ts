import {
  checkHttpClient,
  type Field,
  type Fields,
  flag,
  type HttpClientConfig,
  httpClientFields,
  optional,
  type Secret,
  secret,
  section,
} from '#metrics/config';

/** What every way of telling has. */
export interface CommonFields {
  readonly sendResolved: boolean;
  readonly httpConfig: HttpClientConfig | undefined;
}

export const httpConfig: Field<HttpClientConfig> = section<HttpClientConfig>(
  httpClientFields(true),
  checkHttpClient,
);

export const common = (sendResolved: boolean): Fields<CommonFields> => ({
  sendResolved: flag(sendResolved),
  httpConfig: optional(httpConfig),
});

/** A URL that lets whoever knows it write there. */
export const secretUrl: Field<Secret | undefined> = {
  absent: () => undefined,
  read: (node, reader, at) => {
    const value = secret.read(node, reader, at);
    const url = value?.reveal() ?? '';
    if (url.includes('{{') || /^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
      return value;
    }
    reader.problem(node, at, {
      message: 'it is not an http or https URL',
      allowed: 'an http or https URL',
    });
    return undefined;
  },
};

/** What is wrong where a value and the file it stands in are both given, or, if it is `needed`, neither. */
export function fileProblem(
  key: string,
  [value, file]: readonly [unknown, unknown],
  needed: 'needed' | 'optional' = 'optional',
): string | undefined {
  if (value !== undefined && file !== undefined) {
    return `at most one of ${key} & ${key}_file must be configured`;
  }
  return needed === 'needed' && value === undefined && file === undefined
    ? `one of ${key} or ${key}_file must be configured`
    : undefined;
}
