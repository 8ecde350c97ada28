/** The command line: argv to command, and the wiring of each role. */

export { type AgentCommand, agentCommand, warmUpAgent } from './agent-process.ts';
export { runCli } from './cli.ts';
export { leanEnvironment, leanNodeFlags, leanProcess } from './lean-process.ts';
