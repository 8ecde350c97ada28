import { createTheme, type GrafanaTheme2 } from '@grafana/data';

const themes: { dark?: GrafanaTheme2; light?: GrafanaTheme2 } = {};

/**
 * What turns Grafana's names of hues (`semi-dark-red`) and its palettes into colours of the theme that
 * is on. Only its `visualization` is used: the look of the console comes from the tokens.
 */
export function grafanaTheme(isDark: boolean): GrafanaTheme2 {
  const mode = isDark ? 'dark' : 'light';
  themes[mode] ??= createTheme({ colors: { mode } });
  return themes[mode];
}
