import type { Severity, Trouble } from '../contract.ts';

export interface VolumeRules {
  /** Percent of the capacity from which on it is told. */
  readonly threshold: number;
  readonly criticalThreshold: number;
  /** Percent below which it is over. */
  readonly clearThreshold: number;
}

export interface MeasuredVolume {
  readonly namespace: string;
  readonly claim: string;
  /** Name of the PersistentVolume; empty: not known. */
  readonly volume: string;
  /** A pod that has it mounted; empty: not known. */
  readonly pod: string;
  readonly node?: string | undefined;
  readonly usedBytes: number;
  readonly capacityBytes: number;
}

/**
 * @param wasHigh it is a trouble already: it stays one until it falls below `clearThreshold`
 */
export function volumeTrouble(
  volume: MeasuredVolume,
  rules: VolumeRules,
  wasHigh: boolean,
  nowMs: number,
): Trouble | undefined {
  if (!(volume.capacityBytes > 0)) return undefined;
  const percent = (volume.usedBytes / volume.capacityBytes) * 100;
  const { threshold, criticalThreshold, clearThreshold } = rules;
  if (percent < threshold && !(wasHigh && percent >= Math.min(clearThreshold, threshold))) {
    return undefined;
  }
  const subject = {
    kind: 'PersistentVolumeClaim',
    namespace: volume.namespace,
    name: volume.claim,
  };
  const severity: Severity = percent >= criticalThreshold ? 'critical' : 'high';
  return {
    reason: 'VolumeUsageHigh',
    severity,
    subject,
    owner: subject,
    node: volume.node,
    message: volumeText(volume, percent, threshold),
    finding: {
      code: volume.pod === '' ? 'volume' : 'volumeOf',
      parameters: [Math.floor(percent), Number(threshold.toFixed(0)), volume.pod],
    },
    sinceMs: nowMs,
  };
}

/** The text that users of kwatch know, and may match. */
const volumeText = (
  { namespace, claim, volume, pod }: MeasuredVolume,
  percent: number,
  threshold: number,
): string =>
  `Volume Usage for ${claim} (${volume}) attached to pod ${pod} in namespace ${namespace} is ${percent.toFixed(2)}% (higher than ${threshold.toFixed(0)}%)`;
