import {
  type LabelMatcher,
  type Labels,
  labelMatcher,
  labelValue,
  withLabel,
} from '#metrics/model';

/** Labels with those of this server, where they have no value of their own. */
export function withExternalLabels(
  labels: Labels,
  external: Readonly<Record<string, string>>,
): Labels {
  let all = labels;
  for (const [name, value] of Object.entries(external)) {
    if (labelValue(all, name) === '') all = withLabel(all, name, value);
  }
  return all;
}

/**
 * Matchers for what is stored, of matchers for what leaves: stored series lack the external labels, so
 * a demand for one of them is a demand that the series has none of its own.
 */
export function withoutExternalMatchers(
  matchers: readonly LabelMatcher[],
  external: Readonly<Record<string, string>>,
): readonly LabelMatcher[] {
  return matchers.map((matcher) =>
    matcher.operator === '=' && external[matcher.name] === matcher.value && matcher.value !== ''
      ? labelMatcher(matcher.name, '=', '')
      : matcher,
  );
}
