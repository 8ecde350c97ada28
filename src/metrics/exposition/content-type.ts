import { AppError } from '#base';
import type { ExpositionFormat } from './entries.ts';
import { type EscapingScheme, escapingSchemes } from './escaping.ts';
import { quoteText } from './go-quote.ts';

/** Names as in `scrape_protocols`. */
export type ScrapeProtocol =
  | 'PrometheusProto'
  | 'PrometheusText0.0.4'
  | 'PrometheusText1.0.0'
  | 'OpenMetricsText0.0.1'
  | 'OpenMetricsText1.0.0';

const mediaTypes: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto:
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
};

export const scrapeProtocols: readonly ScrapeProtocol[] = Object.keys(
  mediaTypes,
) as ScrapeProtocol[];

export const defaultScrapeProtocols: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

/** With native histograms the protobuf form goes first: no other has them. */
export const nativeScrapeProtocols: readonly ScrapeProtocol[] = [
  'PrometheusProto',
  ...defaultScrapeProtocols,
];

/** The `Accept` header of a scrape: in the order of preference, weights going down from 0.6. */
export function acceptHeader(
  protocols: readonly ScrapeProtocol[],
  escaping: EscapingScheme,
): string {
  let weight = scrapeProtocols.length + 1;
  const parts = protocols.map((protocol) => {
    const hasNames = protocol === 'PrometheusText1.0.0' || protocol === 'OpenMetricsText1.0.0';
    return `${mediaTypes[protocol]}${hasNames ? `;escaping=${escaping}` : ''};q=0.${weight--}`;
  });
  return [...parts, `*/*;q=0.${weight}`].join(',');
}

/**
 * How to read a body of this Content-Type.
 * @throws {AppError} EXPOSITION_UNKNOWN_TYPE with the reference's words, without a fallback
 */
export function formatOfContentType(
  contentType: string | undefined,
  fallback: ScrapeProtocol | undefined,
): ExpositionFormat {
  const given = contentType ?? '';
  const type = /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+*-]+)\s*(?:;|$)/.exec(given)?.[1]?.toLowerCase();
  switch (type) {
    case 'application/openmetrics-text':
      return 'openmetrics';
    case 'application/vnd.google.protobuf':
      return 'protobuf';
    case 'text/plain':
      return 'text';
    default:
  }
  if (fallback !== undefined) {
    return fallback === 'PrometheusProto'
      ? 'protobuf'
      : fallback.startsWith('OpenMetrics')
        ? 'openmetrics'
        : 'text';
  }
  const message =
    given === ''
      ? 'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target'
      : type === undefined
        ? `cannot parse Content-Type ${quoteText(given)} and no fallback_scrape_protocol for target`
        : `received unsupported Content-Type ${quoteText(given)} and no fallback_scrape_protocol specified for target`;
  throw new AppError('EXPOSITION_UNKNOWN_TYPE', message, {
    hint: 'Set fallback_scrape_protocol: PrometheusText0.0.4 in the scrape job, or correct the exporter',
  });
}

/** How an answer of ours is written. */
export interface NegotiatedFormat {
  readonly format: ExpositionFormat;
  readonly escaping: EscapingScheme;
  /** For the header of the answer. */
  readonly contentType: string;
}

interface Accepted {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly weight: number;
}

/** The best of what a client accepts, for `/metrics` and `/federate`; text 0.0.4 where it says nothing. */
export function negotiateFormat(accept: string | undefined): NegotiatedFormat {
  const accepted = (accept ?? '')
    .split(',')
    .map(parseAccepted)
    .filter(({ weight }) => weight > 0)
    // A stable sort: of equal weights the first one named counts.
    .sort((a, b) => b.weight - a.weight);
  for (const { type, parameters } of accepted) {
    const named = escapingSchemes.find((scheme) => scheme === parameters.get('escaping'));
    // A client that does not say knows nothing of UTF-8 names.
    const escaping = named ?? 'underscores';
    const version = parameters.get('version');
    if (type === 'application/vnd.google.protobuf') {
      const isOurs =
        parameters.get('proto') === 'io.prometheus.client.MetricFamily' &&
        (parameters.get('encoding') ?? 'delimited') === 'delimited';
      if (!isOurs) continue;
      const contentType = `application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=${escaping}`;
      return { format: 'protobuf', escaping, contentType };
    }
    if (type === 'application/openmetrics-text') {
      if (version !== undefined && version !== '1.0.0' && version !== '0.0.1') continue;
      const contentType = `application/openmetrics-text; version=${version ?? '1.0.0'}; charset=utf-8; escaping=${escaping}`;
      return { format: 'openmetrics', escaping, contentType };
    }
    if (type === 'text/plain' && (version === undefined || /^(?:0\.0\.4|1\.0\.0)$/.test(version))) {
      return plainText(version ?? '0.0.4', escaping);
    }
  }
  return plainText('0.0.4', 'underscores');
}

const plainText = (version: string, escaping: EscapingScheme): NegotiatedFormat => ({
  format: 'text',
  escaping,
  contentType: `text/plain; version=${version}; charset=utf-8; escaping=${escaping}`,
});

function parseAccepted(part: string): Accepted {
  const [type = '', ...rest] = part.split(';');
  const parameters = new Map(
    rest.map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name.trim().toLowerCase(), value.trim().replace(/^"|"$/g, '')] as const;
    }),
  );
  const weight = Number(parameters.get('q') ?? 1);
  return {
    type: type.trim().toLowerCase(),
    parameters,
    weight: Number.isNaN(weight) ? 0 : weight,
  };
}
