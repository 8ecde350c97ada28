import './no-eval.ts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { sessionApi } from './api/session.ts';
import { router } from './router.tsx';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refused it will refuse again; only a lost connection is worth a second try.
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.status === 0,
      staleTime: 5000,
      refetchOnWindowFocus: false,
    },
  },
});

// The shape of the frame that index.html holds stays until a whole page can take its place.
await Promise.all([
  client.prefetchQuery({ queryKey: ['session'], queryFn: sessionApi.get, staleTime: 60_000 }),
  router.load(),
]);

createRoot(document.getElementById('root') as HTMLElement).render(
  <QueryClientProvider client={client}>
    <RouterProvider router={router} />
  </QueryClientProvider>,
);
