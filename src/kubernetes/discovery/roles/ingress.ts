import type { Ingress, IngressRule } from 'kubernetes-types/networking/v1.d.ts';
import { addObject, type LabelSet, namespaceLabel, set } from '../labels.ts';
import { addNamespace, type Build } from './contract.ts';

/** A path of a rule, under its host: for probes from outside. */
export const buildIngress: Build<Ingress> = ({ metadata, spec }, neighbours) => {
  const labels: LabelSet = { [namespaceLabel]: metadata?.namespace ?? '' };
  set(labels, 'ingress_class_name', spec?.ingressClassName);
  addObject(labels, 'ingress', metadata);
  addNamespace(labels, neighbours, metadata?.namespace);
  const covered = (spec?.tls ?? []).flatMap(({ hosts }) => hosts ?? []);
  const targets = (spec?.rules ?? []).flatMap((rule) => {
    const host = rule.host ?? '';
    const scheme = covered.some((pattern) => covers(pattern, host)) ? 'https' : 'http';
    return pathsOf(rule).map((path) => {
      const target: LabelSet = { __address__: host };
      set(target, 'ingress_scheme', scheme);
      set(target, 'ingress_host', host);
      set(target, 'ingress_path', path);
      return target;
    });
  });
  return { targets, labels };
};

const pathsOf = ({ http }: IngressRule): string[] =>
  http === undefined ? ['/'] : http.paths.map(({ path }) => path || '/');

/** `*.example.com` covers one more name, not two. */
function covers(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  if (!pattern.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot >= 0 && host.slice(dot) === pattern.slice(1);
}
