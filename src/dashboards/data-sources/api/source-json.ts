import type { NumberedDataSource } from '#dashboards/data-sources';

const typeNames: Readonly<Record<string, string>> = {
  prometheus: 'Prometheus',
  cloudwatch: 'CloudWatch',
  'grafana-postgresql-datasource': 'PostgreSQL',
  postgres: 'PostgreSQL',
  'yesoreyeram-infinity-datasource': 'Infinity',
};

/** A data source as clients of Grafana read it. Of secrets the names only. */
export function sourceJson(source: NumberedDataSource): Readonly<Record<string, unknown>> {
  const { isBuiltIn, provisionedFrom, ...rest } = source;
  return {
    ...rest,
    orgId: 1,
    typeName: typeNames[source.type] ?? source.type,
    access: 'proxy',
    user: source.user ?? '',
    database: source.database ?? '',
    basicAuth: source.basicAuth ?? false,
    basicAuthUser: source.basicAuthUser ?? '',
    withCredentials: source.withCredentials ?? false,
    // Not of Grafana: where a data source that cannot be changed comes from.
    ...(isBuiltIn ? { isBuiltIn } : {}),
    ...(provisionedFrom === undefined ? {} : { provisionedFrom }),
  };
}
