/** Asks the API server who somebody is and what they may do: delegated authentication and authorisation. */
export {
  type AccessQuestion,
  type AccessVerdict,
  type Identity,
  KubernetesIdentity,
  type KubernetesIdentityDeps,
} from './identity.ts';
