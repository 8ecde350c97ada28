/** Requests to others as an `http_config` of Prometheus says. */
export {
  createHttpClient,
  type HttpClient,
  type HttpClientDeps,
  type HttpRequest,
  type HttpResponse,
} from './client.ts';
