/** Counted by the reader, reported by the metrics. All only grow. */
export interface TailStats {
  bytesRead: number;
  filesFound: number;
  filesOpened: number;
  filesClosed: number;
  filesRotated: number;
  filesTruncated: number;
  /** Files that went away with unread bytes. */
  filesLost: number;
  longLines: number;
  readErrors: number;
}

export function newTailStats(): TailStats {
  return {
    bytesRead: 0,
    filesFound: 0,
    filesOpened: 0,
    filesClosed: 0,
    filesRotated: 0,
    filesTruncated: 0,
    filesLost: 0,
    longLines: 0,
    readErrors: 0,
  };
}
