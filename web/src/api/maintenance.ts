import type {
  WireWindow,
  WireWindows,
  WireWrittenWindow,
} from '../../../src/watch/api/wire-maintenance.ts';
import { callApi } from './client.ts';

export type { WireWindow, WireWrittenWindow } from '../../../src/watch/api/wire-maintenance.ts';

/** Times in which nobody is told of incidents. Every method throws ApiError. */
export const maintenanceApi = {
  list: (signal: AbortSignal): Promise<WireWindows> => callApi('nunchi/maintenance', { signal }),

  add: (window: WireWrittenWindow): Promise<WireWindow> =>
    callApi('nunchi/maintenance', { method: 'POST', body: window }),

  end: (id: string): Promise<void> =>
    callApi(`nunchi/maintenance/${encodeURIComponent(id)}`, { method: 'DELETE' }),
};
