import type { WireIncident } from '../../api/incidents.ts';
import type { StatusKind } from '../../ui/states.tsx';

export const severityKind: Readonly<Record<WireIncident['severity'], StatusKind>> = {
  normal: 'info',
  medium: 'warning',
  high: 'critical',
  critical: 'critical',
};

export const severityRank: Readonly<Record<WireIncident['severity'], number>> = {
  normal: 0,
  medium: 1,
  high: 2,
  critical: 3,
};
