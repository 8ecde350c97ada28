import type { Need, NeedBy } from '../contract.ts';
import { type Clue, clueOf } from './clues.ts';
import { serviceOfHost } from './hosts.ts';
import type { HostReference } from './references.ts';
import type { DownService } from './services.ts';

/** Something that a workload's events or last lines told. */
export interface Lead {
  readonly clue?: Clue | undefined;
  readonly by?: NeedBy | undefined;
  /** The line. */
  readonly text?: string | undefined;
  /** Objects that its events name as missing. */
  readonly shares?: readonly string[] | undefined;
}

const maxLeads = 20;
const maxTextChars = 200;

/** Lines that tell of somebody who does not answer, the last ones first. */
export function leadsOf({
  events,
  log,
}: {
  readonly events: readonly string[];
  readonly log: string;
}): readonly Lead[] {
  const of = (lines: readonly string[], by: NeedBy): readonly Lead[] =>
    lines.toReversed().flatMap((line): Lead[] => {
      const clue = clueOf(line);
      return clue === undefined ? [] : [{ clue, by, text: line.trim().slice(0, maxTextChars) }];
    });
  const probes = events.filter((event) => /probe (?:failed|errored)/i.test(event));
  return [...of(log.split('\n'), 'log'), ...of(probes, 'probe')].slice(0, maxLeads);
}

export interface NeedQuestion {
  /** Of the workload in trouble. */
  readonly namespace: string;
  /** Services of others that are down. */
  readonly down: readonly DownService[];
  readonly references: readonly HostReference[];
  readonly leads: readonly Lead[];
  readonly has: (namespace: string, name: string) => boolean;
  /** Whether the workload behind a Service needs this one in turn. */
  readonly namesBack?: (service: DownService) => boolean;
}

/**
 * The Service that a workload needs and that is down. Both must be there, a name of it and its state:
 * what its last lines say comes first, then what it is made to use. Undefined: it needs none of them.
 */
export function findNeed(question: NeedQuestion): Need | undefined {
  const { down, references, leads, namespace, has, namesBack = () => false } = question;
  const find = (host: string): DownService | undefined => {
    const byAddress = down.find(({ addresses }) => addresses.includes(host));
    if (byAddress !== undefined) return byAddress;
    const named = serviceOfHost(host, namespace, has);
    if (named === undefined) return undefined;
    return down.find(
      ({ service }) => service.namespace === named.namespace && service.name === named.name,
    );
  };
  const needOf = ({ service, workload }: DownService, by: NeedBy, where: string): Need => ({
    service,
    workload,
    by,
    where,
  });
  for (const { clue, by = 'log', text = '' } of leads) {
    for (const { host } of clue?.hosts ?? []) {
      const found = find(host);
      if (found !== undefined) return needOf(found, by, text);
    }
  }
  const dns = down.find(({ isDns }) => isDns);
  const name = leads.find(({ clue }) => clue?.isName === true);
  if (dns !== undefined && name !== undefined) return needOf(dns, 'dns', name.text ?? '');
  for (const { host, by, where } of references) {
    const found = find(host);
    if (found !== undefined && !namesBack(found)) return needOf(found, by, where);
  }
  return undefined;
}
