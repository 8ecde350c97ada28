import { useQuery } from '@tanstack/react-query';
import { sessionApi } from '../../api/session.ts';

/** Whether who is logged in may change data sources. */
export function useMayEdit(): boolean {
  const session = useQuery({ queryKey: ['session'], queryFn: sessionApi.get, staleTime: 60_000 });
  const role = session.data?.principal?.role;
  return role === 'admin' || role === 'editor';
}
