import { type EscapingScheme, type ScrapeProtocol, scrapeProtocols } from '#metrics/exposition';
import {
  choice,
  duration,
  type Field,
  flag,
  optional,
  path,
  record,
  section,
  text,
} from './fields.ts';
import {
  escapingChoice,
  limitFields,
  type NameValidation,
  protocolList,
  type ScrapeLimits,
  validationChoice,
} from './scrape-fields.ts';

export interface GlobalConfig extends ScrapeLimits {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** Empty: the defaults. */
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  readonly queryLogFile: string | undefined;
  readonly scrapeFailureLogFile: string | undefined;
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly extraScrapeMetrics: boolean;
  readonly metricNameValidationScheme: NameValidation;
  readonly metricNameEscapingScheme: EscapingScheme | undefined;
  /** With variables of the environment put in. */
  readonly externalLabels: Readonly<Record<string, string>>;
}

const defaultIntervalMs = 60_000;
const defaultTimeoutMs = 10_000;

export const globalConfig: Field<GlobalConfig> = section<GlobalConfig>(
  {
    scrapeIntervalMs: duration(0),
    scrapeTimeoutMs: duration(0),
    scrapeProtocols: protocolList,
    fallbackScrapeProtocol: optional(choice(scrapeProtocols, 'PrometheusText0.0.4')),
    evaluationIntervalMs: duration(0),
    ruleQueryOffsetMs: duration(0),
    queryLogFile: optional(path),
    scrapeFailureLogFile: optional(path),
    scrapeNativeHistograms: flag(false),
    alwaysScrapeClassicHistograms: flag(false),
    convertClassicHistogramsToNhcb: flag(false),
    extraScrapeMetrics: flag(false),
    metricNameValidationScheme: validationChoice,
    metricNameEscapingScheme: optional(escapingChoice),
    externalLabels: record(text(), (name) =>
      name === '' || name === '__name__' ? `"${name}" is not a valid label name` : undefined,
    ),
    ...limitFields,
  },
  ({ scrapeIntervalMs, scrapeTimeoutMs }) =>
    scrapeTimeoutMs > (scrapeIntervalMs || defaultIntervalMs)
      ? 'global scrape timeout greater than scrape interval'
      : undefined,
);

/** Fills in intervals and time-outs, which depend on each other, and the environment. */
export function resolveGlobal(
  written: GlobalConfig,
  env: Readonly<Record<string, string | undefined>>,
): GlobalConfig {
  const scrapeIntervalMs = written.scrapeIntervalMs || defaultIntervalMs;
  return {
    ...written,
    scrapeIntervalMs,
    scrapeTimeoutMs: written.scrapeTimeoutMs || Math.min(defaultTimeoutMs, scrapeIntervalMs),
    evaluationIntervalMs: written.evaluationIntervalMs || defaultIntervalMs,
    externalLabels: Object.fromEntries(
      Object.entries(written.externalLabels).map(([name, value]) => [name, expandEnv(value, env)]),
    ),
  };
}

/** `${NAME}` and `$NAME`; `$$` is a dollar. A variable that is not set is ''. */
function expandEnv(value: string, env: Readonly<Record<string, string | undefined>>): string {
  return value.replace(
    /\$\$|\$\{([^}]*)\}|\$([A-Za-z_]\w*)/g,
    (whole, braced: string | undefined, bare: string | undefined) =>
      whole === '$$' ? '$' : (env[(braced ?? bare)!] ?? ''),
  );
}
