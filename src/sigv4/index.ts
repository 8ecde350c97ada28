/** AWS Signature Version 4: signing requests and URLs, and verifying those of others. */

export type { SigningCredentials } from './canonical.ts';
export { type PresignOptions, presignUrl, type SignOptions, signHeaders } from './sign.ts';
export {
  type CredentialScope,
  readCredentialScope,
  type SignedRequest,
  type VerifyOptions,
  verifyRequest,
} from './verify.ts';
