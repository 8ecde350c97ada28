/** Files of `provisioning/alerting`: rules, contact points, policies, mute timings, templates. */
export { type FileProblem, problemText } from './file.ts';
export { type AlertProvisioningDeps, provisionFolder, reloadFolder } from './provisioning.ts';
