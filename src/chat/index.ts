/** The bot in the chat: answers about the cluster, tells of events, runs what is automated. */
export type { AuditRecord, NeededRight, OwnCommand } from './bot.ts';
export { Chat, type ChatDeps } from './chat.ts';
export { type ChatText, readBotkubeConfig } from './config/botkube.ts';
export type { ChatConfig } from './config/contract.ts';
export type { Reply } from './reply.ts';
export { textTable } from './text-table.ts';
