import type { Dashboard } from '#dashboards/model';
import { clusterVariable, dashboard, dataSourceVariable, labelVariable } from '../build.ts';
import { q, stat, steps, timeSeries } from '../panels.ts';

const dns = (metric: string, matchers = ''): string =>
  `${metric}{job=~"coredns|kube-dns", cluster="$cluster", instance=~"$instance"${matchers}}`;
const rate = (metric: string, matchers = ''): string =>
  `rate(${dns(metric, matchers)}[$__rate_interval])`;
const within = (share: number, metric: string, by = ''): string =>
  `histogram_quantile(${share}, sum by (le${by}) (${rate(`${metric}_bucket`)}))`;

export const coredns: Dashboard = dashboard({
  uid: 'nunchi-coredns',
  title: 'Kubernetes / CoreDNS',
  description:
    'Names that the cluster asks for: how many, how fast, how many fail, how many the cache knows.',
  tags: ['kubernetes', 'dns'],
  variables: [
    dataSourceVariable,
    clusterVariable,
    labelVariable(
      'instance',
      'label_values(up{job=~"coredns|kube-dns", cluster="$cluster"}, instance)',
      { label: 'Instance', isMulti: true },
    ),
  ],
  sections: [
    {
      panels: [
        stat('Up', [q(`sum(${dns('up')})`)], {
          decimals: 0,
          thresholds: steps('red', [1, 'green']),
        }),
        stat('Requests', [q(`sum(${rate('coredns_dns_requests_total')})`)], { unit: 'reqps' }),
        stat(
          'Server failures',
          [
            q(
              `(sum(${rate('coredns_dns_responses_total', ', rcode="SERVFAIL"')}) or vector(0)) / sum(${rate('coredns_dns_responses_total')})`,
            ),
          ],
          { unit: 'percentunit', thresholds: steps('green', [0.01, 'orange'], [0.05, 'red']) },
        ),
        stat('99 of 100 within', [q(within(0.99, 'coredns_dns_request_duration_seconds'))], {
          unit: 's',
          thresholds: steps('green', [0.1, 'orange'], [1, 'red']),
        }),
        stat(
          'Found in the cache',
          [
            q(
              `sum(${rate('coredns_cache_hits_total')}) / (sum(${rate('coredns_cache_hits_total')}) + sum(${rate('coredns_cache_misses_total')}))`,
            ),
          ],
          { unit: 'percentunit' },
        ),
        stat('Panics', [q(`sum(increase(${dns('coredns_panics_total')}[$__range]))`)], {
          decimals: 0,
          hasGraph: false,
          thresholds: steps('green', [1, 'red']),
        }),
      ],
    },
    {
      title: 'Requests and answers',
      panels: [
        timeSeries(
          'Requests by type',
          [q(`sum by (type) (${rate('coredns_dns_requests_total')})`, '{{type}}')],
          { unit: 'reqps', min: 0, isStacked: true },
        ),
        timeSeries(
          'Answers by code',
          [q(`sum by (rcode) (${rate('coredns_dns_responses_total')})`, '{{rcode}}')],
          { unit: 'reqps', min: 0, isStacked: true },
        ),
        timeSeries(
          'Requests by zone',
          [q(`sum by (zone) (${rate('coredns_dns_requests_total')})`, '{{zone}}')],
          { unit: 'reqps', min: 0 },
        ),
        timeSeries(
          'Time of an answer',
          [
            q(within(0.5, 'coredns_dns_request_duration_seconds'), 'half within'),
            q(within(0.9, 'coredns_dns_request_duration_seconds'), '90 % within'),
            q(within(0.99, 'coredns_dns_request_duration_seconds'), '99 % within'),
          ],
          { unit: 's', min: 0 },
        ),
        timeSeries(
          'Size of requests and answers',
          [
            q(within(0.99, 'coredns_dns_request_size_bytes'), 'requests, 99 % within'),
            q(within(0.99, 'coredns_dns_response_size_bytes'), 'answers, 99 % within'),
          ],
          { unit: 'bytes', min: 0 },
        ),
        timeSeries(
          'Requests by protocol',
          [q(`sum by (proto) (${rate('coredns_dns_requests_total')})`, '{{proto}}')],
          { unit: 'reqps', min: 0 },
        ),
      ],
    },
    {
      title: 'Cache and servers that are asked',
      panels: [
        timeSeries(
          'Cache',
          [
            q(`sum by (type) (${rate('coredns_cache_hits_total')})`, 'found: {{type}}'),
            q(`sum(${rate('coredns_cache_misses_total')})`, 'not found'),
          ],
          { unit: 'reqps', min: 0 },
        ),
        timeSeries(
          'Entries of the cache',
          [q(`sum by (type) (${dns('coredns_cache_entries')})`, '{{type}}')],
          { min: 0 },
        ),
        timeSeries(
          'Asked of other servers',
          [
            q(
              `sum by (to) (${rate('coredns_proxy_request_duration_seconds_count')} or ${rate('coredns_forward_request_duration_seconds_count')})`,
              '{{to}}',
            ),
          ],
          { unit: 'reqps', min: 0 },
        ),
        timeSeries(
          'Time of their answers',
          [
            q(
              `sum by (to) (${rate('coredns_proxy_request_duration_seconds_sum')} or ${rate('coredns_forward_request_duration_seconds_sum')}) / (sum by (to) (${rate('coredns_proxy_request_duration_seconds_count')} or ${rate('coredns_forward_request_duration_seconds_count')}) > 0)`,
              '{{to}}',
            ),
          ],
          { unit: 's', min: 0, description: 'Mean.' },
        ),
      ],
    },
    {
      title: 'Process',
      panels: [
        timeSeries('CPU', [q(rate('process_cpu_seconds_total'), '{{instance}}')], {
          min: 0,
          w: 8,
          description: 'Cores.',
        }),
        timeSeries('Memory', [q(dns('process_resident_memory_bytes'), '{{instance}}')], {
          unit: 'bytes',
          min: 0,
          w: 8,
        }),
        timeSeries('Goroutines', [q(dns('go_goroutines'), '{{instance}}')], {
          min: 0,
          w: 8,
        }),
      ],
    },
  ],
});
