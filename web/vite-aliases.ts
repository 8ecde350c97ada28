/**
 * @grafana/data brings every change of every clock since 1900 (730 kB). What dashboards show lies
 * within these years.
 */
export const panelAliases: Readonly<Record<string, string>> = {
  'moment-timezone': 'moment-timezone/builds/moment-timezone-with-data-1970-2030.js',
};
