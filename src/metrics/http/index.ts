/** Requests to others as an `http_config` of Prometheus says. */
export { type AddressCheck, checkedLookup } from './address-check.ts';
export {
  createHttpClient,
  type HttpClient,
  type HttpClientDeps,
  type HttpRequest,
  type HttpResponse,
} from './client.ts';
