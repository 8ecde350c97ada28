import type { ValueType } from './ast.ts';

export interface FunctionSignature {
  readonly name: string;
  /** Types of arguments; the last one's holds for those beyond it. */
  readonly args: readonly ValueType[];
  /**
   * How many arguments may be left out or added after the last but one: 0 fixed, -1 without end, n: at
   * most n.
   */
  readonly variadic: number;
  readonly returns: ValueType;
  readonly isExperimental: boolean;
}

const v: ValueType = 'instant vector';
const r: ValueType = 'range vector';
const s: ValueType = 'scalar';
const t: ValueType = 'string';

const table = new Map<string, FunctionSignature>();

function define(
  names: string,
  args: readonly ValueType[],
  options: { variadic?: number; returns?: ValueType; isExperimental?: boolean } = {},
): void {
  const { variadic = 0, returns = v, isExperimental = false } = options;
  for (const name of names.split(' ')) {
    table.set(name, { name, args, variadic, returns, isExperimental });
  }
}

const experimental = { isExperimental: true } as const;

define('abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2', [v]);
define('rad sgn sin sinh sqrt tan tanh', [v]);
define('absent sort sort_desc timestamp', [v]);
define('histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar', [v]);
define('start_timestamp', [v], experimental);
define('absent_over_time avg_over_time changes count_over_time delta deriv first_over_time', [r]);
define('idelta increase irate last_over_time max_over_time min_over_time present_over_time', [r]);
define('rate resets stddev_over_time stdvar_over_time sum_over_time', [r]);
define('mad_over_time ts_of_first_over_time ts_of_last_over_time', [r], experimental);
define('ts_of_max_over_time ts_of_min_over_time', [r], experimental);
define('clamp', [v, s, s]);
define('clamp_max clamp_min', [v, s]);
define('days_in_month day_of_month day_of_week day_of_year hour minute month year', [v], {
  variadic: 1,
});
define('double_exponential_smoothing', [r, s, s], experimental);
define('histogram_fraction', [s, s, v]);
define('histogram_quantile', [s, v]);
define('histogram_quantiles', [v, t, s, s], { variadic: 9, isExperimental: true });
define('info', [v, v], { variadic: 1, isExperimental: true });
define('label_replace', [v, t, t, t, t]);
define('label_join', [v, t, t, t], { variadic: -1 });
define('max_of min_of', [s, s], { returns: s, isExperimental: true });
define('start end step range', [], { returns: s, isExperimental: true });
define('pi time', [], { returns: s });
define('predict_linear', [r, s]);
define('quantile_over_time', [s, r]);
define('round', [v, s], { variadic: 1 });
define('scalar', [v], { returns: s });
define('sort_by_label sort_by_label_desc', [v, t], { variadic: -1, isExperimental: true });
define('vector', [s]);

/** All functions by name. */
export const functions: ReadonlyMap<string, FunctionSignature> = table;
