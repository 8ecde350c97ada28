/** Calling AWS: credentials as the SDKs find them, instance metadata, CloudWatch Logs. */
export { awsDomain, CredentialChain, type CredentialOptions } from './credentials.ts';
export { ImdsClient, type ImdsOptions } from './imds.ts';
export {
  type AwsSender,
  LogsClient,
  type LogsClientOptions,
  LogsServiceError,
} from './logs-client.ts';
