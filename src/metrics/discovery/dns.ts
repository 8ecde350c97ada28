import { promises as systemDns } from 'node:dns';
import { readFileSync } from 'node:fs';
import { describeError } from '#base';
import type { DnsSdConfig } from '#metrics/config';
import type { Discoverer, DiscoveryDeps, DnsResolver, TargetGroup } from './contract.ts';

/** The name is not there, which is an answer; anything else is a failure and keeps the old targets. */
const absentCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** Names that are looked up every `refresh_interval`. Source: `discovery/dns` of Prometheus. */
export function dnsDiscoverer(config: DnsSdConfig, deps: DiscoveryDeps): Discoverer {
  const { clock, metrics, resolver = systemDns } = deps;
  const log = deps.log.child('metrics/discovery');
  const lookups = metrics.counter(
    'prometheus_sd_dns_lookups_total',
    'The number of DNS-SD lookups',
  );
  const failures = metrics.counter(
    'prometheus_sd_dns_lookup_failures_total',
    'The number of DNS-SD lookup failures',
  );
  const problems = new Map<string, string>();

  const group = async (name: string): Promise<TargetGroup | undefined> => {
    try {
      const targets = await lookUp(name, (full) => {
        lookups.add(1);
        return query(resolver, config, full);
      });
      problems.delete(name);
      return { source: name, labels: {}, targets };
    } catch (error) {
      failures.add(1);
      const reason = describeError(error);
      if (problems.get(name) !== reason) {
        log.warn('A DNS look-up for targets failed, the last ones stay', { name, reason });
      }
      problems.set(name, reason);
      return undefined;
    }
  };

  return {
    run: async (emit, signal) => {
      while (!signal.aborted) {
        const groups = await Promise.all(config.names.map(group));
        if (signal.aborted) return;
        emit(groups.filter((found) => found !== undefined));
        await clock.sleep(config.refreshIntervalMs, signal).catch(() => {});
      }
    },
  };
}

type Target = Record<string, string>;

async function lookUp(name: string, ask: (full: string) => Promise<Target[]>): Promise<Target[]> {
  for (const full of candidates(name)) {
    try {
      const targets = await ask(full);
      if (targets.length > 0)
        return targets.map((target) => ({ __meta_dns_name: name, ...target }));
    } catch (error) {
      if (!absentCodes.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return [];
}

/** The name with each of the machine's search domains, as its own resolver would try. */
function candidates(name: string): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const { search, dots } = resolverSettings();
  const extended = search.map((domain) => `${name}.${domain}`);
  const isFull = name.split('.').length - 1 >= dots;
  return isFull ? [name, ...extended] : [...extended, name];
}

function resolverSettings(): { readonly search: readonly string[]; readonly dots: number } {
  try {
    const text = readFileSync('/etc/resolv.conf', 'utf8');
    const search = /^\s*search\s+(.+)$/m.exec(text)?.[1] ?? '';
    const dots = /^\s*options\s.*\bndots:(\d+)/m.exec(text)?.[1];
    const domains = search.split(/\s+/).map((domain) => domain.replace(/\.$/, ''));
    return { search: domains.filter((domain) => domain !== ''), dots: Number(dots ?? 1) };
  } catch {
    return { search: [], dots: 1 }; // Not a Unix.
  }
}

async function query(resolver: DnsResolver, config: DnsSdConfig, name: string): Promise<Target[]> {
  const { port } = config;
  switch (config.type) {
    case 'SRV': {
      const records = await resolver.resolveSrv(name);
      return records.map((record) => ({
        // The dot at the end of a full name is no part of an address.
        __address__: `${record.name.replace(/\.$/, '')}:${record.port}`,
        __meta_dns_srv_record_target: `${record.name.replace(/\.$/, '')}.`,
        __meta_dns_srv_record_port: String(record.port),
      }));
    }
    case 'A':
      return (await resolver.resolve4(name)).map((ip) => ({ __address__: `${ip}:${port}` }));
    case 'AAAA':
      return (await resolver.resolve6(name)).map((ip) => ({ __address__: `[${ip}]:${port}` }));
    case 'MX':
      return (await resolver.resolveMx(name)).map(({ exchange }) => ({
        __address__: `${exchange.replace(/\.$/, '')}:${port}`,
        __meta_dns_mx_record_target: `${exchange.replace(/\.$/, '')}.`,
      }));
    case 'NS':
      return (await resolver.resolveNs(name)).map((target) => ({
        __address__: `${target.replace(/\.$/, '')}:${port}`,
        __meta_dns_ns_record_target: `${target.replace(/\.$/, '')}.`,
      }));
    default:
      return config.type satisfies never;
  }
}
