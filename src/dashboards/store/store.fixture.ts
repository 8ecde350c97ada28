import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '#base';
import { openStateStore } from '#state';
import type { DashboardLimits } from './contract.ts';
import { type DashboardStore, openDashboardStore } from './store.ts';

export const limits: DashboardLimits = {
  maxCount: 1000,
  maxSizeBytes: 100_000,
  maxVersions: 5,
};

export interface StoreRig extends AsyncDisposable {
  readonly clock: ManualClock;
  store: DashboardStore;
  /** As after a restart: everything is read from the disk again. */
  reopen(): Promise<DashboardStore>;
}

/** A dashboard store on a folder of its own. */
export async function openRig(own: Partial<DashboardLimits> = {}): Promise<StoreRig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-dashboards-'));
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  let state = await openStateStore({ dataDir }, { clock });
  const open = (): Promise<DashboardStore> =>
    openDashboardStore({ ...limits, ...own }, { state, clock });
  const rig: StoreRig = {
    clock,
    store: await open(),
    reopen: async () => {
      await state[Symbol.asyncDispose]();
      state = await openStateStore({ dataDir }, { clock });
      rig.store = await open();
      return rig.store;
    },
    [Symbol.asyncDispose]: async () => {
      await state[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true });
    },
  };
  return rig;
}
