/** What others tell the chat over HTTP. */
export { type IncomingView, sourcesEdge } from './edge.ts';
