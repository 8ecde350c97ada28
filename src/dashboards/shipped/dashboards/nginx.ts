import type { Dashboard } from '#dashboards/model';
import { clusterVariable, dashboard, dataSourceVariable, labelVariable } from '../build.ts';
import { q, stat, steps, timeSeries } from '../panels.ts';

const web = (metric: string): string => `${metric}{cluster="$cluster", instance=~"$instance"}`;
const rate = (metric: string): string => `rate(${web(metric)}[$__rate_interval])`;
const ingress = (metric: string, matchers = ''): string =>
  `${metric}{cluster="$cluster", ingress=~"$ingress"${matchers}}`;
const ingressRate = (metric: string, matchers = ''): string =>
  `rate(${ingress(metric, matchers)}[$__rate_interval])`;

export const nginx: Dashboard = dashboard({
  uid: 'nunchi-nginx',
  title: 'NGINX',
  description: 'Series of nginx-prometheus-exporter, and those of the NGINX ingress controller.',
  tags: ['nginx'],
  variables: [
    dataSourceVariable,
    clusterVariable,
    labelVariable('instance', 'label_values(nginx_up{cluster="$cluster"}, instance)', {
      label: 'Instance',
      isMulti: true,
    }),
    labelVariable(
      'ingress',
      'label_values(nginx_ingress_controller_requests{cluster="$cluster"}, ingress)',
      { label: 'Ingress', isMulti: true },
    ),
  ],
  sections: [
    {
      panels: [
        stat('Up', [q(web('nginx_up'), '{{instance}}')], {
          thresholds: steps('red', [1, 'green']),
          hasGraph: false,
          w: 6,
          mappings: [
            {
              type: 'value',
              options: { 0: { text: 'Down', index: 0 }, 1: { text: 'Up', index: 1 } },
            },
          ],
        }),
        stat('Requests', [q(`sum(${rate('nginx_http_requests_total')})`)], { unit: 'reqps', w: 6 }),
        stat('Connections', [q(`sum(${web('nginx_connections_active')})`)], { decimals: 0, w: 6 }),
        stat(
          'Connections refused',
          [
            q(
              `sum(${rate('nginx_connections_accepted')}) - sum(${rate('nginx_connections_handled')})`,
            ),
          ],
          {
            unit: 'cps',
            thresholds: steps('green', [0.01, 'orange']),
            w: 6,
            description: 'Accepted and not handled: a limit was reached.',
          },
        ),
      ],
    },
    {
      title: 'Server',
      panels: [
        timeSeries('Requests', [q(rate('nginx_http_requests_total'), '{{instance}}')], {
          unit: 'reqps',
          min: 0,
        }),
        timeSeries(
          'Requests a connection',
          [
            q(
              `${rate('nginx_http_requests_total')} / (${rate('nginx_connections_handled')} > 0)`,
              '{{instance}}',
            ),
          ],
          { min: 0, decimals: 1 },
        ),
        timeSeries(
          'Connections',
          [
            q(web('nginx_connections_active'), '{{instance}} active'),
            q(web('nginx_connections_reading'), '{{instance}} reading'),
            q(web('nginx_connections_writing'), '{{instance}} writing'),
            q(web('nginx_connections_waiting'), '{{instance}} waiting'),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Connections accepted and handled',
          [
            q(rate('nginx_connections_accepted'), '{{instance}} accepted'),
            q(rate('nginx_connections_handled'), '{{instance}} handled'),
          ],
          { unit: 'cps', min: 0 },
        ),
      ],
    },
    {
      title: 'Ingress controller',
      isCollapsed: true,
      panels: [
        timeSeries(
          'Requests by ingress',
          [
            q(
              `sum by (ingress) (${ingressRate('nginx_ingress_controller_requests')})`,
              '{{ingress}}',
            ),
          ],
          { unit: 'reqps', min: 0, isStacked: true },
        ),
        timeSeries(
          'Errors by ingress',
          [
            q(
              `sum by (ingress) (${ingressRate('nginx_ingress_controller_requests', ', status=~"5.."')}) / (sum by (ingress) (${ingressRate('nginx_ingress_controller_requests')}) > 0)`,
              '{{ingress}}',
            ),
          ],
          { unit: 'percentunit', min: 0 },
        ),
        timeSeries(
          'Answers by status',
          [
            q(
              `sum by (status) (${ingressRate('nginx_ingress_controller_requests')})`,
              '{{status}}',
            ),
          ],
          { unit: 'reqps', min: 0, isStacked: true },
        ),
        timeSeries(
          '99 of 100 answers within',
          [
            q(
              `histogram_quantile(0.99, sum by (ingress, le) (${ingressRate('nginx_ingress_controller_request_duration_seconds_bucket')}))`,
              '{{ingress}}',
            ),
          ],
          { unit: 's', min: 0 },
        ),
      ],
    },
  ],
});
