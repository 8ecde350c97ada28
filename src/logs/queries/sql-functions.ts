/**
 * Functions that a statement may call: pure ones. What is not here (files, settings, catalogues,
 * `query()`, sequences, extensions) cannot be called.
 */
export const allowedFunctions: ReadonlySet<string> = new Set(
  `
  abs acos add any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_min
  argmax argmin array_agg array_append array_concat array_contains array_distinct array_filter
  array_has array_length array_position array_prepend array_slice array_sort array_to_json
  array_to_string array_transform array_unique ascii asin atan atan2 avg base64 bar bin bit_and
  bit_count bit_length bit_or bit_xor bitstring_agg bool_and bool_or cardinality cbrt ceil ceiling
  century char_length character_length chr coalesce concat concat_ws contains corr cos cot count
  count_if count_star countif covar_pop covar_samp cume_dist date_add date_diff date_part date_sub
  date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear decade
  decode degrees dense_rank divide editdist3 element_at encode ends_with entropy epoch epoch_ms
  epoch_ns epoch_us equi_width_bins era even exp extract factorial favg filter first first_value
  flatten floor format format_bytes from_base64 from_binary from_hex fsum gcd generate_series
  geomean geometric_mean greatest group_concat grouping hamming hash hex histogram hour if ifnull
  ilike_escape instr isfinite isinf isnan isodow isoyear jaccard jaro_similarity
  jaro_winkler_similarity json json_array json_array_length json_contains json_exists json_extract
  json_extract_path json_extract_path_text json_extract_string json_group_array json_group_object
  json_keys json_merge_patch json_object json_quote json_structure json_transform json_type
  json_valid json_value julian kurtosis lag last last_day last_value lcase lcm lead least left
  left_grapheme len length levenshtein like_escape list list_aggr list_aggregate list_any_value
  list_append list_apply list_avg list_concat list_contains list_count list_distinct list_element
  list_extract list_filter list_first list_has list_has_all list_has_any list_indexof list_last
  list_max list_median list_min list_mode list_position list_prepend list_product list_reduce
  list_resize list_reverse list_reverse_sort list_slice list_sort list_stddev_samp list_string_agg
  list_sum list_transform list_unique list_value list_zip listagg ln log log10 log2 lower lpad ltrim
  mad make_date make_time make_timestamp map map_entries map_extract map_from_entries map_keys
  map_values max max_by md5 md5_number mean median microsecond millennium millisecond min min_by
  minute mismatches mod mode month monthname multiply nanosecond nfc_normalize not_ilike_escape
  not_like_escape nth_value ntile nullif octet_length ord parse_dirname parse_path percent_rank pi
  position pow power prefix printf product quantile quantile_cont quantile_disc quarter radians
  range rank reduce regexp_count regexp_escape regexp_extract regexp_extract_all regexp_full_match
  regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regr_avgx regr_avgy
  regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat replace reverse
  right round row row_number rpad rtrim second sem sha1 sha256 sign signbit sin skewness split
  split_part sqrt starts_with stddev stddev_pop stddev_samp str_split str_split_regex strftime
  string_agg string_split string_split_regex string_to_array strip_accents strlen strpos strptime
  struct_extract struct_pack substr substring subtract suffix sum sum_no_overflow sumkahan tan
  time_bucket timezone timezone_hour timezone_minute to_base to_base64 to_binary to_days to_hex
  to_hours to_json to_microseconds to_milliseconds to_minutes to_months to_seconds to_timestamp
  to_weeks to_years today trailing transaction_timestamp translate trim trunc try_strptime typeof
  ucase unbin unhex unicode unnest unpivot_list upper url_decode url_encode var_pop var_samp variance
  week weekday weekofyear year yearweek now current_date current_timestamp get_current_timestamp
  row_to_json list_grade_up element_at map_contains array_extract json_extract_text
  `
    .trim()
    .split(/\s+/),
);
