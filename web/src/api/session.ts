import { callApi } from './client.ts';

export interface Session {
  /** Absent: log in first. */
  readonly principal?: { readonly kind: string; readonly name: string; readonly role: string };
  readonly loginRequired: boolean;
  readonly server: Readonly<Record<string, string | undefined>>;
}

export const sessionApi = {
  get: (): Promise<Session> => callApi('nunchi/session'),
  login: (name: string, password: string): Promise<unknown> =>
    callApi('nunchi/login', { method: 'POST', body: { name, password } }),
  logout: (): Promise<void> => callApi('nunchi/logout', { method: 'POST', body: {} }),
};
